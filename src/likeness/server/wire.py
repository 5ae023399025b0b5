"""Heads of answers as bytes, the same on the short way and on the ordinary one."""

import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

Headers = Iterable[tuple[bytes, bytes]]

IDLE_S: Final = 75.0
"""How long a connection is kept between two requests: longer than the 60 s for which proxies and
clients keep theirs by default, so that they let go first and no request meets a closed door."""

_STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_KEEP: Final = b"connection: keep-alive\r\nkeep-alive: timeout=%d\r\n\r\n" % IDLE_S
_CLOSE: Final = b"connection: close\r\n\r\n"


def head(status: int, headers: Headers) -> bytes:
    """The status line and the header lines, to be followed by one of the endings of `Clock`.

    Raises ValueError for a header that would end early and begin another one.
    """
    lines = [b"%b: %b\r\n" % pair for pair in headers]
    block = b"".join(lines)
    if block.count(b"\n") != len(lines) or block.count(b"\r") != len(lines) or b"\0" in block:
        raise ValueError("a header has a line break or a NUL in it")
    return (_STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status) + block


class Clock:
    """The end of every head: the date, formatted once a second, and the Connection header.

    `keep` ends the head of an answer after which the connection stays, `close` that of a last one.
    """

    __slots__ = ("close", "keep")

    def __init__(self) -> None:
        self.tick()

    def tick(self) -> None:
        """Take the time again."""
        date = f"date: {formatdate(time.time(), usegmt=True)}\r\n".encode()
        self.keep = date + _KEEP
        self.close = date + _CLOSE


def refusal(status: int, text: str, clock: Clock) -> bytes:
    """A whole answer of one sentence, after which the connection ends."""
    body = text.encode() + b"\n"
    fields = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"x-content-type-options", b"nosniff"),
    ]
    return head(status, fields) + clock.close + body
