"""A server process: it serves, drains, and stops in good order."""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from likeness.server.process import DRAIN_SIGNAL
from support.listeners import lets_in
from support.patience import PATIENCE_S, wait_until
from support.starting import Started

TESTS: Final = Path(__file__).parents[1]


class Running:
    """A process with the small application of support/plain_service.py."""

    def __init__(self, folder: Path, place: str) -> None:
        self.folder = folder
        self.process = Started(
            [sys.executable, "-m", "support.plain_service", place],
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            cwd=folder,
        )
        self.place = self.process.first_line()

    def connect(self) -> socket.socket:
        """A connection to it."""
        if self.place.startswith("unix:"):
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(PATIENCE_S)
            line.connect(str(self.folder / self.place.removeprefix("unix:")))
            return line
        address = urlsplit(self.place)
        return socket.create_connection((address.hostname, address.port), timeout=PATIENCE_S)

    def stop(self) -> int:
        """Tell it to stop, and wait; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def running(folder: Path, place: str = "127.0.0.1") -> Iterator[Running]:
    """A process that is killed at the end, if it still runs."""
    started = Running(folder, place)
    with started.process:
        try:
            yield started
        finally:
            started.process.kill()


def ask(line: socket.socket, path: str) -> str:
    """The answer to one request, head and all."""
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return hear(line)


def hear(line: socket.socket) -> str:
    """The next answer on a connection, or "" at its end."""
    heard = b""
    while b"\r\n\r\n" not in heard and (piece := line.recv(65536)):
        heard += piece
    return heard.decode()


@pytest.mark.parametrize("place", ["127.0.0.1", "::1", "unix:a.sock"])
def test_it_answers_wherever_it_listens(tmp_path: Path, place: str) -> None:
    """By a port of either family or a path; by the short way and the ordinary one."""
    with running(tmp_path, place) as server, server.connect() as line:
        assert ask(line, "/avatar/at-hand").endswith("hand")
        assert ask(line, "/other").endswith("/other False")
        assert "connection: keep-alive" in ask(line, "/other")
        line.close()

        assert server.stop() == 0
        assert (tmp_path / "ended").exists()


def test_it_drains_and_then_finishes_what_was_begun(tmp_path: Path) -> None:
    """Connections end with their next answer; new ones are refused; what was asked is answered."""
    with running(tmp_path) as server, server.connect() as kept, server.connect() as waiting:
        ask(kept, "/before")
        waiting.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        server.process.send_signal(DRAIN_SIGNAL)
        while "True" not in (said := ask(kept, "/draining")):
            assert "keep-alive" in said
        assert "connection: close" in said
        with server.connect() as late:
            assert "connection: close" in ask(late, "/avatar/at-hand")

        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not lets_in(server.connect))
        assert server.process.poll() is None
        (tmp_path / "go").touch()

        assert hear(waiting).endswith("/wait True")
        assert server.process.wait(PATIENCE_S) == 0
