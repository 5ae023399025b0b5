"""An HTTP answer that is made once and sent many times: a picture, a redirect, a few words."""

import math
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import Final, Self

from starlette.types import Message, Scope

from likeness.delivery import File

Headers = Iterable[tuple[bytes, bytes]]

PICTURE, REDIRECT, NOT_FOUND, NOT_ALLOWED, UNAVAILABLE = 200, 302, 404, 405, 503
_NOT_MODIFIED: Final = 304

FOR_EVER: Final = "public, max-age=31536000, immutable"
FIVE_MINUTES: Final = "public, max-age=300, stale-if-error=604800"
"""For what may change: a week of an old photo is better than a broken page."""
STAND_IN_LIFE_S: Final = 60
ONE_MINUTE: Final = f"public, max-age={STAND_IN_LIFE_S}"
NOT_KEPT: Final = "private, no-store"

RETRY_AFTER_S: Final = 5

SHARED: Final = "public, max-age=30, stale-if-error=600"
"""For caches that many share, which RFC 9213 lets us speak to apart: a deleted photo must be gone
from them within 60 s as well (contract A8), and asking again with a tag costs next to nothing. Only
while we cannot be asked may they show what was there ten minutes ago."""

_SAFE: Final = {
    "Access-Control-Allow-Origin": "*",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""A picture is never a page, wherever it is embedded (threats 1.2: sniffing, scripts)."""

_OF_THE_BODY: Final = frozenset({"Content-Disposition", "Content-Length", "Content-Type"})
"""What 304 does without, as it has none."""

_TAG_LENGTH: Final = 32
"""Hex digits of the hash of the bytes: 128 bits."""

_WEIGHT_EMPTY: Final = 1024
"""Bytes of memory that an answer takes beside its body, roughly."""


class Answer:
    """A status, headers and a body, with the messages by which a server sends them at hand.

    `weight` is about how many bytes of memory it takes, `life_s` how long it may be kept there, for
    however long it would be otherwise, `subject` whose change ends it. A body with an `etag` is not
    sent to who has it, nor to who names the moment of its last change.
    """

    __slots__ = (
        "_changed_at",
        "_etag",
        "_head",
        "_not_modified",
        "_parts",
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
        self.weight = _WEIGHT_EMPTY + len(body)
        every = _SAFE | dict(headers) | {"Content-Length": str(len(body))}
        tag = f'"{sha256(body).hexdigest()[:_TAG_LENGTH]}"' if has_tag else ""
        self._etag = tag.encode()
        if tag:
            every["ETag"] = tag
        self._changed_at = b""
        if changed_at:
            every["Last-Modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
            self._changed_at = every["Last-Modified"].encode()
        self._head = _start(status, every)
        spare = {name: text for name, text in every.items() if name not in _OF_THE_BODY}
        self._not_modified = _start(_NOT_MODIFIED, spare)
        self._parts: Message = {"type": "http.response.body", "body": body}

    def about(self, subject: str) -> Self:
        """The same answer, which is wrong as soon as `subject` changes (see `model.Change`)."""
        same = copy(self)
        same.subject = subject
        return same

    def messages(self, scope: Scope) -> tuple[Message, Message]:
        """What to send to whoever made the request of `scope`; to HEAD there goes no body."""
        if self._etag and self._is_known(scope["headers"]):
            return self._not_modified, _NO_BODY
        return self._head, _NO_BODY if scope["method"] == "HEAD" else self._parts

    def _is_known(self, headers: Headers) -> bool:
        """Whether the asker has it already (RFC 9110, 13.1: a tag outweighs a moment)."""
        since = b""
        for name, value in headers:
            if name == b"if-none-match":
                return self._etag in value or value.strip() == b"*"
            if name == b"if-modified-since":
                since = value
        # Only the very moment that we said: who restores an older photo goes back in time.
        return bool(since) and since == self._changed_at


_NO_BODY: Final[Message] = {"type": "http.response.body", "body": b""}


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
    """A refusal, with a line for whoever looks."""
    own = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": caching}
    return Answer(status, f"{text}\n".encode(), own | dict(headers or {}))


def unavailable() -> Answer:
    """503: what is there cannot be had now."""
    text = "the photo store is away; try again soon"
    return words(UNAVAILABLE, text, "no-store", {"Retry-After": str(RETRY_AFTER_S)})


def _start(status: int, headers: Mapping[str, str]) -> Message:
    pairs = [(name.lower().encode(), text.encode("latin-1")) for name, text in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": pairs}
