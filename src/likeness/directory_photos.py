"""Use case: the photo of somebody whom a directory brings, by its URL or within one.

A picture that stands in the URL itself comes at once. One on a host that the settings name is
fetched after the directory was answered. Other URLs are nobody's to ask, which the log has once.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Final

from likeness.db import Database
from likeness.destinations import DATA_SCHEME, Failure, NotFetched, destination, picture_in
from likeness.enrolling import Enrolled, Enrolling
from likeness.errands import Errands
from likeness.errors import Refusal
from likeness.events import Actor, Verb
from likeness.fetching import LENGTH_MAX, PICTURE_TYPES, Fetcher
from likeness.log import Log
from likeness.seldom import SeldomLog
from likeness.threads import in_thread

_NEVER: Final = (Failure.NOT_A_URL, Failure.NOT_TLS, Failure.HOST_NOT_NAMED)
"""What is so of a URL however often it comes, so that it is told once."""

_log = Log(__name__)


class DirectoryPhotos:
    """Brings the photos of people in step with what a directory says."""

    def __init__(
        self,
        database: Database,
        enrolling: Enrolling,
        fetcher: Fetcher,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._enrolling = enrolling
        self._fetcher = fetcher
        self._clock = clock
        self._errands = Errands(
            "directory photo",
            _log,
            postponed="directory_photo_postponed",
            failed="directory_photo_failed",
        )
        self._log = SeldomLog()

    async def follow(self, who: Enrolled, url: str | None, by: Actor) -> None:
        """Have somebody's photo be what the directory says; None: it has none.

        What cannot be used or fetched is told in the log. Raises ServiceUnavailable where a picture
        that came with the URL cannot be made now.
        """
        if url is None:
            await self._enrolling.withdraw_photo(who.identity, by)
        elif url.startswith(DATA_SCHEME):
            data = await in_thread(picture_in, url, LENGTH_MAX)
            await self._offer(who, data, by, None)
        elif who.identity.photo_ref != (ref := _ref(url)):
            await self._begin(who, url, ref, by)

    async def idle(self) -> None:
        """Return when all that was begun so far is done."""
        await self._errands.idle()

    async def close(self) -> None:
        """End what is under way: the next change of the same person begins it again."""
        await self._errands.close()

    async def _begin(self, who: Enrolled, url: str, ref: str, by: Actor) -> None:
        try:
            # Whether it may be asked as it is, the fetcher judges.
            destination(url, self._fetcher.hosts, has_loopback=True)
        except NotFetched as none:
            await self._offer(who, none.why, by, ref)
            return
        fetch = partial(self._fetch, who, url, ref, by)
        if self._errands.has(who.user.id) or not self._errands.begin(who.user.id, fetch):
            self._log.warning("directory_photo_dropped", user=who.user.id)

    async def _fetch(self, who: Enrolled, url: str, ref: str, by: Actor) -> None:
        """Fetch a photo and offer it."""
        data = await self._fetcher.fetch(url, types=PICTURE_TYPES)
        await self._offer(who, data, by, ref)

    async def _offer(
        self, who: Enrolled, data: bytes | Failure, by: Actor, ref: str | None
    ) -> None:
        """Offer a picture, or write down why there is none."""
        if isinstance(data, Failure):
            await self._refuse(who, data.value, by)
            if data in _NEVER and ref is not None:
                digest, stamp = who.identity.photo_digest, who.identity.stamp
                note = self._database.note_picture
                await in_thread(note, who.identity, ref, digest, stamp)
            return
        outcome = await self._enrolling.offer_photo(who.identity, data, by, ref)
        if isinstance(outcome, Refusal):
            await self._refuse(who, outcome.code, by)

    async def _refuse(self, who: Enrolled, reason: str, by: Actor) -> None:
        now, refused = self._clock(), Verb.PHOTO_REFUSED
        await in_thread(self._database.add_event, now, by, who.user.id, refused, reason)


def _ref(url: str) -> str:
    """What is kept of a URL to tell whether it changed; signed URLs are secrets."""
    return sha256(url.encode(errors="replace")).hexdigest()
