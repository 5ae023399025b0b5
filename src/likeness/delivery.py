"""Use case: serve photos. By their own URL or the hash of an address, in any size and format.

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

from anyio import CapacityLimiter, to_thread

from likeness.blobs import BlobStore
from likeness.db import Database, looked_up
from likeness.errors import ServiceUnavailable
from likeness.imaging.port import ImageEngine
from likeness.imaging.portraits.letters import initials_of, letters_of
from likeness.imaging.portraits.plain import ground, is_plain
from likeness.imaging.views import SIDES_PX_MAX
from likeness.log import Log
from likeness.model import (
    FORMAT_OF_SUFFIX,
    ORIGINAL,
    STILL,
    DefaultStyle,
    Format,
    Photo,
    User,
)
from likeness.photo_address import PhotoAddress
from likeness.singleflight import SingleFlight
from likeness.threads import in_thread

READ_AT_A_TIME: Final = 32
"""Threads that may wait for the store. They are not those that ask the database, so that a store
which hangs holds up nothing but photos."""

ORIGINAL_SIDE_PX_MAX: Final = 4096
"""The side of the largest working copy. Where an operator raises limits there are larger originals,
which are too expensive to decode for a view."""

_log = Log(__name__)
_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


@dataclass(frozen=True, slots=True)
class File:
    """A picture to be shown. One that `stands_in` is not quite what was asked for."""

    data: bytes
    format: Format
    stands_in: bool = False


class Delivery:
    """Finds and makes the pictures that are shown of users.

    Where pictures have to be made, clients take turns: `asker` identifies the client, such as by
    its address. Where too many wait, a picture that exists already stands in.

    `photo_formats` are the formats in which photos are offered beside their own, the best first.
    """

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        engine: ImageEngine,
        clock: Callable[[], datetime],
        photo_formats: Sequence[Format] = (),
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._engine = engine
        self._clock = clock
        self._photo_formats = photo_formats
        self._reading = CapacityLimiter(READ_AT_A_TIME)
        self._copying = SingleFlight[str, bytes | None]()

    async def photo(
        self, address: PhotoAddress, accepted: Collection[Format] = (), *, asker: str = ""
    ) -> File | Photo | None:
        """The file at an address, or the photo that took its photo's place, or None.

        `accepted` are formats that the asker likes as much as the photo's own. Raises
        ServiceUnavailable when the file is there but cannot be had.
        """
        key = address.key
        data = await self._from_store(self._blobs.get, key)
        if data is None:
            instead = await in_thread(self._instead, address)
            if not isinstance(instead, list):
                return instead
            key, data = await self._stored(address.photo_id, instead)
            if key != instead[0]:
                return File(data, _format_of(key), stands_in=True)
        own = _format_of(key)
        liked = next((form for form in self._photo_formats if form in accepted), own)
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
        is_open = await in_thread(self._database.is_staged, key, self._clock())
        return await self.read(key) if is_open else None

    async def listed_user(self, digest: bytes) -> User | None:
        """The listed user with this address digest (MD5 or SHA-256), else None."""
        return await looked_up(self._database, self._database.listed, digest)

    async def listed_called(self, name: str) -> User | None:
        """The listed user with this id, or with this name if they alone have it; else None."""
        return await in_thread(self._database.listed_called, name)

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
        and GIF have no more than their SIDES_PX_MAX. A photo that moves is shown still, unless GIF
        is asked for; then the nearest size below stands in. Raises ServiceUnavailable.
        """
        if photo.is_animated and form is Format.GIF:
            size = photo.size_shown(side)
            _, data = await self._stored(photo.id, [photo.key(str(size))])
            return File(data, Format.GIF, stands_in=size != side)
        size, name = _still_of(photo, side)
        _, data = await self._stored(photo.id, [photo.key(name)])
        own = Format.PNG if photo.is_animated else photo.format
        liked = (
            each for each in self._photo_formats if each in accepted and side <= SIDES_PX_MAX[each]
        )
        wanted = form or next(liked, own)
        side = min(side, SIDES_PX_MAX[wanted])
        if (size, own) == (side, wanted):
            return File(data, own)
        try:
            return File(await self._scaled(photo.id, data, side, wanted, asker), wanted)
        except ServiceUnavailable:
            # Some clients that ask by hash remember a failure for hours: a picture of
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

        See `imaging.portraits.drawn` for the other arguments; WebP and GIF have no more than their
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
        return bool(self._photo_formats)

    @staticmethod
    def letters_of(name: str) -> str:
        """The letters that a default picture shows for a name: its initials, at most two, or ""."""
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
            found = await in_thread(self._database.team_of_photo, photo_id)
        return found or f"photo {photo_id}"

    async def _from_store(self, ask: Callable[[*_Ts], _T], *args: *_Ts) -> _T:
        return await to_thread.run_sync(ask, *args, limiter=self._reading)

    async def _stored(self, photo_id: int, keys: Sequence[str]) -> tuple[str, bytes]:
        """The first of these files that is there, one of which must be. Raises ServiceUnavailable.

        A file that is lost, or not written yet, is no 404, since caches would keep that.
        """
        for key in keys:
            data = await self._from_store(self._blobs.get, key)
            if data is not None:
                return key, data
        _log.error("photo_file_missing", photo_id=photo_id)
        raise ServiceUnavailable("the photo's file cannot be found now; try again soon")

    def _instead(self, address: PhotoAddress) -> list[str] | Photo | None:
        """The substitute for a file that is not there.

        For a kept photo the keys of other files, as `PhotoAddress.keys_in` has them; for an expired
        one the photo that is shown in its place; None for a deleted photo, and for a file that the
        photo never had.
        """
        photo = self._database.photo(address.photo_id)
        if photo is None or not compare_digest(photo.secret, address.secret):
            return None
        if photo.state.is_over:
            return self._database.current_photo(photo.user_id)
        return (address.keys_in(photo) or None) if photo.state.has_files else None

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
            # It was deleted meanwhile: a purge before this file came missed it, a later one will
            # find it.
            self._blobs.delete([copy_key])


def _still_of(photo: Photo, side: int) -> tuple[int, str]:
    """The smallest square that is stored and large enough, or the largest: its side and name.

    The original is one of them where it shows the very same.
    """
    found = [(size, f"{size}{STILL * photo.is_animated}") for size in photo.sizes]
    if photo.is_square and not photo.is_animated and photo.width <= ORIGINAL_SIDE_PX_MAX:
        found.append((photo.width, ORIGINAL))
    return next((each for each in found if each[0] >= side), found[-1])


def _format_of(key: str) -> Format:
    return FORMAT_OF_SUFFIX[key.rpartition(".")[2]]
