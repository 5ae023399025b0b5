"""Use case: have a photo. Set, prepare, delete, restore and find; the one order of writing.

Bytes first, under fresh names; then one database transaction, which is the moment a photo becomes
true. A crash in between leaves files that nobody refers to, and `upkeep/sweeping.py` removes them.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import quote

import structlog

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.errors import NotFound, ServiceUnavailable
from likeness.imaging.plan import Limits
from likeness.imaging.port import Developed, ImageEngine, Owner
from likeness.imaging.portraits.letters import initials_of
from likeness.model import (
    SECRET_LENGTH,
    Change,
    Crop,
    DefaultStyle,
    Photo,
    PhotoState,
    Rendition,
    Staged,
    User,
)
from likeness.threads import in_thread

PREPARED_LIFETIME: Final = timedelta(hours=1)
"""How long a prepared picture waits for its crop (contract § 6.4)."""

PURGE_BATCH: Final = 100
"""Photos whose files are removed in one go, so that a long sweep holds little in memory."""

HASHED_AT_ONCE_MAX: Final = 512 * 1024
"""Bytes of an upload whose hash costs less, 0.3 ms, than a thread that works it out would. 32 MiB
take 20 ms, in which the event loop would answer nobody."""

_ID_MIN: Final = 100_000_000_000
_ID_SPAN: Final = 900_000_000_000
"""Photo ids are random decimal numbers of 12 digits, as Slack's are (contract § 5.5)."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Setting:
    """What `set` did: the photo as it now stands, and remarks for the caller (what was lost)."""

    photo: Photo
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture waiting for its crop, and the URL under which only its owner knows it.

    `suggested` is a square around the part that draws the eye, if any; `notes` name the losses.
    The upload was `width_before` pixels wide when upright, and lay as EXIF's `orientation` says.
    """

    staged: Staged
    url: str
    width_before: int
    suggested: Crop | None = None
    notes: tuple[str, ...] = ()
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class _Source:
    """What a photo is made from: the digests of `Photo.source_digest` and `Photo.upload_digest`."""

    digest: bytes
    upload_digest: bytes


class Photos:
    """Everything that can be done with photos. Rows, bytes and pixels are reached only from here.

    `photo_url` is the base of the URLs of photos, `public_url` of every other URL. `limits` judge
    the one-step upload, `prepared_limits` the two-step one; `default_picture` is how people without
    a photo look.
    """

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        engine: ImageEngine,
        clock: Callable[[], datetime],
        public_url: str,
        photo_url: str,
        limits: Limits,
        prepared_limits: Limits,
        default_picture: DefaultStyle = DefaultStyle.INITIALS,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._engine = engine
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._photo_url = photo_url.rstrip("/")
        self._limits = limits
        self._prepared_limits = prepared_limits
        self._default_picture = default_picture
        self._watchers: list[Callable[[Change], None]] = []

    @property
    def public_url(self) -> str:
        """The address that users reach this service by, without a trailing slash."""
        return self._public_url

    @property
    def photo_url(self) -> str:
        """The address below which photos are, without a trailing slash."""
        return self._photo_url

    def url(self, photo: Photo, size: int | str) -> str:
        """Where the rendition of `size` is; a size that was not made gives the one below it."""
        name = str(photo.size_shown(size)) if isinstance(size, int) else size
        return f"{self._photo_url}/{photo.key(name)}"

    def default_url(self, user: User, size: int) -> str:
        """Where the picture is that stands in for somebody without a photo.

        It says all that there is to draw, so that it can be kept for ever.
        """
        style = self._default_picture
        letters = initials_of(user.real_name) if style is DefaultStyle.INITIALS else ""
        parts = [user.email_md5, *([quote(letters)] if letters else []), str(size)]
        return f"{self._public_url}/avatars/default/{style}/{'_'.join(parts)}.png"

    def watch(self, watcher: Callable[[Change], None]) -> None:
        """Have `watcher` called after each change that is made in this process."""
        self._watchers.append(watcher)

    async def set(self, user: User, data: bytes, crop: Crop | None, turn: int = 0) -> Setting:
        """Make `data`, turned to the right by `turn` degrees and cut by `crop`, the user's photo.

        The same bytes and crop as the current photo's give the current photo again, since
        clients re-send uploads whose answer they lost (contract § 5.7). Raises what the engine
        raises: BadImage, TooLarge, TooManyFrames, InvalidArguments, ServiceUnavailable.
        """
        source = await self._identified(data, crop, turn)
        return await self._set(user, data, crop, self._limits, source, turn=turn)

    async def set_prepared(
        self,
        user: User,
        prepared_id: str,
        crop: Crop | None,
        turn: int = 0,
        prepared_by: User | None = None,
    ) -> Setting:
        """Like `set`, from a picture that `prepare` staged. Raises NotFound when it is gone.

        It stays for the rest of its hour, for another crop and for clients that send a call again.

        `prepared_by` is whose staged picture it is, where an administrator sets it for `user`.
        """
        owner = prepared_by or user
        staged = await in_thread(self._database.staged, owner.id, prepared_id, self._clock())
        data = await in_thread(self._blobs.get, staged.key) if staged else None
        if staged is None or data is None:
            raise NotFound(
                "no prepared picture of yours has this id; it may be older than an hour. "
                "Call users.preparePhoto again",
                argument="id",
            )
        source = await self._identified(data, crop, turn)
        if staged.upload_digest is not None:
            source = replace(source, upload_digest=staged.upload_digest)
        limits = self._prepared_limits
        return await self._set(user, data, crop, limits, source, turn=turn, is_own=True)

    async def prepare(self, user: User, data: bytes) -> Prepared:
        """Stage a cleaned, upright working copy of a big picture for an hour (contract § 6.4)."""
        working = await self._engine.prepare(data, self._prepared_limits, _owner(user))
        now, token = self._clock(), secrets.token_hex(16)
        staged = Staged(
            id=token,
            user_id=user.id,
            key=f"staged/{secrets.token_hex(16)}.{working.format.extension}",
            format=working.format,
            width=working.width,
            height=working.height,
            created_at=now,
            expires_at=now + PREPARED_LIFETIME,
            upload_digest=(await self._identified(data, None, 0)).upload_digest,
        )
        await in_thread(self._blobs.put, {staged.key: working.data})
        await in_thread(self._database.add_staged, staged)
        url = f"{self._public_url}/{staged.key}"
        seen = working.suggested, working.notes, working.orientation
        return Prepared(staged, url, working.width_before, *seen)

    async def delete(self, user: User, photo_id: int | None = None) -> int:
        """Take the user's photo away, now and from all its URLs, or only the one with an id.

        With the photo that is shown goes every earlier one that may have been made from the same
        upload; with an id nothing else does. Prepared pictures of the user end in either case, with
        a photo or without. Gives the number of photos. Raises NotFound for one that is not theirs.
        """
        if photo_id is not None:
            photo = await in_thread(self._database.photo, photo_id)
            if photo is None or photo.user_id != user.id:
                raise NotFound(
                    f"photo {photo_id} is none of theirs; users.listPhotos names all",
                    argument="photo",
                )
        return await self._end(user, partial(self._database.delete_photo, photo_id=photo_id))

    async def delete_all(self, user: User) -> int:
        """Take every photo away that the user has and had, and each prepared picture of theirs."""
        return await self._end(user, self._database.delete_photos)

    async def history(self, user: User, limit: int | None = None) -> list[Photo]:
        """The photos the user had, newest first, the current one included; at most `limit`."""
        return await in_thread(self._database.history, user.id, limit)

    async def restore(self, user: User, photo_id: int) -> Photo:
        """Show a replaced photo again. Raises NotFound when its files are no longer kept.

        Idempotent: the current photo is given back as it is, for a client that retries.
        """
        if user.photo and user.photo.id == photo_id:
            return user.photo
        photo = await in_thread(self._database.restore_photo, user.id, photo_id, self._clock())
        if photo is None:
            raise NotFound(
                f"photo {photo_id} cannot be restored: it is unknown, or its files are gone",
                argument="photo",
            )
        self._tell(Change.of(user.id))
        return photo

    async def purge(self, photos: list[Photo]) -> None:
        """Remove the files of photos whose rows say that they are gone, then note that.

        At most `PURGE_BATCH` at once. Raises ServiceUnavailable; files may then be left.
        """
        keys = [key for photo in photos for key in (*photo.blob_keys(), *photo.copy_keys())]
        await in_thread(self._blobs.delete, keys)
        ids = [photo.id for photo in photos]
        await in_thread(self._database.mark_purged, ids, self._clock())

    async def end_expired_prepared(self, now: datetime, *, dry_run: bool = False) -> int:
        """Remove prepared pictures whose hour is over; how many there are."""
        expired = await in_thread(self._database.expired_staged, now)
        if expired and not dry_run:
            await in_thread(self._blobs.delete, [staged.key for staged in expired])
            await in_thread(self._database.remove_staged, [staged.id for staged in expired])
        return len(expired)

    async def _set(
        self,
        user: User,
        data: bytes,
        crop: Crop | None,
        limits: Limits,
        source: _Source,
        *,
        turn: int,
        is_own: bool = False,
    ) -> Setting:
        if user.photo and secrets.compare_digest(user.photo.source_digest, source.digest):
            return Setting(user.photo)
        developed = await self._engine.develop(
            data, crop, limits, _owner(user), turn=turn, is_own=is_own
        )
        photo = self._photo(user, developed, source)
        photo = await in_thread(self._put_and_record, photo, developed.renditions)
        self._tell(Change.of(user.id))
        return Setting(photo, developed.notes)

    async def _identified(self, data: bytes, crop: Crop | None, turn: int) -> _Source:
        identify = partial(_source, data, crop, turn, self._engine.recipe)
        return identify() if len(data) <= HASHED_AT_ONCE_MAX else await in_thread(identify)

    def _tell(self, change: Change) -> None:
        for watcher in self._watchers:
            watcher(change)

    def _put_and_record(self, photo: Photo, renditions: tuple[Rendition, ...]) -> Photo:
        """The order that keeps promises: all files on the disk, then the row."""
        self._blobs.put({photo.key(made.name): made.data for made in renditions})
        return self._database.set_photo(photo)

    def _photo(self, user: User, developed: Developed, source: _Source) -> Photo:
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
            source_digest=source.digest,
            set_at=now,
            state=PhotoState.CURRENT,
            upload_digest=source.upload_digest,
            window=developed.window,
        )

    async def _end(self, user: User, delete: Callable[[str, datetime], list[Photo]]) -> int:
        """Have rows say that photos and prepared pictures are gone, then remove their files."""
        ended = await in_thread(delete, user.id, self._clock())
        try:
            for start in range(0, len(ended), PURGE_BATCH):
                await self.purge(ended[start : start + PURGE_BATCH])
            await self.end_expired_prepared(self._clock())
        except (ServiceUnavailable, OSError) as error:
            # The rows say already that all is gone, and the next sweep tries again.
            _log.warning("photo_files_left", user_id=user.id, reason=str(error))
        if ended:
            self._tell(Change.of(user.id, *(photo.id for photo in ended)))
        return len(ended)


def _owner(user: User) -> Owner:
    return Owner(user.team_id, user.id)


def _source(data: bytes, crop: Crop | None, turn: int, recipe: str) -> _Source:
    """What identifies an upload, and what is made of it: its turn, crop and the way it is made."""
    digest = hashlib.sha256(data)
    upload_digest = digest.digest()
    digest.update(f"{crop} {turn} {recipe}".encode())
    return _Source(digest.digest(), upload_digest)
