"""A connection without a network: what is written to it is kept, and it is told what comes in."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.types import ASGIApp

from likeness.server.connection import Connection
from likeness.server.deadlines import Phase
from likeness.server.roster import ConnectionRoster
from likeness.server.shortcut import Find
from support.patience import until

_WAITING = frozenset({Phase.SILENT, Phase.HEAD, Phase.IDLE, Phase.LINGER, Phase.CLOSING})
WRITE_LIMIT = 64 * 1024
"""Bytes that a client may leave untaken before the writer is told to pause, as with asyncio."""


class Line(asyncio.Transport):
    """The client's end. While it `takes`, what is written is taken at once.

    `written` is all that was written so far, `is_aborted` whether the server broke it off.
    """

    def __init__(self, peer: tuple[str, int] | None = ("127.0.0.1", 50000)) -> None:
        super().__init__()
        self._peer = peer
        self._protocol: Connection | None = None
        self._untaken = 0
        self._is_closing = False
        self.takes = True
        self.written = b""
        self.is_aborted = False
        self.has_ended = False
        self.reads = True

    def attach(self, connection: Connection) -> None:
        """Make the connection."""
        self._protocol = connection
        connection.connection_made(self)

    def take(self) -> None:
        """Take everything that is left, and go on taking."""
        self.takes, self._untaken = True, 0
        if self._protocol and not self._is_closing:
            self._protocol.resume_writing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Where the two ends are."""
        return {"peername": self._peer, "sockname": ("127.0.0.1", 8080)}.get(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        self.writelines([bytes(data)])

    def writelines(self, list_of_data: Any) -> None:
        """Keep them."""
        data = b"".join(list_of_data)
        self.written += data
        if not self.takes:
            self._untaken += len(data)
            if self._untaken > WRITE_LIMIT and self._protocol:
                self._protocol.pause_writing()

    def get_write_buffer_size(self) -> int:
        """What the client has not taken."""
        return self._untaken

    def write_eof(self) -> None:
        """The server says no more."""
        self.has_ended = True

    def is_closing(self) -> bool:
        """Whether the server has closed it."""
        return self._is_closing

    def close(self) -> None:
        """The server ends it, once all is taken."""
        self._is_closing = self.has_ended = True
        if not self._untaken:
            self._lose()

    def abort(self) -> None:
        """The server breaks it off."""
        self._is_closing = self.has_ended = self.is_aborted = True
        self._lose()

    def pause_reading(self) -> None:
        """The server takes nothing more for now."""
        self.reads = False

    def resume_reading(self) -> None:
        """The server takes more."""
        self.reads = True

    def _lose(self) -> None:
        if self._protocol:
            protocol, self._protocol = self._protocol, None
            protocol.connection_lost(None)


def roster_of(
    application: ASGIApp, *, find: Find | None = None, connections_max: int = 100
) -> ConnectionRoster:
    """A roster for the running event loop."""
    return ConnectionRoster(application, connections_max=connections_max, find=find)


def connect(roster: ConnectionRoster, **options: Any) -> tuple[Connection, Line]:
    """A new connection and the client's end of it."""
    connection, line = roster.connection(), Line(**options)
    line.attach(connection)
    return connection, line


async def settle(connection: Connection) -> None:
    """Return when nothing is under way on a connection any more."""
    await until(lambda: connection.phase in _WAITING)


async def converse(roster: ConnectionRoster, pieces: Sequence[bytes]) -> bytes:
    """What a server answers to pieces that come one after another on one connection.

    A piece comes when the server reads, as with a kernel between the two.
    """
    connection, line = connect(roster)
    for piece in pieces:
        await until(lambda: line.reads or line.is_closing())
        if line.is_closing() or connection.phase is Phase.LINGER:
            break
        connection.data_received(piece)
    await settle(connection)
    return line.written
