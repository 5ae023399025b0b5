"""What a server process that is about to stop tells everybody."""

import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from likeness.app import build
from likeness.app.draining import Draining, _let_in
from support.studio import studio

pytestmark = pytest.mark.anyio


async def test_everything_is_answered_and_connections_end(tmp_path: Path) -> None:
    """`/readyz` says no; photos, calls and the health of the process are as before."""
    draining = Draining()
    async with studio(tmp_path) as work:
        app = draining.around(build(work.service, draining))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            before = await client.get("/readyz")
            assert (before.status_code, before.headers.get("connection")) == (200, None)

            draining.begin()

            paths = ("/readyz", "/healthz", "/api/api.test", "/avatar/" + 32 * "0")
            replies = {path: await client.get(path) for path in paths}

    assert [503, 200, 200, 200] == [each.status_code for each in replies.values()]
    assert {"close"} == {each.headers["connection"] for each in replies.values()}
    assert replies["/readyz"].json() == {"status": "stopping"}
    assert int(replies["/readyz"].headers["retry-after"]) > 0


_REFUSING = """
import socket
from likeness.app.draining import refuse_connections
listener = socket.create_server(("127.0.0.1", 0))
caller = socket.create_connection(listener.getsockname())
accepted, _ = listener.accept()
others = [socket.socket(socket.AF_UNIX), *socket.socketpair()]
refuse_connections()
caller.sendall(b"kept")
assert accepted.recv(4) == b"kept"
assert socket.socket(fileno=listener.fileno()).family == socket.AF_UNIX
try:
    socket.create_connection(caller.getpeername())
except ConnectionRefusedError:
    print("refused")
"""


def test_refusing_keeps_what_was_accepted() -> None:
    """In a process of its own, since it closes everything that listens."""
    run = subprocess.run(
        [sys.executable, "-c", _REFUSING], capture_output=True, text=True, check=False
    )

    assert (run.stdout, run.stderr) == ("refused\n", "")


def take(listening: socket.socket) -> None:
    """Let one in, who then goes."""
    taken, _ = listening.accept()
    taken.close()


def test_whoever_is_at_the_door_is_let_in_first() -> None:
    """The kernel would reset connections that nobody took yet; but nobody waits for ever."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        waiting = socket.create_connection(listening.getsockname())
        taker = threading.Timer(0.03, take, [listening])
        started = time.monotonic()
        taker.start()
        _let_in(listening)
        took_s = time.monotonic() - started
        taker.join()
        waiting.close()
        late = socket.create_connection(listening.getsockname())
        _let_in(listening)
        late.close()

    assert took_s > 0.02
