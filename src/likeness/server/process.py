"""A server process: it starts the application, listens, answers, and stops in good order."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

import uvloop
from starlette.types import Receive, Scope, Send

from likeness.server.draining import Draining
from likeness.server.head import Fields
from likeness.server.lifespan import Lifespan
from likeness.server.roster import ConnectionRoster

DRAIN_SIGNAL: Final = signal.SIGUSR1
"""The signal that the supervisor sends a while before SIGTERM."""

FIRST_REQUEST_S: Final = 0.5
"""How long the last accepted connections have for their first request: a round trip about the
world, and a client that is busy itself. Half of it was too short once, on a loaded machine."""

BACKLOG: Final = 1024
"""Connections that the kernel keeps for us until we take them."""

_LET_IN_S: Final = 0.1
_LOOK_INTERVAL_S: Final = 0.001
_UNACKED: Final = 24
"""Where struct tcp_info of Linux has tcpi_unacked, in bytes from its start."""


class Application(Protocol):
    """The served application: ASGI, and a look-up of answers in memory."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

    def at_hand(
        self, method: str, path: str, query: bytes, fields: Fields
    ) -> tuple[bytes, bytes] | None:
        """See `shortcut.Find`."""


Factory = Callable[[Draining], Application]


class ServerProcess:
    """Serves an application on sockets that listen, until SIGTERM.

    Requests under way get `timeout_s` seconds to end then. At most `connections_max` connections
    are open at a time. `ready` is called when requests are answered.
    """

    def __init__(
        self,
        factory: Factory,
        sockets: Sequence[socket.socket],
        *,
        connections_max: int,
        timeout_s: float,
        ready: Callable[[], None],
    ) -> None:
        self._factory = factory
        self._sockets = sockets
        self._connections_max = connections_max
        self._timeout_s = timeout_s
        self._ready = ready

    def run(self) -> None:
        """Serve; returns when it was told to stop and all is answered."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        loop, draining, told = asyncio.get_running_loop(), Draining(), asyncio.Event()
        application = self._factory(draining)
        roster = ConnectionRoster(
            application, connections_max=self._connections_max, find=application.at_hand
        )
        loop.add_signal_handler(signal.SIGTERM, told.set)
        loop.add_signal_handler(DRAIN_SIGNAL, _begin_draining, draining, roster)
        lifespan = Lifespan(application)
        await lifespan.start()
        watching = asyncio.create_task(roster.watch())
        servers = [await _listen(listening, roster) for listening in self._sockets]
        _set_apart()
        self._ready()
        await told.wait()
        # Where another process takes this one's place, the node goes on being ready.
        roster.drain()
        await self._refuse(servers)
        await roster.end(self._timeout_s)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await lifespan.stop()

    async def _refuse(self, servers: Sequence[asyncio.AbstractServer]) -> None:
        """Stop listening, and leave the last accepted connections time for a request."""
        for listening in self._sockets:
            await _let_in(listening)
        for server in servers:
            server.close()
        await asyncio.sleep(FIRST_REQUEST_S)


def _set_apart() -> None:
    """Freeze the objects that exist by now, which stay for ever, for the garbage collector.

    Else it scans all of them every now and then, and every request waits for 60 ms.
    """
    gc.collect()
    gc.freeze()


def _begin_draining(draining: Draining, roster: ConnectionRoster) -> None:
    draining.begin()
    roster.drain()


async def _listen(listening: socket.socket, roster: ConnectionRoster) -> asyncio.AbstractServer:
    loop = asyncio.get_running_loop()
    if listening.family == socket.AF_UNIX:
        return await loop.create_unix_server(roster.connection, sock=listening, backlog=BACKLOG)
    return await loop.create_server(roster.connection, sock=listening, backlog=BACKLOG)


async def _let_in(listening: socket.socket) -> None:
    """Wait, within a bound, until the backlog has been accepted: the kernel resets the rest.

    For a listening TCP socket, Linux reports the backlog as unacknowledged bytes.
    """
    if listening.family == socket.AF_UNIX or not sys.platform.startswith("linux"):
        return
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + _LET_IN_S
    while loop.time() < deadline_s:
        facts = listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _UNACKED + 4)
        if not int.from_bytes(facts[_UNACKED:], sys.byteorder):
            return
        await asyncio.sleep(_LOOK_INTERVAL_S)
