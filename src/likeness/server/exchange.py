"""One request and its answer, as an ASGI application takes and gives them."""

import asyncio
import logging
from typing import Final, Protocol

from starlette.types import ASGIApp, Message, Scope

from likeness.server.framing import Framing
from likeness.server.head import Head
from likeness.server.wire import Clock
from likeness.server.wire import head as head_bytes

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_FAILURE: Final = b"something failed here; the log of the service says what\n"
_FAILED: Final[Message] = {
    "type": "http.response.start",
    "status": 500,
    "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")],
}
_log = logging.getLogger(__name__)


class Line(Protocol):
    """The interface of a connection for its exchanges."""

    def write(self, *parts: bytes) -> None:
        """Send bytes."""

    @property
    def is_ending(self) -> bool:
        """Whether no further request is taken, even if this one asks for keep-alive."""

    @property
    def clock(self) -> Clock:
        """The bytes that end the heads of answers."""

    async def writable(self) -> None:
        """Return when the client has taken most of what was sent before, or is gone."""

    def read_on(self) -> None:
        """Read more of the body."""

    def answered(self, *, keeps_alive: bool) -> None:
        """The answer is complete, and said whether the connection stays."""

    def abort(self) -> None:
        """Abort the connection, also in the middle of an answer."""


class Exchange:
    """One request on a connection: its ASGI `receive` and `send`.

    `keeps_alive` says whether the connection may be used again after the answer, `held_length` how
    many bytes of the body wait for the application.
    """

    def __init__(self, line: Line, head: Head, scope: Scope) -> None:
        self._line = line
        self._head = head
        self._scope = scope
        self._news = asyncio.Event()
        self._body: list[bytes] = []
        self._waits_to_continue = head.expects_continue
        self._has_told_end = self._is_over = self._is_answered = self._is_lost = False
        self._start: Message | None = None
        self._framing: Framing | None = None
        self.keeps_alive = head.keeps_alive
        self.held_length = 0
        self.is_complete = False

    def body_came(self, data: bytes) -> None:
        """Keep a part of the body for the application."""
        self._waits_to_continue = False
        self._body.append(data)
        self.held_length += len(data)
        self._news.set()

    def request_ended(self) -> None:
        """No more of the body will come, since it is complete."""
        self._waits_to_continue = False
        self.is_complete = True
        self._news.set()

    def cut_off(self) -> None:
        """No more of the request will come, complete or not, and the answer is the last one."""
        self.keeps_alive = False
        self._is_over = True
        self._news.set()

    def lost(self) -> None:
        """The connection is gone."""
        self._is_lost = True
        self.cut_off()

    async def run(self, application: ASGIApp) -> None:
        """Have the application answer."""
        try:
            await self._run(application)
        except Exception:  # noqa: BLE001 - Whatever it is, the client gets an answer or an end.
            if not self._is_lost:
                _log.exception("a request failed")
                await self._fail()
        except BaseException:
            self._line.abort()
            raise

    async def _run(self, application: ASGIApp) -> None:
        await application(self._scope, self.receive, self.send)
        if not self._is_answered:
            raise RuntimeError("the application has not answered to the end")

    async def receive(self) -> Message:
        """A part of the body; `http.disconnect` when there is nothing more to wait for (ASGI)."""
        if self._waits_to_continue:
            self._waits_to_continue = False
            self._line.write(_CONTINUE)
        while not self._body and (self._has_told_end or not self.is_complete):
            if self._is_over or self._is_answered:
                return {"type": "http.disconnect"}
            self._line.read_on()
            await self._news.wait()
            self._news.clear()
        data = b"".join(self._body)
        self._body.clear()
        self.held_length = 0
        self._has_told_end = self.is_complete
        return {"type": "http.request", "body": data, "more_body": not self.is_complete}

    async def send(self, message: Message) -> None:
        """The start of the answer, then its body in one part or several (ASGI)."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        body, is_last = message.get("body", b""), not message.get("more_body", False)
        await self._line.writable()
        if self._framing:
            self._line.write(*self._framing.parts(body, is_last=is_last))
        else:
            self._begin(body, is_last=is_last)
        if is_last:
            self._is_answered = True
            self._news.set()
            self._line.answered(keeps_alive=self.keeps_alive)

    def _begin(self, body: bytes, *, is_last: bool) -> None:
        """Send the head, which waits for the first part of the body, and that."""
        if self._start is None:
            raise RuntimeError("an answer begins with http.response.start")
        status, given = self._start["status"], list(self._start.get("headers", ()))
        fields = [pair for pair in given if pair[0] != b"connection"]
        framing = Framing.of(self._head, status, fields, body, is_last=is_last)
        is_last_one = (b"connection", b"close") in given or framing.ends_connection
        # A client that still sends, or still waits to be asked to, could be misunderstood next.
        is_done = self.is_complete and not self._waits_to_continue
        self.keeps_alive &= is_done and not (is_last_one or self._line.is_ending)
        end = self._line.clock.keep if self.keeps_alive else self._line.clock.close
        parts = framing.parts(body, is_last=is_last)
        self._line.write(head_bytes(status, [*fields, *framing.fields]), end, *parts)
        self._framing = framing

    async def _fail(self) -> None:
        """Say so, where nothing was said yet; else all that can be done is to stop."""
        if self._framing:
            self._line.abort()
            return
        await self.send(_FAILED)
        await self.send({"type": "http.response.body", "body": _FAILURE})
