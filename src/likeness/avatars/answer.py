"""A response that is built once and sent many times: a picture, a redirect, a short text."""

import json
import math
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, Final, Self

from starlette.types import Message, Scope

from likeness.delivery import File
from likeness.server import wire

Headers = Iterable[tuple[bytes, bytes]]

PICTURE, REDIRECT, NOT_FOUND, NOT_ALLOWED, TOO_LONG, UNAVAILABLE = 200, 302, 404, 405, 414, 503
NOT_MODIFIED: Final = 304
BAD_REQUEST: Final = 400

FOR_EVER: Final = "public, max-age=31536000, immutable"
STALE_S_MAX: Final = 60
"""How long after its life an answer may be shown once more while a new one is fetched, so that
nobody waits for it."""
STAND_IN_LIFE_S: Final = 60
ONE_MINUTE: Final = f"public, max-age={STAND_IN_LIFE_S}"
NOT_KEPT: Final = "private, no-store"

RETRY_AFTER_S: Final = 5

SHARED: Final = "public, max-age=30, stale-if-error=600"
"""For shared caches, which RFC 9213 addresses with a header of their own: they too must drop a
deleted photo within 60 s (contract § 6.2), and revalidating with an ETag costs next to nothing.
Only while the service cannot be reached may they serve a stale answer, for ten minutes."""

_SAFE: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)
"""A picture is never a page, wherever it is embedded; no sniffing, no scripts."""

_OF_THE_BODY: Final = frozenset({b"content-disposition", b"content-length", b"content-type"})
"""Headers that a 304 leaves out, since it has no body."""

_TAG_LENGTH: Final = 32
"""Hex digits of the hash of the bytes: 128 bits."""

_WEIGHT_EMPTY: Final = 2560
"""Bytes of memory that an answer without anything in it takes where it is kept."""

_COPIES: Final = 3
"""How often the headers of an answer are in memory: as pairs, and as bytes of 200 and of 304."""


def kept_for(max_age: timedelta) -> str:
    """The caching of answers that may change, which are asked for anew after `max_age`.

    While the service is away a week of an old photo is better than a broken page.
    """
    seconds = int(max_age.total_seconds())
    stale_s = min(seconds, STALE_S_MAX)
    return f"public, max-age={seconds}, stale-while-revalidate={stale_s}, stale-if-error=604800"


class Answer:
    """A status, headers and a body, to be sent as ASGI messages or, from memory, as bytes.

    `weight` is about how many bytes of memory it takes; `life_s` bounds its time in a cache;
    a change of `subject` invalidates it. A conditional request gets 304 where its ETag matches
    `etag`, or where it names the moment of the last change.
    """

    __slots__ = (
        "_body",
        "_changed_at",
        "_etag",
        "_fields",
        "_status",
        "_wire",
        "life_s",
        "subject",
        "weight",
    )

    def __init__(
        self,
        status: int,
        body: bytes,
        headers: Mapping[str, str],
        *,
        has_tag: bool = False,
        changed_at: datetime | None = None,
        life_s: float = math.inf,
    ) -> None:
        self.life_s = life_s
        self.subject = ""
        self._status = status
        self._body = body
        self._etag = b'"%b"' % sha256(body).hexdigest()[:_TAG_LENGTH].encode() if has_tag else b""
        self._changed_at = _moment(changed_at) if changed_at else b""
        own = [(name.lower().encode(), text.encode("latin-1")) for name, text in headers.items()]
        validators = ((b"etag", self._etag), (b"last-modified", self._changed_at))
        own += [pair for pair in validators if pair[1]]
        self._fields = (*_SAFE, *own, (b"content-length", b"%d" % len(body)))
        self._wire: tuple[bytes, bytes] | None = None
        headers_length = sum(len(name) + len(value) for name, value in self._fields)
        self.weight = _WEIGHT_EMPTY + _COPIES * headers_length + len(body)

    def about(self, subject: str) -> Self:
        """The same answer, which is wrong as soon as `subject` changes (see `model.Change`)."""
        same = copy(self)
        same.subject = subject
        return same

    def noting(self, name: str, text: str) -> Self:
        """The same answer with one more header."""
        same = copy(self)
        more = (name.lower().encode(), text.encode("latin-1"))
        same._fields = (*self._fields, more)
        same._wire = None  # noqa: SLF001 - It is of this class.
        return same

    def messages(self, scope: Scope) -> tuple[Message, Message]:
        """The ASGI messages that answer the request of `scope`; to HEAD there goes no body."""
        is_known = self._is_known(scope["headers"])
        status, fields = self._unchanged() if is_known else (self._status, self._fields)
        body = b"" if is_known or scope["method"] == "HEAD" else self._body
        start = {"type": "http.response.start", "status": status, "headers": fields}
        return start, {"type": "http.response.body", "body": body}

    def wire(self, method: str, headers: Headers) -> tuple[bytes, bytes]:
        """The same as bytes: a head without its end, and the body. Made once, when first asked."""
        if self._wire is None:
            self._wire = wire.head(self._status, self._fields), wire.head(*self._unchanged())
        head, unchanged = self._wire
        if self._is_known(headers):
            return unchanged, b""
        return head, b"" if method == "HEAD" else self._body

    def _unchanged(self) -> tuple[int, tuple[tuple[bytes, bytes], ...]]:
        spare = tuple(pair for pair in self._fields if pair[0] not in _OF_THE_BODY)
        return NOT_MODIFIED, spare

    def _is_known(self, headers: Headers) -> bool:
        """Whether the asker has it already (RFC 9110, 13.1: a tag outweighs a moment)."""
        if not self._etag:
            return False
        since = b""
        for name, value in headers:
            if name == b"if-none-match":
                return self._etag in value or value.strip() == b"*"
            if name == b"if-modified-since":
                since = value
        # Only the exact moment: restoring an older photo sets the time back.
        return bool(since) and since == self._changed_at


def picture(
    file: File, caching: str, *, varies: bool = False, changed_at: datetime | None = None
) -> Answer:
    """A picture, 200. `varies` says that others may get another format at the same address."""
    headers = {
        "Content-Type": file.format.media_type,
        "Content-Disposition": f'inline; filename="photo.{file.format.extension}"',
        "Cache-Control": ONE_MINUTE if file.stands_in else caching,
    }
    if caching != NOT_KEPT:
        headers["CDN-Cache-Control"] = SHARED
    if varies:
        headers["Vary"] = "Accept"
    life_s = STAND_IN_LIFE_S if file.stands_in else math.inf
    return Answer(PICTURE, file.data, headers, has_tag=True, changed_at=changed_at, life_s=life_s)


def redirect(location: str, caching: str) -> Answer:
    """302 to where the picture is."""
    return Answer(REDIRECT, b"", {"Location": location, "Cache-Control": caching})


def words(status: int, text: str, caching: str, headers: Mapping[str, str] | None = None) -> Answer:
    """A refusal, with a line of plain text as its body."""
    own = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": caching}
    return Answer(status, f"{text}\n".encode(), own | dict(headers or {}))


def document(
    status: int, content: Any, caching: str, media_type: str = "application/json"
) -> Answer:
    """A JSON document."""
    own = {"Content-Type": media_type, "Cache-Control": caching}
    return Answer(status, json.dumps(content).encode(), own, has_tag=status == PICTURE)


def unavailable() -> Answer:
    """503: the photo exists but cannot be read now; the client may retry."""
    text = "the photo store is away; try again soon"
    return words(UNAVAILABLE, text, "no-store", {"Retry-After": str(RETRY_AFTER_S)})


def _moment(moment: datetime) -> bytes:
    return format_datetime(moment.astimezone(UTC), usegmt=True).encode()
