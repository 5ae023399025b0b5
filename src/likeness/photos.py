"""Use case: a user's own photo. Set, prepare, delete, restore and find it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import md5
from typing import Final
from urllib.parse import quote

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.errors import AccessDenied, NotFound
from likeness.events import Actor
from likeness.imaging.plan import Limits
from likeness.imaging.port import ImageEngine, Owner
from likeness.imaging.portraits.letters import initials_of
from likeness.model import (
    SIZES,
    Change,
    Crop,
    DefaultStyle,
    Photo,
    Source,
    Staged,
    Team,
    User,
)
from likeness.photo_address import url_of
from likeness.photo_writer import Origin, PhotoWriter, origin_of
from likeness.precedence import locked
from likeness.threads import in_thread

PREPARED_LIFETIME: Final = timedelta(hours=1)
"""How long a prepared picture waits for its crop (contract § 6.4)."""


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


class Photos:
    """Everything that people, and administrators for them, do with photos.

    `photo_url` is the base of the URLs of photos, `public_url` of every other URL. `limits` judge
    the one-step upload, `prepared_limits` the two-step one; `default_picture` is how people without
    a photo look. Without `own_photos` people do not choose their own.

    `by` is always who acts: without it the user themselves. Raises AccessDenied where they may not.
    """

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        engine: ImageEngine,
        writer: PhotoWriter,
        clock: Callable[[], datetime],
        public_url: str,
        photo_url: str,
        limits: Limits,
        prepared_limits: Limits,
        default_picture: DefaultStyle = DefaultStyle.INITIALS,
        own_photos: bool = True,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._engine = engine
        self._writer = writer
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._photo_url = photo_url.rstrip("/")
        self._limits = limits
        self._prepared_limits = prepared_limits
        self._own_photos = own_photos
        self._default_picture = default_picture

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
        return url_of(self._photo_url, photo, size)

    def default_url(self, user: User, size: int) -> str:
        """Where the picture is that stands in for somebody without a photo.

        It says all that there is to draw, so that it can be kept for ever.
        """
        return self._drawn_url(self._default_picture, user.email_md5, user.real_name, size)

    def icon_url(self, team: Team, side: int) -> str:
        """Where a picture for a workspace is: its initials, on a square of at least `side` px."""
        digest = md5(team.id.encode(), usedforsecurity=False).hexdigest()
        size = next(size for size in SIZES if size >= side)
        return self._drawn_url(DefaultStyle.INITIALS, digest, team.name, size)

    def _drawn_url(self, style: DefaultStyle, digest: str, name: str, size: int) -> str:
        letters = initials_of(name) if style is DefaultStyle.INITIALS else ""
        parts = [digest, *([quote(letters)] if letters else []), str(size)]
        return f"{self._public_url}/avatars/default/{style}/{'_'.join(parts)}.png"

    def watch(self, watcher: Callable[[Change], None]) -> None:
        """Have `watcher` called after each change of a photo that is made in this process."""
        self._writer.watch(watcher)

    def refusal_of(self, user: User) -> AccessDenied | None:
        """Why somebody does not decide on their own photo; None where they do."""
        if not self._own_photos:
            return AccessDenied(
                "photos are set by those who look after this service, not by people themselves; "
                "ask them to change yours"
            )
        return locked(user.lock_reason) if user.lock_reason is not None else None

    def allowed(self, user: User, by: Actor | None) -> Actor:
        """The actor, for the log. Raises AccessDenied where users may not set their own photos."""
        actor = by or Actor.on(user, user)
        if actor.source is Source.SELF and (refusal := self.refusal_of(user)):
            # Looked at again within the transaction; here it spares the work.
            raise refusal
        return actor

    async def set(
        self,
        user: User,
        data: bytes,
        crop: Crop | None,
        turn: int = 0,
        by: Actor | None = None,
    ) -> Setting:
        """Make `data`, turned to the right by `turn` degrees and cut by `crop`, the user's photo.

        The same bytes and crop as the current photo's give the current photo again, since
        clients re-send uploads whose answer they lost (contract § 5.7). Raises what the engine
        raises: BadImage, TooLarge, TooManyFrames, InvalidArguments, ServiceUnavailable.
        """
        origin = await origin_of(data, crop, turn, self._engine.recipe)
        return await self._set(user, data, crop, self._limits, origin, by=by, turn=turn)

    async def set_prepared(
        self,
        user: User,
        prepared_id: str,
        crop: Crop | None,
        turn: int = 0,
        *,
        prepared_by: User | None = None,
        by: Actor | None = None,
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
        origin = await origin_of(data, crop, turn, self._engine.recipe)
        if staged.upload_digest is not None:
            origin = replace(origin, upload_digest=staged.upload_digest)
        limits = self._prepared_limits
        return await self._set(user, data, crop, limits, origin, by=by, turn=turn, is_own=True)

    async def prepare(self, user: User, data: bytes) -> Prepared:
        """Stage a cleaned, upright working copy of a big picture for an hour (contract § 6.4)."""
        owner = Owner(user.team_id, user.id)
        working = await self._engine.prepare(data, self._prepared_limits, owner)
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
            upload_digest=(await origin_of(data, None, 0, "")).upload_digest,
        )
        await in_thread(self._blobs.put, {staged.key: working.data})
        await in_thread(self._database.add_staged, staged)
        url = f"{self._public_url}/{staged.key}"
        seen = working.suggested, working.notes, working.orientation
        return Prepared(staged, url, working.width_before, *seen)

    async def delete(self, user: User, photo_id: int | None = None, by: Actor | None = None) -> int:
        """Take the user's photo away, now and from all its URLs, or only the one with an id.

        With the photo that is shown goes every earlier one that may have been made from the same
        upload; with an id nothing else does. Prepared pictures of the user end in either case, with
        a photo or without. Gives the number of photos. Raises NotFound for one that is not theirs.
        """
        actor = self.allowed(user, by)
        if photo_id is not None:
            photo = await in_thread(self._database.photo, photo_id)
            if photo is None or photo.user_id != user.id:
                raise NotFound(
                    f"photo {photo_id} is none of theirs; users.listPhotos names all",
                    argument="photo",
                )
        now = self._clock()
        delete = partial(self._database.delete_photo, photo_id=photo_id, actor=actor)
        return await self._writer.end(user, await in_thread(delete, user.id, now))

    async def delete_all(self, user: User, by: Actor | None = None) -> int:
        """Take every photo away that the user has and had, and each prepared picture of theirs."""
        actor, now = self.allowed(user, by), self._clock()
        ended = await in_thread(self._database.delete_photos, user.id, now, actor)
        return await self._writer.end(user, ended)

    async def history(self, user: User, limit: int | None = None) -> list[Photo]:
        """The photos the user had, newest first, the current one included; at most `limit`."""
        return await in_thread(self._database.history, user.id, limit)

    async def restore(self, user: User, photo_id: int, by: Actor | None = None) -> Photo:
        """Show a replaced photo again. Raises NotFound when its files are no longer kept.

        Idempotent: the current photo is given back as it is, for a client that retries.
        """
        actor, now = self.allowed(user, by), self._clock()
        if user.photo and user.photo.id == photo_id:
            await self._confirm(user, actor)
            return user.photo
        photo = await in_thread(self._database.restore_photo, user.id, photo_id, now, actor)
        if photo is None:
            raise NotFound(
                f"photo {photo_id} cannot be restored: it is unknown, or its files are gone",
                argument="photo",
            )
        self._writer.tell(user)
        return photo

    async def _set(
        self,
        user: User,
        data: bytes,
        crop: Crop | None,
        limits: Limits,
        origin: Origin,
        *,
        by: Actor | None,
        turn: int,
        is_own: bool = False,
    ) -> Setting:
        actor = self.allowed(user, by)
        if user.photo and secrets.compare_digest(user.photo.source_digest, origin.digest):
            await self._confirm(user, actor)
            return Setting(user.photo)
        developed = await self._engine.develop(
            data, crop, limits, Owner(user.team_id, user.id), turn=turn, is_own=is_own
        )
        photo = await self._writer.write(user, developed, origin, actor)
        return Setting(photo, developed.notes)

    async def _confirm(self, user: User, actor: Actor) -> None:
        """Note whose choice the shown photo is now, where somebody else had chosen it."""
        if user.photo and user.photo_source is not actor.source:
            now = self._clock()
            await in_thread(self._database.confirm_photo, user.id, user.photo.id, now, actor)
