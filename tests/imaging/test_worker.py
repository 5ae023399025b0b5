"""The worker process by itself: what it serves and refuses, what it is given, how it ends."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from likeness.imaging import wire
from likeness.imaging.handle import WorkerHandle
from likeness.imaging.worker import serve_one
from support.developing import planned
from support.pictures import encode, jpeg, photo

WAIT_S = 10.0


@contextmanager
def working() -> Iterator[WorkerHandle]:
    """A worker, ended afterwards."""
    handle = WorkerHandle.spawn()
    try:
        yield handle
    finally:
        handle.close()


def test_one_job_is_answered_with_its_files() -> None:
    """In the order of the plan."""
    data = jpeg(64, 64)
    made = planned(data)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(ours, wire.job_head(made), [data])
        serve_one(theirs)

        head, files = wire.receive(ours, 10**6)
    assert "refusal" not in head
    assert len(made.outputs) == len(files)


def test_a_refusal_is_answered_with_its_sentence() -> None:
    """And no file."""
    data = encode(photo(64, 64), "PNG")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(ours, wire.job_head(planned(data)), [data[:300]])
        serve_one(theirs)

        head, files = wire.receive(ours, 10**6)
    assert "damaged" in head["refusal"]
    assert files == []


FORMATS = """
import sys
import pyvips
from likeness.imaging.worker import prepare_libvips
prepare_libvips()
try:
    pyvips.Image.new_from_buffer(sys.stdin.buffer.read(), "")
except pyvips.Error:
    print("refused")
else:
    print("accepted")
"""

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>'


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (encode(photo(9, 9), "JPEG"), "accepted"),
        (encode(photo(9, 9), "PNG"), "accepted"),
        (encode(photo(9, 9), "GIF"), "accepted"),
        (encode(photo(9, 9), "WEBP"), "accepted"),
        (encode(photo(9, 9), "TIFF"), "refused"),
        (encode(photo(9, 9), "AVIF"), "refused"),
        (encode(photo(9, 9), "PPM"), "refused"),
        (SVG, "refused"),
        (b"1,2,3\n4,5,6\n", "refused"),
    ],
    ids=["jpeg", "png", "gif", "webp", "tiff", "avif", "ppm", "svg", "csv"],
)
def test_libvips_opens_four_formats_and_no_other(data: bytes, expected: str) -> None:
    """Tried one by one, since a misspelt name in the list of loaders would fail silently."""
    done = subprocess.run(
        [sys.executable, "-c", FORMATS], input=data, capture_output=True, check=True
    )

    assert expected == done.stdout.decode().strip()


def test_a_worker_inherits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the environment with its secrets, nor descriptors, nor a place of its own."""
    monkeypatch.setenv("LIKENESS_SECRET_KEY", "hush")
    with Path(__file__).open() as open_file, working() as worker:
        process = psutil.Process(worker.process.pid)
        names = set(process.environ())
        held = {str(link.readlink()) for link in Path(f"/proc/{process.pid}/fd").iterdir()}

        assert {name.split("_")[0] for name in names} <= {"LANG", "LC", "VIPS", "MALLOC"}
        assert open_file.name not in held
        assert process.cwd() == "/"


def test_a_worker_loads_nothing_of_ours_but_pictures() -> None:
    """There is nothing in it to steal, and little to go wrong."""
    code = "import sys, likeness.imaging.worker; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, check=True, text=True
    )

    ours = {name for name in done.stdout.split() if name.startswith("likeness.")}
    assert {name.split(".")[1] for name in ours} == {"errors", "imaging", "model"}
    assert not {"starlette", "sqlalchemy", "pydantic", "asyncio"} & set(done.stdout.split())


def test_a_worker_ends_when_its_socket_is_closed() -> None:
    """By itself and in peace."""
    with working() as worker:
        worker.stream.close()

        assert worker.process.wait(WAIT_S) == 0


PARENT = """
import time
from likeness.imaging.handle import WorkerHandle
handle = WorkerHandle.spawn()
print(handle.process.pid, flush=True)
time.sleep(60)
"""


def test_a_worker_dies_with_its_parent() -> None:
    """Also when it cannot read its socket, as in the middle of a picture."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout
    worker = psutil.Process(int(parent.stdout.readline()))
    worker.send_signal(signal.SIGSTOP)

    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + WAIT_S
    while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_worker_leaves_no_core_and_has_bounded_memory() -> None:
    """What can be given up at once is."""
    with working() as worker:
        limits = psutil.Process(worker.process.pid)

        assert limits.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        assert limits.rlimit(psutil.RLIMIT_AS) == (1536 * 2**20, 1536 * 2**20)
