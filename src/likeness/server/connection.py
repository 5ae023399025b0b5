"""One connection: bytes to requests, one after another, and their answers to bytes.

Bytes that come while a request is answered are held, one chunk at most, and nothing more is read
until the answer is sent. So a client that sends without reading holds up nobody but itself.
"""

import asyncio
from typing import Final, Protocol, cast

from likeness.server.deadlines import DEADLINES, TAKEN_LENGTH_MIN, TAKING_S, Phase
from likeness.server.exchange import Exchange
from likeness.server.head import BadRequestError, Head
from likeness.server.parser import RequestParser
from likeness.server.scope import Peer, scope_of
from likeness.server.shortcut import Shortcut
from likeness.server.unsent import discard_unsent
from likeness.server.wire import Clock, refusal

BODY_AHEAD_MAX: Final = 64 * 1024
"""Bytes of a body that are read ahead of the application; then its sender has to wait."""

READ_AWAY_MAX: Final = 64 * 2**20
"""Bytes that are read away after the last answer, so that its receiver gets to read it."""

SLOW_AFTER_S: Final = 2.0
"""Where there are too many connections, one whose answer is untaken for so long is closed before
those that send and take."""

HEALTH_PATH: Final = b"/healthz"
"""The one path that is answered even when there are too many connections."""

# Comparing with these is quicker than looking a member up in a set, which hashes its name.
_SILENT, _HEAD, _BODY, _ANSWER = Phase.SILENT, Phase.HEAD, Phase.BODY, Phase.ANSWER
_IDLE, _LINGER, _CLOSING = Phase.IDLE, Phase.LINGER, Phase.CLOSING


class Roster(Protocol):
    """The state that all connections of a process share."""

    shortcut: Shortcut | None
    is_draining: bool

    @property
    def clock(self) -> Clock:
        """The clock that ends the heads of answers."""

    def enter(self, connection: "Connection") -> None:
        """Count a connection that was made, and say whether it is spare."""

    def leave(self, connection: "Connection") -> None:
        """Count a connection no more."""

    def begin(self, exchange: Exchange) -> None:
        """Have the application answer."""

    def may_hold(self, length: int) -> bool:
        """Count bytes that are held; False, and nothing is counted, where there are too many."""

    def let_go(self, length: int) -> None:
        """Count bytes no more."""


class Connection(asyncio.Protocol):
    """`phase` is its state, `since` the beginning of that, in seconds of the event loop's clock.

    One that `is_spare` is one too many: it answers only whether the service is alive.
    """

    def __init__(self, roster: Roster, loop: asyncio.AbstractEventLoop) -> None:
        self._roster = roster
        self._loop = loop
        self._parser = RequestParser(self)
        self._transport = cast("asyncio.Transport", None)
        self._peer = Peer()
        self._exchange: Exchange | None = None
        self._held = b""
        self._is_reading = True
        self._is_half_closed = False
        self._read_away = 0
        self._is_taking = True
        self._takes = asyncio.Event()
        self._takes.set()
        self._taken = (0.0, 0)
        self.phase = _SILENT
        self.since = loop.time()
        self.is_spare = False

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast("asyncio.Transport", transport)
        self._peer = Peer.of(transport)
        self._roster.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own name.
        """The connection is gone."""
        self._roster.leave(self)
        self._drop_held()
        self._takes.set()
        self._parser.close()
        if self._exchange:
            self._exchange.lost()

    def data_received(self, data: bytes) -> None:
        """The client has sent a piece, which the event loop keeps to 256 KiB."""
        phase = self.phase
        if phase is _LINGER:
            self._read_away += len(data)
            if self._read_away > READ_AWAY_MAX:
                self.abort()
        elif phase is _ANSWER or self._held:
            self._hold(data)
        elif phase is _IDLE or phase is _SILENT:
            self._take(data)
        else:
            self._parse(data)

    def eof_received(self) -> bool:
        """The client sends no more, but may read; True keeps the connection."""
        self._is_half_closed = True
        if self._exchange and not self._exchange.is_complete:
            self._exchange.cut_off()
            self._enter(_ANSWER)
        return self._exchange is not None

    def pause_writing(self) -> None:
        """The client takes its answer slowly."""
        self._is_taking = False
        self._takes.clear()

    def resume_writing(self) -> None:
        """The client has taken most of it."""
        self._is_taking = True
        self._takes.set()
        self._go_on()

    # Called by the parser.

    def head_came(self, head: Head) -> None:
        """A request begins. Raises BadRequestError where there are too many connections."""
        if self.is_spare and head.path != HEALTH_PATH:
            raise BadRequestError(503, "there are too many connections; try again in a moment")
        self._exchange = Exchange(self, head, scope_of(head, self._peer))
        self._enter(_BODY)
        self._roster.begin(self._exchange)

    def body_came(self, data: bytes) -> None:
        """A part of its body."""
        exchange = cast("Exchange", self._exchange)
        exchange.body_came(data)
        self.since = self._loop.time()
        if exchange.held_length > BODY_AHEAD_MAX:
            self._pause_reading()

    def request_ended(self) -> None:
        """It is complete."""
        cast("Exchange", self._exchange).request_ended()
        self._enter(_ANSWER)

    # Called by the exchange.

    def write(self, *parts: bytes) -> None:
        """Send bytes, unless there is nobody to take them."""
        if not self._transport.is_closing():
            self._transport.writelines(parts)

    @property
    def is_ending(self) -> bool:
        """Whether no further request is taken."""
        return self._roster.is_draining or self._parser.has_lost

    @property
    def clock(self) -> Clock:
        """The clock that ends the heads of answers."""
        return self._roster.clock

    async def writable(self) -> None:
        """Return when the client has taken most of what was sent before, or is gone."""
        await self._takes.wait()

    def read_on(self) -> None:
        """Read more of the body."""
        if not self._held:
            self._resume_reading()

    def answered(self, *, keeps_alive: bool) -> None:
        """The answer is complete, and said whether the connection stays."""
        is_complete = self._exchange is not None and self._exchange.is_complete
        self._exchange = None
        if keeps_alive:
            self._enter(_IDLE)
            self._go_on()
        elif is_complete and not self._held and not self._parser.has_lost:
            self.close()
        else:
            self._linger()

    def abort(self) -> None:
        """Abort the connection at once, in any state."""
        if self.phase is _ANSWER or self._transport.get_write_buffer_size():
            discard_unsent(self._transport)
        self._enter(_CLOSING)
        self._transport.abort()

    # Called by the roster.

    def check(self, now_s: float) -> int:
        """Abort it past its deadline; gives the bytes that the client has yet to take."""
        untaken_length = self._transport.get_write_buffer_size()
        deadline_s = DEADLINES.get(self.phase)
        if untaken_length and self._is_stuck(now_s, untaken_length):
            self.abort()
        elif deadline_s is not None and now_s - self.since > deadline_s:
            self._expire()
        return untaken_length

    def standing(self, now_s: float) -> tuple[int, int, float] | None:
        """Its rank for eviction, the lowest first; None for one that is being answered.

        Connections without any request go before idle ones, then those whose answer is untaken,
        then those that send a body, the shortest first. Of equals the oldest goes.
        """
        if self.phase is _BODY:
            return 3, self._parser.received, self.since
        if self.phase is _ANSWER:
            is_slow = not self._is_taking and now_s - self.since > SLOW_AFTER_S
            return (2, 0, self.since) if is_slow else None
        return (1 if self.phase is _IDLE else 0), 0, self.since

    def close(self) -> None:
        """End the connection when all that was sent is taken."""
        self._enter(_CLOSING)
        self._transport.close()

    def close_if_idle(self) -> None:
        """End the connection unless a request is here."""
        if self.phase is not _BODY and self.phase is not _ANSWER:
            self.close()

    def refuse(self, status: int, text: str) -> None:
        """Answer without a valid request, and end the connection."""
        self.write(refusal(status, text, self._roster.clock))
        self._linger()

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.since = self._loop.time()

    def _take(self, data: bytes) -> None:
        """Answer the next requests, by the short way where possible, else by the ordinary one."""
        shortcut = self._roster.shortcut
        if shortcut and self._is_taking and not self.is_spare:
            parts, data = shortcut.take(data)
            if parts:
                self._transport.writelines(parts)
                self._enter(_IDLE)
        if not data:
            return
        if self._is_taking:
            self._parse(data)
        else:
            self._hold(data)

    def _parse(self, data: bytes) -> None:
        try:
            rest = self._parser.feed(data)
        except BadRequestError as refused:
            self._refuse(refused)
            return
        if rest:
            self._hold(rest)
        elif self._parser.has_begun and (self.phase is _IDLE or self.phase is _SILENT):
            self._enter(_HEAD)

    def _refuse(self, refused: BadRequestError) -> None:
        """Answer with the error; in the middle of a body the application does."""
        if self._exchange:
            self._exchange.cut_off()
            self._enter(_ANSWER)
        else:
            self.refuse(refused.status, refused.text)

    def _go_on(self) -> None:
        """Parse the held bytes, once the answer before them is sent and taken."""
        if self.phase is not _IDLE or not self._is_taking:
            return
        held = self._held
        self._drop_held()
        if held:
            self._take(held)
        if not self._held:
            self._resume_reading()
        if self._is_half_closed and self.phase is _IDLE:
            self.close()

    def _hold(self, data: bytes) -> None:
        """Hold bytes that cannot be parsed yet; beyond the shared bound the connection ends."""
        if self._roster.may_hold(len(data)):
            self._held += data
            self._pause_reading()
        else:
            self.abort()

    def _drop_held(self) -> None:
        self._roster.let_go(len(self._held))
        self._held = b""

    def _pause_reading(self) -> None:
        if self._is_reading:
            self._is_reading = False
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if not self._is_reading and not self._transport.is_closing():
            self._is_reading = True
            self._transport.resume_reading()

    def _linger(self) -> None:
        """Half-close, and drain for a moment the bytes that the client still sends.

        Closing at once would have its system drop the answer before it is read.
        """
        self._drop_held()
        if self._is_half_closed or self._transport.is_closing():
            self.close()
            return
        self._enter(_LINGER)
        self._transport.write_eof()
        self._resume_reading()

    def _expire(self) -> None:
        if self.phase is _HEAD:
            self.refuse(408, "the head of the request did not arrive in time")
        elif self.phase is not _BODY:
            self.close()
        elif self._is_reading and self._exchange:
            self._exchange.cut_off()
            self._enter(_ANSWER)

    def _is_stuck(self, now_s: float, length: int) -> bool:
        """Whether the client has taken next to nothing of its answer for TAKING_S."""
        since, before = self._taken
        if since <= self.since or length > before:
            self._taken = (now_s, length)
            return False
        if now_s - since < TAKING_S:
            return False
        self._taken = (now_s, length)
        return before - length < TAKEN_LENGTH_MIN
