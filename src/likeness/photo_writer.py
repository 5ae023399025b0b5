"""Writes and deletes photos in the one order that survives a crash: files first, then rows.

Bytes first, under fresh names; then one database transaction, which is the moment a photo becomes
true. A crash in between leaves files that nobody refers to, and `upkeep/sweeping.py` removes them.
A photo ends the other way round: the row first, then the files.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.errors import AccessDenied, AccountInactive, ServiceUnavailable
from likeness.events import Actor
from likeness.imaging.port import Developed
from likeness.log import Log
from likeness.model import SECRET_LENGTH, Change, Crop, Photo, PhotoState, Rendition, User
from likeness.precedence import Kept, Offer
from likeness.threads import in_thread

PURGE_BATCH: Final = 100
"""Photos whose files are removed in one go, so that a long sweep holds little in memory."""

HASHED_AT_ONCE_MAX: Final = 512 * 1024
"""Bytes of an upload whose hash costs less, 0.3 ms, than a thread that works it out would. 32 MiB
take 20 ms, in which the event loop would answer nobody."""

_ID_MIN: Final = 100_000_000_000
_ID_SPAN: Final = 900_000_000_000
"""Photo ids are random decimal numbers of 12 digits, as Slack's are (contract § 5.5)."""

T = TypeVar("T")

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Origin:
    """The digests of a photo's source: `Photo.source_digest` and `Photo.upload_digest`."""

    digest: bytes
    upload_digest: bytes


class PhotoWriter:
    """Writes rows and files of photos, and tells those who watch. It decides nothing itself."""

    def __init__(self, database: Database, blobs: BlobStore, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._watchers: list[Callable[[Change], None]] = []

    def watch(self, watcher: Callable[[Change], None]) -> None:
        """Have `watcher` called after each change that is made in this process."""
        self._watchers.append(watcher)

    def tell(self, user: User, *photos: Photo) -> None:
        """Have watchers know that a user looks different, and that these photos ended."""
        change = Change.of(user.id, *(photo.id for photo in photos))
        for watcher in self._watchers:
            watcher(change)

    async def write(self, user: User, developed: Developed, origin: Origin, by: Actor) -> Photo:
        """Make what was developed the user's photo. Raises as `db.set_photo` does."""
        photo = self._photo(user, developed, origin, by)
        record = partial(self._database.set_photo, photo, by.origin)
        written = await in_thread(self._put_and_record, photo, developed.renditions, record)
        self.tell(user)
        return written

    async def write_offered(
        self, user: User, developed: Developed, origin: Origin, by: Actor, offer: Offer
    ) -> Photo | Kept:
        """Do the same where `precedence.judge` still lets it; else why not.

        Files that were written in vain stay for the sweep.
        """
        photo = self._photo(user, developed, origin, by)
        record = partial(self._database.offer_photo, photo, offer, by.origin)
        written = await in_thread(self._put_and_record, photo, developed.renditions, record)
        if isinstance(written, Photo):
            self.tell(user)
        return written

    async def end(self, user: User, ended: list[Photo]) -> int:
        """Remove the files of photos whose rows say that they are gone; how many photos."""
        try:
            await self.purge(ended)
            await self.end_expired_prepared(self._clock())
        except (ServiceUnavailable, OSError) as error:
            # The rows say already that all is gone, and the next sweep tries again.
            _log.warning("photo_files_left", user_id=user.id, reason=str(error))
        if ended:
            self.tell(user, *ended)
        return len(ended)

    async def purge(self, photos: list[Photo]) -> None:
        """Remove the files of photos whose rows say that they are gone, then note that.

        `PURGE_BATCH` photos at a time. Raises ServiceUnavailable; files may then be left.
        """
        for start in range(0, len(photos), PURGE_BATCH):
            some = photos[start : start + PURGE_BATCH]
            keys = [key for photo in some for key in (*photo.blob_keys(), *photo.copy_keys())]
            await in_thread(self._blobs.delete, keys)
            ids = [photo.id for photo in some]
            await in_thread(self._database.mark_purged, ids, self._clock())

    async def end_expired_prepared(self, now: datetime, *, dry_run: bool = False) -> int:
        """Remove prepared pictures whose hour is over; how many there are."""
        expired = await in_thread(self._database.expired_staged, now)
        if expired and not dry_run:
            await in_thread(self._blobs.delete, [staged.key for staged in expired])
            await in_thread(self._database.remove_staged, [staged.id for staged in expired])
        return len(expired)

    def _put_and_record(
        self, photo: Photo, renditions: tuple[Rendition, ...], record: Callable[[], T]
    ) -> T:
        """The order that keeps promises: all files on the disk, then the row.

        Where the row is refused the files go again; where nobody knows, a sweep will tell.
        """
        files = {photo.key(made.name): made.data for made in renditions}
        self._blobs.put(files)
        try:
            return record()
        except (AccessDenied, AccountInactive):
            self._blobs.delete(list(files))
            raise

    def _photo(self, user: User, developed: Developed, origin: Origin, by: Actor) -> Photo:
        now = self._clock()
        return Photo(
            id=_ID_MIN + secrets.randbelow(_ID_SPAN),
            user_id=user.id,
            day=now.date(),
            secret=secrets.token_hex(SECRET_LENGTH // 2),
            format=developed.format,
            sizes=developed.sizes,
            width=developed.width,
            height=developed.height,
            frames=developed.frames,
            source_digest=origin.digest,
            set_at=now,
            state=PhotoState.CURRENT,
            upload_digest=origin.upload_digest,
            window=developed.window,
            source=by.source,
            set_by=by.name,
            batch_id=by.batch_id,
        )


async def origin_of(data: bytes, crop: Crop | None, turn: int, recipe: str) -> Origin:
    """Digests of an upload, alone and with its turn, its crop and the way it is made."""
    identify = partial(_origin, data, crop, turn, recipe)
    return identify() if len(data) <= HASHED_AT_ONCE_MAX else await in_thread(identify)


def _origin(data: bytes, crop: Crop | None, turn: int, recipe: str) -> Origin:
    digest = hashlib.sha256(data)
    upload_digest = digest.digest()
    digest.update(f"{crop} {turn} {recipe}".encode())
    return Origin(digest.digest(), upload_digest)
