"""All connections of a server process: their number, evictions, and shared memory bounds."""

import asyncio
from typing import Final

from starlette.types import ASGIApp

from likeness.server.connection import Connection
from likeness.server.exchange import Exchange
from likeness.server.shortcut import Find, Shortcut
from likeness.server.wire import Clock

ROUND_S: Final = 0.5
"""How often all connections are looked at; their deadlines are many times as long."""

SPARE_MAX: Final = 32
"""Connections beyond the bound that may still ask whether the service is alive."""

EVICTED_SHARE: Final = 20
"""Where there are too many, a twentieth of them goes at a time, so that looking for them costs
little for each that comes."""

HELD_LENGTH_MAX: Final = 32 * 2**20
"""Bytes that all clients together may send ahead of the answers that they wait for."""

_LOOK_INTERVAL_S: Final = 0.02
"""How soon it is noticed, at the end, that everybody has gone."""

_SEARCH_PAUSE_S: Final = 0.1
"""How long nobody is searched for after a search that found nobody."""

UNTAKEN_LENGTH_MAX: Final = 256 * 2**20
"""Bytes of answers that all clients together may leave untaken."""


class ConnectionRoster:
    """The connections of a server process, at most `connections_max` and a few spare ones.

    `find` gives answers that are at hand to the short way; without it there is none.
    """

    def __init__(
        self, application: ASGIApp, *, connections_max: int, find: Find | None = None
    ) -> None:
        self._application = application
        self._connections_max = connections_max
        self._connections: set[Connection] = set()
        self._spare: set[Connection] = set()
        self._answering: set[asyncio.Task[None]] = set()
        self._held_length = 0
        self._search_after_s = 0.0
        self.clock: Final = Clock()
        self.shortcut = Shortcut(find, self.clock) if find else None
        self.is_draining = False

    def __len__(self) -> int:
        return len(self._connections) + len(self._spare)

    def connection(self) -> Connection:
        """The protocol of a connection that is about to be made."""
        return Connection(self, asyncio.get_running_loop())

    def enter(self, connection: Connection) -> None:
        """Count a connection, for which others may have to go; one too many is told so."""
        if len(self._connections) >= self._connections_max:
            self._make_room()
        if len(self._connections) < self._connections_max:
            self._connections.add(connection)
            return
        connection.is_spare = True
        if len(self._spare) >= SPARE_MAX:
            self._evict(self._spare, 1)
        if len(self._spare) < SPARE_MAX:
            self._spare.add(connection)
        else:
            connection.refuse(503, "there are too many connections; try again in a moment")

    def leave(self, connection: Connection) -> None:
        """Count a connection no more."""
        self._connections.discard(connection)
        self._spare.discard(connection)

    def begin(self, exchange: Exchange) -> None:
        """Have the application answer."""
        task = asyncio.get_running_loop().create_task(exchange.run(self._application))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def may_hold(self, length: int) -> bool:
        """Count bytes that are held; False, and nothing is counted, where there are too many."""
        if self._held_length + length > HELD_LENGTH_MAX:
            return False
        self._held_length += length
        return True

    def let_go(self, length: int) -> None:
        """Count bytes no more."""
        self._held_length -= length

    async def watch(self) -> None:
        """Look at all connections again and again, for ever."""
        while True:
            await asyncio.sleep(ROUND_S)
            self.round()

    def round(self) -> None:
        """Abort connections past their deadline, and those that leave too many bytes untaken."""
        self.clock.tick()
        now_s = asyncio.get_running_loop().time()
        untaken = {each: each.check(now_s) for each in self._everybody()}
        length = sum(untaken.values())
        for connection in sorted(untaken, key=lambda each: each.since):
            if length <= UNTAKEN_LENGTH_MAX:
                break
            if untaken[connection]:
                connection.abort()
                length -= untaken[connection]

    def drain(self) -> None:
        """From now on each answer is the last one of its connection."""
        self.is_draining = True
        self.shortcut = None

    async def end(self, timeout_s: float) -> None:
        """Close idle connections, and return when all others are answered and their answers taken.

        Connections that take longer than `timeout_s` seconds are aborted.
        """
        self.drain()
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + timeout_s
        for connection in self._everybody():
            connection.close_if_idle()
        while len(self) and loop.time() < deadline_s:  # noqa: ASYNC110 - Connections end by themselves.
            await asyncio.sleep(_LOOK_INTERVAL_S)
        for connection in self._everybody():
            connection.abort()
        for task in self._answering:
            task.cancel()

    def _everybody(self) -> list[Connection]:
        return [*self._connections, *self._spare]

    def _make_room(self) -> None:
        """Close some idle connections, unless none was found a moment ago."""
        now_s = asyncio.get_running_loop().time()
        if now_s < self._search_after_s:
            return
        if not self._evict(self._connections, len(self._connections) // EVICTED_SHARE + 1):
            self._search_after_s = now_s + _SEARCH_PAUSE_S

    def _evict(self, connections: set[Connection], number: int) -> bool:
        """End so many of those that stand lowest, all for the same reason; False for none."""
        now_s = asyncio.get_running_loop().time()
        standings = [(each.standing(now_s), each) for each in connections]
        ordered = sorted((s, id(each), each) for s, each in standings if s is not None)
        for standing, _, connection in ordered[:number]:
            if standing[0] == ordered[0][0][0]:
                connection.abort()
                self.leave(connection)
        return bool(ordered)
