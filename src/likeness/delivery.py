"""Use case: look at a photo. By its own URL, by the hash of an address, in any size and format.

Nothing here changes a photo. The one thing that is ever written are copies of stored sizes in
formats that the operator allows, each under a name that belongs to its photo.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from secrets import compare_digest
from typing import Final, TypeVar, TypeVarTuple

import structlog
from anyio import CapacityLimiter, to_thread

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.errors import ServiceUnavailable
from likeness.imaging.port import ImageEngine
from likeness.imaging.portraits.letters import initials_of, letters_of
from likeness.imaging.portraits.plain import ground, is_plain
from likeness.imaging.views import SIDES_PX_MAX
from likeness.model import (
    FORMAT_OF_SUFFIX,
    ORIGINAL,
    STILL,
    DefaultStyle,
    Format,
    Photo,
    PhotoAddress,
    User,
)
from likeness.singleflight import SingleFlight

READ_AT_A_TIME: Final = 32
"""Threads that may wait for the store. They are not those that ask the database, so that a store
which hangs holds up nothing but photos."""

_log = structlog.get_logger()
_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


@dataclass(frozen=True, slots=True)
class File:
    """A picture to be shown. One that `stands_in` is not quite what was asked for."""

    data: bytes
    format: Format
    stands_in: bool = False


class Delivery:
    """Everything that can be asked about how somebody looks.

    Where pictures have to be made and others wait, those who ask take turns: `asker` says who it
    is, such as the address of a client. Where too many wait, what is at hand stands in.

    `offered` are the formats in which photos are offered beside their own, the best first.
    """

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        engine: ImageEngine,
        clock: Callable[[], datetime],
        offered: Sequence[Format] = (),
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._engine = engine
        self._clock = clock
        self._offered = offered
        self._reading = CapacityLimiter(READ_AT_A_TIME)
        self._copying = SingleFlight[str, bytes | None]()

    async def photo(
        self, address: PhotoAddress, accepted: Collection[Format] = (), *, asker: str = ""
    ) -> File | Photo | None:
        """The file at an address, or the photo that took its photo's place, or None.

        `accepted` are formats that the asker likes as much as the photo's own. Raises
        ServiceUnavailable when the file is there but cannot be had.
        """
        found = await self._from_store(self._first_of, address.keys)
        if found is None:
            return await to_thread.run_sync(self._successor, address)
        key, data = found
        own = _format_of(key)
        if key != address.keys[0] and not await self._is_never_made(address):
            return await self._instead(address, File(data, own, stands_in=True))
        liked = next((form for form in self._offered if form in accepted), own)
        if liked is own or address.name == ORIGINAL or own is Format.GIF:
            return File(data, own)
        return await self._offer(address.photo_id, key, data, liked, asker)

    async def read(self, key: str) -> bytes | None:
        """The file of a key, or None. Raises ServiceUnavailable when the store is away."""
        return await self._from_store(self._blobs.get, key)

    async def staged(self, key: str) -> bytes | None:
        """The file of a prepared picture; None where its hour is over, or its owner's account is.

        Raises ServiceUnavailable when the database or the store is away.
        """
        is_open = await to_thread.run_sync(self._database.is_staged, key, self._clock())
        return await self.read(key) if is_open else None

    async def listed(self, digest: bytes) -> User | None:
        """Whom the MD5 or SHA-256 of an address leads to; None for who is unknown or hides."""
        if self._database.is_embedded:
            # A few steps down an index in a file: handing them to a thread would cost twice as much
            # as they do, and twice wait for whatever else has the interpreter.
            with suppress(ServiceUnavailable):
                return self._database.listed(digest, at_once=True)
        return await to_thread.run_sync(self._database.listed, digest)

    async def view(
        self,
        photo: Photo,
        side: int,
        form: Format | None,
        accepted: Collection[Format] = (),
        *,
        asker: str = "",
    ) -> File:
        """A photo as a square of exactly `side` pixels, 1 to 2048, larger ones enlarged.

        Without `form` it has the photo's own format, or the best offered one of `accepted`; WebP
        and GIF have no more than their SIDES_PX_MAX. What moves is shown still, unless GIF is asked
        for; then the nearest size below stands in. Raises ServiceUnavailable.
        """
        if photo.is_animated and form is Format.GIF:
            size = photo.size_shown(side)
            return File(await self._stored(photo, str(size)), Format.GIF, stands_in=size != side)
        size = min((made for made in photo.sizes if made >= side), default=photo.sizes[-1])
        data = await self._stored(photo, f"{size}{STILL * photo.is_animated}")
        own = Format.PNG if photo.is_animated else photo.format
        liked = (each for each in self._offered if each in accepted and side <= SIDES_PX_MAX[each])
        wanted = form or next(liked, own)
        side = min(side, SIDES_PX_MAX[wanted])
        if (size, own) == (side, wanted):
            return File(data, own)
        try:
            return File(await self._scaled(photo.id, data, side, wanted, asker), wanted)
        except ServiceUnavailable:
            # Whoever asks by hash remembers a failure for hours (reading facts 4.5): a picture of
            # the wrong size is the smaller evil while the engine has too much to do.
            return File(data, own, stands_in=True)

    async def default(
        self,
        style: DefaultStyle,
        digest: str,
        side: int,
        letters: str,
        form: Format | None = None,
        *,
        asker: str = "",
    ) -> File:
        """The picture of somebody without a photo, as PNG unless another format is asked for.

        See `imaging.portraits.drawn` for what the others mean; WebP and GIF have no more than their
        SIDES_PX_MAX. One that lacks letters for want of a font stands in for the picture that will
        be there once the font is, and where too many wait, a square in its colour does.
        """
        form = form or Format.PNG
        side = min(side, SIDES_PX_MAX[form])
        if is_plain(style, form):
            return File(ground(style, digest, side), form)
        try:
            drawing = await self._engine.draw(style, digest, side, letters, form, asker=asker)
        except ServiceUnavailable:
            return File(ground(style, digest, side), Format.PNG, stands_in=True)
        return File(drawing.data, form, stands_in=not drawing.is_whole)

    def is_settled(self, photo: Photo) -> bool:
        """Whether no other photo of the same person can have been set in the same second.

        A moment in whole seconds tells the photo from others only then (RFC 9110, 8.8.2).
        """
        return self._clock() >= photo.set_at.replace(microsecond=0) + timedelta(seconds=1)

    @property
    def is_negotiating(self) -> bool:
        """Whether one URL may show one photo in several formats."""
        return bool(self._offered)

    @staticmethod
    def letters_of(name: str) -> str:
        """What stands for a name in a default picture: its initials, at most two, or ""."""
        return initials_of(name)

    @staticmethod
    def letters(text: str) -> str:
        """Initials that somebody wrote down, as they are drawn: the first two, as capitals."""
        return "".join(map(initials_of, letters_of(text)))

    async def _scaled(
        self, photo_id: int, data: bytes, side: int, form: Format, asker: str
    ) -> bytes:
        """A stored square of a photo, made anew. Raises ServiceUnavailable."""
        team_id = await self._team_of(photo_id)
        return await self._engine.view(data, side, form, team_id=team_id, asker=asker)

    async def _team_of(self, photo_id: int) -> str:
        """The workspace of a photo; where nobody can tell, a name that no other photo has."""
        found = ""
        with suppress(ServiceUnavailable):
            found = await to_thread.run_sync(self._database.team_of_photo, photo_id)
        return found or f"photo {photo_id}"

    async def _from_store(self, ask: Callable[[*_Ts], _T], *args: *_Ts) -> _T:
        return await to_thread.run_sync(ask, *args, limiter=self._reading)

    def _first_of(self, keys: Sequence[str]) -> tuple[str, bytes] | None:
        """The first blob that there is, with its key."""
        for key in keys:
            data = self._blobs.get(key)
            if data is not None:
                return key, data
        return None

    async def _stored(self, photo: Photo, name: str) -> bytes:
        """A rendition that must be there. Raises ServiceUnavailable when it is not."""
        data = await self._from_store(self._blobs.get, photo.key(name))
        if data is None:
            raise _missing(photo)
        return data

    async def _is_never_made(self, address: PhotoAddress) -> bool:
        """Whether a photo is there and has no such size, so that a smaller one is the answer."""
        with suppress(ServiceUnavailable):
            photo = await to_thread.run_sync(self._photo_at, address)
            return bool(photo and photo.state.has_files and not _has(photo, address))
        return False

    async def _instead(self, address: PhotoAddress, smaller: File) -> File | Photo | None:
        """For a size that is lost, or gone a moment before the others of its photo are."""
        try:
            return await to_thread.run_sync(self._successor, address)
        except ServiceUnavailable:
            return smaller

    def _photo_at(self, address: PhotoAddress) -> Photo | None:
        """The photo of an address, whatever became of it."""
        photo = self._database.photo(address.photo_id)
        return photo if photo and compare_digest(photo.secret, address.secret) else None

    def _successor(self, address: PhotoAddress) -> Photo | None:
        """The photo that is shown in place of one whose time is over; None for one taken away.

        Raises ServiceUnavailable for one whose files must be there.
        """
        photo = self._photo_at(address)
        if photo is None:
            return None
        if photo.state.has_files and not set(address.keys).isdisjoint(photo.blob_keys()):
            # A 404 would be remembered; what is lost or on its way must not be.
            raise _missing(photo)
        is_over = photo.state.is_over
        return self._database.current_photo(photo.user_id) if is_over else None

    async def _offer(self, photo_id: int, key: str, data: bytes, form: Format, asker: str) -> File:
        """A stored square in another format, made once and kept; the square where it is smaller."""
        copy_key = f"{key.rpartition('.')[0]}.{form.extension}"
        copy = await self._from_store(self._blobs.get, copy_key)
        if copy is None:
            make = partial(self._made, photo_id, copy_key, data, form, asker)
            copy = await self._copying.do(copy_key, make)
        if copy and len(copy) < len(data):
            return File(copy, form)
        return File(data, _format_of(key), stands_in=copy is None)

    async def _made(
        self, photo_id: int, copy_key: str, data: bytes, form: Format, asker: str
    ) -> bytes | None:
        """Make and keep a copy; None while the engine has too much to do.

        One that cannot be kept, since the disk is full or read-only, is shown all the same.
        """
        size = int(copy_key.rpartition("_")[2].partition(".")[0])
        try:
            copy = await self._scaled(photo_id, data, size, form, asker)
        except ServiceUnavailable:
            return None
        with suppress(ServiceUnavailable):
            await self._from_store(self._keep, photo_id, copy_key, copy)
        return copy

    def _keep(self, photo_id: int, copy_key: str, copy: bytes) -> None:
        self._blobs.put({copy_key: copy})
        photo = self._database.photo(photo_id)
        if photo is None or not photo.state.has_files:
            # It was taken away meanwhile: whoever purged it before this file came missed it, and
            # whoever purges it from now on finds it.
            self._blobs.delete([copy_key])


def _has(photo: Photo, address: PhotoAddress) -> bool:
    """Whether the very file that an address names was made for its photo."""
    return address.keys[0] in photo.blob_keys()


def _format_of(key: str) -> Format:
    return FORMAT_OF_SUFFIX[key.rpartition(".")[2]]


def _missing(photo: Photo) -> ServiceUnavailable:
    _log.error("photo_file_missing", photo_id=photo.id)
    return ServiceUnavailable("the photo's file cannot be found now; try again soon")
