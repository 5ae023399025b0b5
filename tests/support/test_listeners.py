"""A listener that comes, and goes with connections in its backlog."""

import socket
from pathlib import Path

import pytest

from support.listeners import lets_in


def to_port(port: int) -> socket.socket:
    """A connection to a port of loopback."""
    return socket.create_connection(("127.0.0.1", port))


def to_path(path: Path) -> socket.socket:
    """A connection to a socket at a path."""
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        raise
    return line


def test_a_port_lets_in_while_somebody_listens() -> None:
    """Its backlog is enough: nobody has to accept."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert lets_in(lambda: to_port(port))

    assert not lets_in(lambda: to_port(port))


def test_a_path_lets_in_while_somebody_listens(tmp_path: Path) -> None:
    """Later it is there and nobody listens, or it is gone."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        assert lets_in(lambda: to_path(path))

    assert not lets_in(lambda: to_path(path))
    path.unlink()
    assert not lets_in(lambda: to_path(path))


@pytest.mark.parametrize("error", [ConnectionRefusedError, ConnectionResetError])
def test_who_was_in_the_backlog_was_not_let_in(error: type[OSError]) -> None:
    """The kernel resets those; seen once in a hundred runs, at the moment of closing."""

    def turned_away() -> socket.socket:
        raise error

    assert not lets_in(turned_away)
