"""Slack's calling conventions in: a stream of bytes to a Form, within limits of length and time."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from likeness.errors import (
    InvalidCharset,
    InvalidJson,
    InvalidPostType,
    JsonNotObject,
    MissingPostType,
    Refusal,
    RequestTimeout,
    ServiceUnavailable,
    TooLarge,
)
from likeness.model import Secret
from likeness.webapi.form import Form, Pairs, check_names, check_single
from likeness.webapi.method import Method
from likeness.webapi.multipart import (
    FIELD_LENGTH_MAX,
    PARTS_MAX,
    parse_multipart,
    parse_urlencoded,
)

JSON: Final = "application/json"
URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
TEXT: Final = "text/plain"
_FORMS: Final = (URLENCODED, MULTIPART)
_TYPES: Final = (JSON, *_FORMS, TEXT)
_CHARSETS: Final = ("utf-8", "iso-8859-1")

FIELDS_LENGTH_MAX: Final = PARTS_MAX * FIELD_LENGTH_MAX
"""32 fields of 64 KiB: 2 MiB for everything in a request that is not the picture."""

URLENCODED_FACTOR: Final = 3
"""Percent-encoding makes up to three bytes of one."""

DRAIN_LENGTH_MAX: Final = 64 * 2**20
DRAIN_TIMEOUT_S: Final = 5.0
"""How much of an overlong body is read away, so that its sender gets to read the answer."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What one request may take: its time, its picture, and all bodies in memory together."""

    deadline_s: float = 30.0
    image_length_max: int = 10 * 2**20
    prepared_length_max: int = 32 * 2**20
    buffered_length_max: int = 256 * 2**20

    def upload_length_max(self, method: Method) -> int:
        """The longest picture that a method takes, in bytes; 0 when it takes none."""
        if not method.takes_upload:
            return 0
        return self.prepared_length_max if method.is_extension else self.image_length_max


class Reader:
    """Reads requests. One for each process, since it counts the bytes that all of them hold."""

    def __init__(self, limits: RequestLimits) -> None:
        self._limits = limits
        self._buffered_length = 0

    @asynccontextmanager
    async def read(self, request: Request, method: Method) -> AsyncIterator[Form]:
        """The form of a call, whose bytes count as held until the context is left.

        Raises what contract B 7 lists under steps 2 and 3, and TooLarge, RequestTimeout and
        ServiceUnavailable for bodies that are too long, too slow or too many.
        """
        async with self.read_form(request, self._limits.upload_length_max(method)) as form:
            yield form

    @asynccontextmanager
    async def read_form(self, request: Request, upload_length_max: int) -> AsyncIterator[Form]:
        """Like `read`, for any form: one with a file of at most so many bytes."""
        held = _Held(self)
        try:
            await _check_announced_type(request)
            body = b""
            if request.method == "POST":
                body = await self._body(request, upload_length_max, held)
            yield _parse(request, upload_length_max, body)
        finally:
            held.release()

    def hold(self, length: int) -> None:
        """Count bytes that are kept, or with a negative length no longer kept."""
        self._buffered_length += length
        if length > 0 and self._buffered_length > self._limits.buffered_length_max:
            raise ServiceUnavailable("too many uploads are under way; try again in a moment")

    async def _body(self, request: Request, upload_length_max: int, held: "_Held") -> bytes:
        length_max = _body_length_max(request, upload_length_max)
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > length_max:
            await drain(request)
            raise _too_long(int(announced), length_max)
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise InvalidPostType("the body is compressed; send it as it is, without encoding")
        try:
            async with asyncio.timeout(self._limits.deadline_s):
                return await _receive(request, length_max, held)
        except TimeoutError as error:
            raise RequestTimeout(
                f"the request did not arrive within {self._limits.deadline_s:g} s"
            ) from error
        except ClientDisconnect as error:
            raise RequestTimeout("the body ended before its announced length") from error


class _Held:
    """The bytes that one request holds, to be given back in one go."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._length = 0

    def add(self, length: int) -> None:
        self._length += length
        self._reader.hold(length)

    def release(self) -> None:
        self._reader.hold(-self._length)


def _body_length_max(request: Request, upload_length_max: int) -> int:
    is_urlencoded = _content_type(request)[0] == URLENCODED
    return FIELDS_LENGTH_MAX + upload_length_max * (URLENCODED_FACTOR if is_urlencoded else 1)


async def _receive(request: Request, length_max: int, held: _Held) -> bytes:
    chunks: list[bytes] = []
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > length_max:
            chunks.clear()
            await drain(request)
            raise _too_long(length, length_max)
        held.add(len(chunk))
        chunks.append(chunk)
    return b"".join(chunks)


async def drain(request: Request) -> None:
    """Read a body that is refused unseen for a while, so that its sender gets to read why.

    A client that asked whether to send is answered without a byte of its body.
    """
    if request.headers.get("expect", "").lower() == "100-continue":
        return
    length, deadline = 0, time.monotonic() + DRAIN_TIMEOUT_S
    while length < DRAIN_LENGTH_MAX:
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                message = await request.receive()
        except TimeoutError:
            return
        length += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


def _too_long(length: int, length_max: int) -> TooLarge:
    return TooLarge(
        f"the request has {length} bytes or more; at most {length_max} are allowed",
        argument="image",
    )


def _content_type(request: Request) -> tuple[str, str]:
    """The media type and the charset, both in small letters; "" for what is absent."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    return kind, options.get("charset", "").lower()


async def _check_announced_type(request: Request) -> None:
    """Raise what `_check_type` raises before the body is read, since types come before lengths.

    A chunked body without a type is left for later, for it may turn out to be empty.
    """
    kind, charset = _content_type(request)
    is_announced = request.headers.get("content-length", "0") != "0"
    if request.method == "POST" and (kind or is_announced):
        try:
            _check_type(kind, charset)
        except Refusal:
            await drain(request)
            raise


def _check_type(kind: str, charset: str) -> tuple[str, ...]:
    """The warnings that a type and its charset deserve, or the refusal (contract B 5.3)."""
    if not kind:
        raise MissingPostType(f"the body came without a Content-Type; send one of {_TYPES}")
    if kind not in _TYPES:
        raise InvalidPostType(f"the Content-Type is {kind[:60]!r}; send one of {_TYPES}")
    if charset and charset not in _CHARSETS:
        raise InvalidCharset(f"the charset is {charset[:60]!r}; it may be one of {_CHARSETS}")
    if kind in _FORMS:
        return ("superfluous_charset",) if charset else ()
    return () if charset else ("missing_charset",)


def _pairs(request: Request, kind: str, body: bytes, upload_length_max: int) -> Pairs:
    if kind == MULTIPART:
        return parse_multipart(body, request.headers["content-type"], upload_length_max)
    if kind == URLENCODED:
        return parse_urlencoded(body, upload_length_max)
    return _from_json(body) if kind == JSON and body.strip() else []


def _parse(request: Request, upload_length_max: int, body: bytes) -> Form:
    kind, charset = _content_type(request)
    warnings: tuple[str, ...] = ()
    pairs: Pairs = []
    if request.method == "POST" and (kind or body):
        warnings = _check_type(kind, charset)
        pairs = _pairs(request, kind, body, upload_length_max)
    query = [(name, value.encode()) for name, value in request.query_params.multi_items()]
    check_names(name for name, _ in [*query, *pairs])
    check_single(query)
    check_single(pairs)
    return _form(request, query, pairs, warnings)


def _from_json(body: bytes) -> Pairs:
    """The members of a JSON object as if they came in a form.

    Raises InvalidJson or JsonNotObject. An object nested too deeply for the parser is invalid.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidJson("the body was announced as JSON and is none") from error
    if not isinstance(document, dict):
        raise JsonNotObject(f"the body is a JSON {type(document).__name__}; send an object")
    return [(name, _as_text(value)) for name, value in document.items() if value is not None]


def _as_text(value: Any) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", errors="replace")


def _form(request: Request, query: Pairs, body: Pairs, warnings: tuple[str, ...]) -> Form:
    """Put everything together. Body fields win over the query (contract B 5.2)."""
    kind, charset = _content_type(request)
    in_query, in_body = dict(query), dict(body)
    query_token = in_query.pop("token", b"")
    body_token = in_body.pop("token", b"").decode("utf-8", errors="replace")
    # A body token wins over the header, but with JSON the header is the only place (B 5.1).
    token = body_token if body_token and kind in _FORMS else _bearer(request)
    return Form(
        values=in_query | in_body,
        token=Secret(token) if token else None,
        is_token_in_query=bool(query_token),
        encoding=charset or "utf-8",
        warnings=warnings,
    )


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
