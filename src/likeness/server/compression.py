"""Answers in gzip for clients that ask for it: fixed ones once, all others when they are sent.

Pictures are never compressed here, as their formats do that. The length of an answer with a secret
in it could reveal the secret (BREACH); every answer is therefore padded with a random number of
bytes.
"""

import secrets
import struct
import zlib
from collections.abc import Iterable
from typing import Final

from isal import isal_zlib
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LENGTH_MIN: Final = 1024
"""Bytes; less fits into one packet as it is."""

PADDING_LENGTH_MAX: Final = 64
"""Bytes of padding, at most, in an answer for one client."""

_TYPES: Final = frozenset(
    {"application/json", "text/css", "text/html", "text/javascript", "image/svg+xml"}
)
_HEADER: Final = b"\x1f\x8b\x08\x08" + bytes(4) + b"\x00\xff"
"""RFC 1952: gzip, deflate, a file name follows, no time, no level, no system."""

_RAW: Final = -15
"""The window of deflate without a header of zlib's."""


class Compressing:
    """An ASGI application whose answers are compressed where that is asked for and of use."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and accepts_gzip(scope["headers"]):
            send = _Compressor(send)
        await self._application(scope, receive, send)


class _Compressor:
    """`send` for one answer, whose start waits for the first part of the body."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Send a message of ASGI, compressed if it is a whole body worth that."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start:
            start, self._start = self._start, None
            if not message.get("more_body", False):
                message = _compressed(start, message)
            await self._send(start)
        await self._send(message)


class Fixed:
    """Bytes that do not change, and the same compressed, once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        compressor = zlib.compressobj(zlib.Z_BEST_COMPRESSION, zlib.DEFLATED, _RAW)
        self._gzip = _framed(data, compressor.compress(data) + compressor.flush(), b"")

    def response(
        self, request: Request, headers: dict[str, str], media_type: str | None
    ) -> Response:
        """The answer to a request, with these headers."""
        is_worth_it = _is_compressible(media_type or "", len(self._data))
        if not is_worth_it:
            return Response(self._data, 200, headers, media_type)
        headers = {**headers, "Vary": "Accept-Encoding"}
        if not accepts_gzip(request.scope["headers"]):
            return Response(self._data, 200, headers, media_type)
        return Response(self._gzip, 200, {**headers, "Content-Encoding": "gzip"}, media_type)


def accepts_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a client says that it reads gzip, by a weight that is not zero (RFC 9110, 12.5.3)."""
    weights: dict[bytes, bool] = {}
    for name, value in headers:
        if name == b"accept-encoding":
            weights |= dict(map(_weighed, value.lower().split(b",")))
    return weights.get(b"gzip", weights.get(b"*", False))


def _weighed(part: bytes) -> tuple[bytes, bool]:
    """An encoding, and whether it is welcome at all."""
    encoding, *parameters = (piece.strip() for piece in part.split(b";"))
    return encoding, not any(
        each.startswith(b"q=0") and not each[3:].strip(b".0") for each in parameters
    )


def _compressed(start: Message, message: Message) -> Message:
    """The body of an answer in gzip, and its headers changed; or the message as it was."""
    headers, body = MutableHeaders(raw=list(start.get("headers", ()))), message.get("body", b"")
    if "content-encoding" in headers or not _is_compressible(
        headers.get("content-type", ""), len(body)
    ):
        return message
    padding = b"x" * secrets.randbelow(PADDING_LENGTH_MAX)
    compressor = isal_zlib.compressobj(isal_zlib.ISAL_DEFAULT_COMPRESSION, zlib.DEFLATED, _RAW)
    packed = _framed(body, compressor.compress(body) + compressor.flush(), padding)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(packed))
    if "accept-encoding" not in headers.get("vary", "").lower():
        headers.add_vary_header("Accept-Encoding")
    start["headers"] = headers.raw
    return {**message, "body": packed}


def _is_compressible(content_type: str, length: int) -> bool:
    return length > LENGTH_MIN and content_type.partition(";")[0] in _TYPES


def _framed(data: bytes, deflated: bytes, padding: bytes) -> bytes:
    """A file of gzip; the padding stands where the name of the file would."""
    end = struct.pack("<LL", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return _HEADER + padding + b"\0" + deflated + end
