"""Routes photo requests: plain ASGI, no middleware, and one dictionary look-up for hot photos."""

import math
import time
from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from likeness.avatars.accept import accepted
from likeness.avatars.answer import (
    NOT_ALLOWED,
    NOT_FOUND,
    ONE_MINUTE,
    TOO_LONG,
    Answer,
    Headers,
    unavailable,
    words,
)
from likeness.avatars.by_address import PHOTO_LIFE_S, ByAddress
from likeness.avatars.by_hash import NAME_PREFIX, POINTER_LIFE_S, PREFIX, ByHash, HashRules
from likeness.avatars.cache import AnswerCache
from likeness.avatars.figures import ReadFigures
from likeness.avatars.gravatar import QUERY_LENGTH_MAX
from likeness.avatars.profiles import SUFFIX, WEBFINGER_PATH, Profiles
from likeness.delivery import Delivery
from likeness.errors import ServiceUnavailable
from likeness.figures import Sheet
from likeness.model import Change, Format
from likeness.server.subscriber import subscriber

PATHS: Final = ("/avatars/", PREFIX, NAME_PREFIX, "/staged/", WEBFINGER_PATH)
"""Prefixes of the paths that this door answers."""

HEARD_LIFE_S: Final = 60.0
"""How long answers are cached where changes are notified: a backstop, should one be lost."""

_READING: Final = frozenset({"GET", "HEAD"})
_REFUSED: Final = words(
    NOT_ALLOWED, "only GET and HEAD are allowed here", ONE_MINUTE, {"Allow": "GET, HEAD"}
)
_NOTHING: Final = words(NOT_FOUND, "no such photo", ONE_MINUTE)
_TOO_LONG: Final = words(TOO_LONG, f"a query has at most {QUERY_LENGTH_MAX} bytes here", ONE_MINUTE)


class Avatars:
    """An ASGI application for every path that begins with one of PATHS; others are `otherwise`'s.

    It stands in front because photos are asked for a hundred times as often as all the rest.

    `photo_url` is the base of photo URLs.

    `photo_cache_bytes_max` bounds the memory of cached answers, about: half is for photos by URL, a
    quarter for scaled and drawn pictures, a quarter for the users that hashes lead to.

    Reads are counted on `sheet`, which has the families READS and READ_SECONDS.
    """

    def __init__(
        self,
        delivery: Delivery,
        otherwise: ASGIApp,
        *,
        photo_url: str,
        rules: HashRules,
        photo_cache_bytes_max: int,
        photo_formats: Sequence[Format] = (),
        sheet: Sheet | None = None,
    ) -> None:
        made = AnswerCache(photo_cache_bytes_max // 4, math.inf)
        self._by_address = ByAddress(delivery, photo_url, made, photo_cache_bytes_max // 2)
        self._by_hash = ByHash(delivery, rules, made, photo_cache_bytes_max // 4)
        self._profiles = Profiles(delivery, rules, photo_url)
        self._photo_formats = photo_formats
        self._otherwise = otherwise
        self._figures = ReadFigures(sheet)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the body of one that is ours, if it has any, is never read."""
        path: str = scope.get("path", "")
        if not path.startswith(PATHS):
            await self._pass(scope, receive, send)
            return
        started = time.perf_counter()
        answer = await self._answer(scope)
        head, body = answer.messages(scope)
        self._figures.count(path, head["status"], time.perf_counter() - started)
        await send(head)
        await send(body)

    def at_hand(
        self, method: str, path: str, query: bytes, headers: Headers
    ) -> tuple[bytes, bytes] | None:
        """The head, without its end, and the body of an answer that is kept in memory, if one is.

        `method` is one of those that read, `path` begins with one of PATHS.
        """
        liked = self._liked(headers)
        if path.startswith(PREFIX):
            answer = self._by_hash.at_hand(path.removeprefix(PREFIX), query, liked)
        else:
            answer = self._by_address.at_hand(path, liked)
        if answer is None:
            return None
        found = answer.wire(method, headers)
        self._figures.count_at_hand(path, found[0])
        return found

    def changed(self, change: Change) -> None:
        """Invalidate cached answers about these subjects, or all of them."""
        for cache in self._believed():
            if change.subjects:
                cache.forget(change.subjects)
            else:
                cache.expire()

    def told(self, is_told: bool) -> None:  # noqa: FBT001 - it is all that is said.
        """Turn the short cache lifetime off (True) or on (False), as notifications come or do not.

        True: answers live for HEARD_LIFE_S, and everything cached is dropped, since changes may
        have been missed. False: cached answers are revalidated, and served stale in an outage.
        """
        lives = (HEARD_LIFE_S, HEARD_LIFE_S) if is_told else (POINTER_LIFE_S, PHOTO_LIFE_S)
        for cache, life_s in zip(self._believed(), lives, strict=True):
            cache.life_s = life_s
            if is_told:
                cache.expire()
            else:
                cache.doubt()

    def _believed(self) -> tuple[AnswerCache, AnswerCache]:
        return self._by_hash.pointers, self._by_address.photos

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass other paths on, unless they only have a slash too many, as from base URLs."""
        path: str = scope.get("path", "")
        if path.startswith("//") and (single := "/" + path.lstrip("/")).startswith(PATHS):
            await self({**scope, "path": single}, receive, send)
            return
        await self._otherwise(scope, receive, send)

    def _liked(self, headers: Headers) -> tuple[Format, ...]:
        return accepted(headers, self._photo_formats) if self._photo_formats else ()

    async def _answer(self, scope: Scope) -> Answer:
        if scope["method"] not in _READING:
            return _REFUSED
        if len(scope["query_string"]) > QUERY_LENGTH_MAX:
            return _TOO_LONG
        try:
            return await self._found(scope, self._liked(scope["headers"]))
        except (ServiceUnavailable, OSError):
            # A 404 would be remembered by every cache in front; an outage must not be.
            return unavailable()

    async def _found(self, scope: Scope, liked: tuple[Format, ...]) -> Answer:
        path, query, client = scope["path"], scope["query_string"], scope.get("client")
        asker = subscriber(client[0]) if client else ""
        if path.startswith(PREFIX) and path.endswith(SUFFIX):
            return await self._profiles.by_hash(path.removeprefix(PREFIX))
        if path == WEBFINGER_PATH:
            return await self._profiles.webfinger(query)
        if path.startswith((PREFIX, NAME_PREFIX)):
            return await self._by_person(path, query, liked, asker)
        if path.startswith("/avatars/"):
            return await self._by_address.photo(path, liked, asker)
        if path.startswith("/staged/"):
            return await self._by_address.staged(path[1:])
        return _NOTHING

    async def _by_person(
        self, path: str, query: bytes, liked: tuple[Format, ...], asker: str
    ) -> Answer:
        if path.startswith(PREFIX):
            return await self._by_hash.answer(path.removeprefix(PREFIX), query, liked, asker)
        name = path.removeprefix(NAME_PREFIX)
        return await self._by_hash.answer_by_name(name, query, liked, asker)
