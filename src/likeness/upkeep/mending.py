"""Finds the missing and broken files of one photo, and makes those again that it can.

A size is made from the whole picture where its window is known, else from the largest square that
is whole; larger ones are lost. Files keep their names, since their URLs are public.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.errors import Refusal, ServiceUnavailable
from likeness.imaging.plan import Limits, Output
from likeness.imaging.port import ImageEngine, Owner
from likeness.imaging.probe import probe
from likeness.model import ORIGINAL, STILL, Crop, Format, Photo, Window
from likeness.threads import in_thread

MISSING: Final = "missing"
EMPTY: Final = "empty"


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken file of a photo: its key, and the fault."""

    key: str
    found: str

    @property
    def is_missing(self) -> bool:
        """Whether there is none at all."""
        return self.found == MISSING


def expected(photo: Photo) -> dict[str, Output]:
    """The expected format and sides of each file of a photo, by its key."""
    whole = Output(ORIGINAL, photo.format, photo.width, photo.height, photo.frames)
    squares = [Output(str(size), photo.format, size, size, photo.frames) for size in photo.sizes]
    stills = [Output(f"{size}{STILL}", Format.PNG, size, size) for size in photo.sizes]
    made = [whole, *squares, *(stills if photo.is_animated else [])]
    return {photo.key(out.name): out for out in made}


def expected_copies(photo: Photo) -> dict[str, Output]:
    """The expected format and sides of each copy in another format, where there is one."""
    webp = [Output(str(size), Format.WEBP, size, size) for size in photo.sizes]
    return dict(zip(photo.copy_keys(), webp, strict=True))


def fault_of(out: Output, data: bytes | None) -> str:
    """The fault in the bytes of a file, or "". They are parsed from start to end."""
    if not data:
        return MISSING if data is None else EMPTY
    try:
        seen = probe(data)
    except Refusal as refusal:
        return f"damaged: {refusal.message}"
    if out.fits(seen):
        return ""
    if seen.is_damaged:
        return "damaged: it is cut off, or a checksum in it is wrong"
    width, height = seen.upright
    return f"it is a {seen.format.name} of {width}x{height} pixels and {seen.frames} frames"


def crop_of(photo: Photo, part: Window) -> Crop | None:
    """The box that cuts a part out of the original again; None where that is all of it."""
    if (part.w, part.h) == (photo.width, photo.height):
        return None
    return Crop(part.x, part.y, part.w)


def _copies(photo: Photo, faults: Collection[Fault]) -> set[str]:
    """The faulty files that are copies in other formats."""
    return {fault.key for fault in faults} & set(photo.copy_keys())


class Mending:
    """Makes files of photos again."""

    def __init__(self, database: Database, blobs: BlobStore, engine: ImageEngine) -> None:
        self._database = database
        self._blobs = blobs
        self._engine = engine

    async def mend(self, photo: Photo, faults: Collection[Fault]) -> set[str]:
        """Make the broken files again where possible; gives the keys that are whole now.

        Copies in other formats are deleted instead, since they are made on demand. Raises
        ServiceUnavailable.
        """
        copies = _copies(photo, faults)
        await in_thread(self._blobs.delete, sorted(copies))
        made = await self._made(photo, faults)
        broken = [fault.key for fault in faults if not fault.is_missing and fault.key in made]
        await in_thread(self._replace, photo, broken, made)
        return copies | set(made)

    async def mendable(self, photo: Photo, faults: Collection[Fault]) -> set[str]:
        """The keys that `mend` would make whole. They are made to see it, and nothing is stored.

        Raises ServiceUnavailable.
        """
        return _copies(photo, faults) | set(await self._made(photo, faults))

    async def _made(self, photo: Photo, faults: Collection[Fault]) -> dict[str, bytes]:
        wanted = {fault.key for fault in faults} - _copies(photo, faults)
        if not wanted:
            return {}
        team_id = await in_thread(self._database.team_of_photo, photo.id)
        return await _Remains(photo, wanted, self._blobs, self._engine, team_id).made()

    def _replace(self, photo: Photo, broken: list[str], made: Mapping[str, bytes]) -> None:
        # Keys are written once, so that the broken file has to be deleted first.
        self._blobs.delete(broken)
        self._blobs.put(made)
        now = self._database.photo(photo.id)
        if now is None or not now.state.has_files:
            # It was deleted meanwhile, by a deletion that may have missed these files.
            self._blobs.delete(list(made))
        self._database.announce_files([photo.id])


class _Remains:
    """The whole files of a photo as sources; `wanted` are the keys to make."""

    def __init__(
        self, photo: Photo, wanted: set[str], blobs: BlobStore, engine: ImageEngine, team_id: str
    ) -> None:
        self._photo = photo
        self._owner = Owner(team_id, photo.user_id)
        self._wanted = wanted
        self._blobs = blobs
        self._engine = engine
        self._out = expected(photo)

    async def made(self) -> dict[str, bytes]:
        """The files that could be made, by key; each was judged as if it were stored."""
        made = await self._twins()
        for source, crop in self._sources:
            left = self._wanted - set(made)
            if self._can_be_of(source, left) and (data := await self._kept(source)):
                made |= await self._developed(data, crop, left)
        made |= await self._stills(self._wanted - set(made))
        return {key: data for key, data in made.items() if not fault_of(self._out[key], data)}

    @property
    def _sources(self) -> list[tuple[str, Crop | None]]:
        """The keys of possible sources, each with the box to cut, the best first.

        That is the original, where its window is known, then the squares, the largest first; of
        a photo that moves only those that move.
        """
        squares = [(self._photo.key(str(size)), None) for size in reversed(self._photo.sizes)]
        part = self._photo.part
        return [
            *([(self._photo.key(ORIGINAL), crop_of(self._photo, part))] if part else []),
            *squares,
        ]

    def _can_be_of(self, source: str, left: set[str]) -> bool:
        """Whether something that is left to make could come from that file."""
        if source in self._wanted:
            return False
        side = max(self._out[source].width, self._out[source].height)
        return any(self._out[key].width <= side for key in left - {self._photo.key(ORIGINAL)})

    async def _twins(self) -> dict[str, bytes]:
        """The whole picture and the square of it that is the same file."""
        pair = {self._photo.key(ORIGINAL), self._photo.key(str(self._photo.sizes[-1]))}
        wanted, whole = self._wanted & pair, pair - self._wanted
        is_same = self._photo.is_square and self._photo.sizes[-1] == self._photo.width
        if len(wanted) != 1 or not is_same:
            return {}
        data = await self._kept(whole.pop())
        return {wanted.pop(): data} if data else {}

    async def _kept(self, key: str) -> bytes | None:
        """A file that is there and whole."""
        data = await in_thread(self._blobs.get, key)
        return None if fault_of(self._out[key], data) else data

    async def _developed(self, data: bytes, crop: Crop | None, left: set[str]) -> dict[str, bytes]:
        """The squares and stills made from a picture of which `crop` is shown."""
        photo = self._photo
        side = max(photo.width, photo.height)
        limits = Limits(
            side_px_min=1,
            side_px_max=side,
            frames_max=photo.frames,
            animation_pixels_max=photo.frames * side**2,
            length_max=len(data),
            pixels_max=side**2,
        )
        try:
            developed = await self._engine.develop(
                data, crop, limits, self._owner, keeps_alpha=await self._may_be_clear()
            )
        except ServiceUnavailable:
            raise
        except Refusal:
            # Pixels of a file that parses may still be damaged; the next source is tried.
            return {}
        made = {photo.key(each.name): each.data for each in developed.renditions}
        return {key: made[key] for key in left & set(made) - {photo.key(ORIGINAL)}}

    async def _may_be_clear(self) -> bool:
        """Whether the largest square that is left may have clear pixels.

        Bars were once clear around all that spoke of alpha, and those of one photo are alike.
        """
        for size in reversed(self._photo.sizes):
            key = self._photo.key(f"{size}{STILL * self._photo.is_animated}")
            if key not in self._wanted and (data := await self._kept(key)):
                return probe(data).has_alpha
        return False

    async def _stills(self, left: set[str]) -> dict[str, bytes]:
        """Stills from a larger one, where nothing that moves is left."""
        sides = {key: out.width for key, out in self._out.items() if out.name.endswith(STILL)}
        wanted = left & set(sides)
        source = max(set(sides) - self._wanted, key=sides.__getitem__, default=None)
        data = await self._kept(source) if wanted and source else None
        if data is None or source is None:
            return {}
        made = dict[str, bytes]()
        for key in (each for each in wanted if sides[each] < sides[source]):
            try:
                made[key] = await self._engine.view(
                    data, sides[key], Format.PNG, team_id=self._owner.team_id
                )
            except ServiceUnavailable:
                raise
            except Refusal:
                # As above: it may be damaged within, and no other still comes from it then.
                break
        return made
