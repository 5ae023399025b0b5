"""The time between being told to stop and stopping: everything is still answered, with a hint."""

import os
import signal
import socket
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DRAIN_SIGNAL: Final = signal.SIGUSR1
"""What the supervisor sends to its server processes. SIGTERM, SIGINT and SIGHUP are Granian's."""

REFUSE_SIGNAL: Final = signal.SIGUSR2
"""What follows it, a moment before the end."""

_DESCRIPTORS: Final = Path("/proc/self/fd")
_LET_IN_S: Final = 0.1
_LOOK_INTERVAL_S: Final = 0.001
_UNACKED: Final = 24
"""Where struct tcp_info of Linux has tcpi_unacked, in bytes from its start."""

_CLOSE: Final = (b"connection", b"close")


class Draining:
    """Whether this server process is about to stop. It never goes back."""

    def __init__(self) -> None:
        self.has_begun = False

    def begin(self, *_: object) -> None:
        """From now on `/readyz` says no, and every connection ends with its next answer.

        It can be a handler of signals; it only sets a flag, since a log line could interrupt one.
        """
        self.has_begun = True

    def listen(self) -> None:
        """Begin at DRAIN_SIGNAL, refuse at REFUSE_SIGNAL. For the main thread of a process."""
        signal.signal(DRAIN_SIGNAL, self.begin)
        signal.signal(REFUSE_SIGNAL, refuse_connections)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The same application, whose answers say `Connection: close` once draining has begun.

        A connection that is kept alive could get its next request while it is being closed. Who
        is told to open a new one opens it to a node that stays.
        """

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await app(scope, receive, _closing(send) if self.has_begun else send)

        return answer


def refuse_connections(*_: object) -> None:
    """Close every listening TCP socket of this process, and keep all that was accepted. On Linux.

    Granian stops listening and closes connections that have asked nothing yet in one step, so that
    the first request of a new one is lost. In the moment between this and that it is answered.
    """
    if not _DESCRIPTORS.is_dir():
        return
    for number in [int(entry.name) for entry in _DESCRIPTORS.iterdir()]:
        if found := _socket_at(number):
            with closing(found):
                if _is_listening(found):
                    _let_in(found)
                    _replace(number)


def _socket_at(descriptor: int) -> socket.socket | None:
    """A copy of the socket there, or None where there is nothing or something else."""
    try:
        copy = os.dup(descriptor)
    except OSError:
        return None
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        return None


def _is_listening(found: socket.socket) -> bool:
    is_tcp = found.family in {socket.AF_INET, socket.AF_INET6}
    return is_tcp and bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _let_in(listening: socket.socket) -> None:
    """Wait, not for long, until whoever is at the door has been let in: the kernel resets the rest.

    Of a socket that listens, the count of what is unacknowledged is that of those who wait.
    """
    deadline = time.monotonic() + _LET_IN_S
    while time.monotonic() < deadline:
        facts = listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _UNACKED + 4)
        if not int.from_bytes(facts[_UNACKED:], sys.byteorder):
            return
        time.sleep(_LOOK_INTERVAL_S)


def _replace(descriptor: int) -> None:
    """Put a socket in its place that listens where nobody calls.

    Granian's accept loop spins on a socket that is closed or fails, and then never ends.
    """
    with closing(socket.socket(socket.AF_UNIX)) as quiet:
        quiet.setblocking(False)  # noqa: FBT003 - The library's signature.
        # An empty name is an abstract one that Linux chooses: no file, no port.
        quiet.bind("")
        quiet.listen(0)
        os.dup2(quiet.fileno(), descriptor, inheritable=False)


def _closing(send: Send) -> Send:
    async def send_closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
        await send(message)

    return send_closing
