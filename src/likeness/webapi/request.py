"""Reads a request by Slack's conventions: a stream of bytes into a Form, within limits."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request

from likeness.errors import InvalidPostType, Refusal, RequestTimeout, ServiceUnavailable, TooLarge
from likeness.model import Caller, Secret
from likeness.webapi.bearer import bearer
from likeness.webapi.budget import UNCOUNTED_LENGTH, Budget, Hold
from likeness.webapi.content_type import JSON, MULTIPART, URLENCODED, ContentType
from likeness.webapi.form import Form, Pairs, check_names, check_single, in_utf_8
from likeness.webapi.json_object import parse_json
from likeness.webapi.limits import RequestLimits
from likeness.webapi.method import Method
from likeness.webapi.multipart import (
    FIELD_LENGTH_MAX,
    is_plain,
    parse_multipart,
    parse_urlencoded,
)
from likeness.webapi.slices import SLICE_LENGTH

PARSED_AT_A_TIME: Final = 1
"""Bodies of known senders that are parsed at a time, and as many of strangers beside them.

Parsing is Python's, so that more threads would only take turns. Strangers have a line of their own,
so that nobody else waits in it.
"""

AT_ONCE_LENGTH_MAX: Final = 512 * 1024
"""Bytes of a plain upload of a known sender that is parsed in the event loop, in 0.2 ms."""

_UTF_8: Final = "utf-8"

_DIGITS_MAX: Final = 18
"""Longer numbers are cut to this, which is too long by far in any case."""

DRAIN_LENGTH_MAX: Final = 64 * 2**20
DRAIN_TIMEOUT_S: Final = 5.0
"""How much of an overlong body is read away, so that its sender gets to read the answer."""


@dataclass(frozen=True, slots=True)
class _Head:
    """The type and length of a body, as the head of the request announces them; None: no length."""

    kind: ContentType
    length: int | None
    length_max: int

    def check(self) -> None:
        """Raise the refusal for the type, then for the length, before the body is read.

        A chunked body without a type is left for later, for it may turn out to be empty.
        """
        if self.kind.media or self.length:
            self.kind.check()
        self.check_length(self.length or 0)

    def check_length(self, length: int) -> None:
        """Raise TooLarge when a body has so many bytes, or more, and may not."""
        if length > self.length_max:
            advice = "" if self.kind.media == MULTIPART else f"; send a picture as {MULTIPART}"
            raise TooLarge(
                f"the request has {length} bytes or more; at most {self.length_max} are allowed"
                f"{advice}",
                argument="image",
            )


class Reader:
    """Reads requests. One for each process, since it counts the bytes that all of them hold."""

    def __init__(self, limits: RequestLimits) -> None:
        self._limits = limits
        self.budget: Final = Budget(limits.shares)
        self._of_known = CapacityLimiter(PARSED_AT_A_TIME)
        self._of_strangers = CapacityLimiter(PARSED_AT_A_TIME)

    @asynccontextmanager
    async def read(
        self, request: Request, method: Method, sender: Caller | None
    ) -> AsyncIterator[Form]:
        """The form of a call, whose bytes count as held by `sender` until the context is left.

        Without a sender they count as those of a stranger. Raises what contract § 2.1 lists in
        steps 2 and 3, and TooLarge, RequestTimeout and ServiceUnavailable for bodies that are too
        long, too slow or too many.
        """
        length_max = self._limits.upload_length_max(method)
        async with self.read_form(request, length_max, sender) as form:
            yield form

    @asynccontextmanager
    async def read_form(
        self, request: Request, upload_length_max: int, sender: Caller | None
    ) -> AsyncIterator[Form]:
        """Like `read`, for any form: one with a file of at most so many bytes."""
        address = request.client.host if request.client else ""
        with self.budget.hold(sender, address) as hold:
            form = await self._form(request, upload_length_max, hold)
            hold.shrink(form.length)
            yield form

    async def discard(self, request: Request, upload_length_max: int) -> None:
        """Read and drop a form that cannot be used, without storing or parsing it.

        Raises the refusals of `read_form` for the head of the request.
        """
        await _check_head(request, self._head(request, upload_length_max))
        await drain(request)

    async def _form(self, request: Request, upload_length_max: int, hold: Hold) -> Form:
        head = self._head(request, upload_length_max)
        await _check_head(request, head)
        body = await self._body(request, head, hold)
        warnings: tuple[str, ...] = ()
        pairs: Pairs = []
        if request.method == "POST" and (head.kind.media or body):
            warnings = head.kind.check()
            pairs = await self._pairs(head.kind, body, upload_length_max, hold)
        query = parse_urlencoded(request.scope["query_string"], FIELD_LENGTH_MAX)
        check_names(name for name, _ in [*query, *pairs])
        check_single(query)
        check_single(pairs)
        return _form(request, head.kind, query, pairs, warnings)

    def _head(self, request: Request, upload_length_max: int) -> _Head:
        kind = ContentType.of(request.headers)
        length_max = self._limits.body_length_max(kind.media, upload_length_max)
        return _Head(kind, announced_length(request), length_max)

    async def _body(self, request: Request, head: _Head, hold: Hold) -> bytes:
        if request.method != "POST":
            return b""
        try:
            hold.expect(head.length or 0)
            async with asyncio.timeout(self._limits.request_timeout_s):
                return await _receive(request, head, hold)
        except TimeoutError as error:
            raise RequestTimeout(
                f"the request did not arrive within {self._limits.request_timeout_s:g} s"
            ) from error
        except ClientDisconnect as error:
            raise RequestTimeout("the body ended before its announced length") from error
        except (TooLarge, ServiceUnavailable):
            hold.shrink(0)
            await drain(request)
            raise

    async def _pairs(
        self, kind: ContentType, body: bytes, upload_length_max: int, hold: Hold
    ) -> Pairs:
        """The fields of a body; parsed in a thread where that may take long."""
        parse = partial(_parse, kind, body, upload_length_max)
        if hold.length <= SLICE_LENGTH or (hold.is_known and _is_quick(kind, body)):
            return parse()
        limiter = self._of_known if hold.is_known else self._of_strangers
        return await to_thread.run_sync(parse, limiter=limiter)


async def _check_head(request: Request, head: _Head) -> None:
    """Refuse by the head alone where possible; the body is then drained."""
    if request.method != "POST":
        return
    try:
        head.check()
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise InvalidPostType("the body is compressed; send it as it is, without encoding")
    except Refusal:
        await drain(request)
        raise


async def _receive(request: Request, head: _Head, hold: Hold) -> bytes:
    with BytesIO() as kept:
        async for chunk in request.stream():
            length = kept.tell() + len(chunk)
            head.check_length(length)
            hold.grow(length)
            kept.write(chunk)
        return kept.getvalue()


def announced_length(request: Request) -> int | None:
    """The length that a request says its body has; None when it says nothing of use."""
    digits = request.headers.get("content-length", "")[:_DIGITS_MAX]
    return int(digits) if digits.isascii() and digits.isdecimal() else None


def is_counted(request: Request) -> bool:
    """Whether the body may become so long that it counts against its sender's share."""
    length = announced_length(request)
    return request.method == "POST" and (length is None or length > UNCOUNTED_LENGTH)


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


def _is_quick(kind: ContentType, body: bytes) -> bool:
    """Whether handing a body to a thread would cost as much as parsing it: 0.1 ms."""
    is_short = kind.media == MULTIPART and len(body) <= AT_ONCE_LENGTH_MAX
    return is_short and is_plain(body, kind.header)


def _parse(kind: ContentType, body: bytes, upload_length_max: int) -> Pairs:
    charset = kind.charset or _UTF_8
    if kind.media == JSON:
        return parse_json(body, charset)
    pairs: Pairs = []
    if kind.media == MULTIPART:
        pairs = parse_multipart(body, kind.header, upload_length_max)
    elif kind.media == URLENCODED:
        pairs = parse_urlencoded(body, upload_length_max)
    return pairs if charset == _UTF_8 else in_utf_8(pairs, charset)


def _form(
    request: Request, kind: ContentType, query: Pairs, body: Pairs, warnings: tuple[str, ...]
) -> Form:
    """Put everything together. Body fields win over the query (contract § 1.6)."""
    in_query, in_body = dict(query), dict(body)
    query_token = in_query.pop("token", b"").decode("utf-8", errors="replace")
    body_token = in_body.pop("token", b"").decode("utf-8", errors="replace")
    # A form's token wins over the header; with JSON only the header counts (contract § 1.5).
    is_in_body = body_token and kind.is_form
    return Form(
        values=in_query | in_body,
        token=Secret(body_token) if is_in_body else bearer(request.headers),
        query_token=Secret(query_token) if query_token else None,
        warnings=warnings,
    )
