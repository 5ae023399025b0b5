"""Use case: make the sizes that photos of earlier versions lack, from their originals.

Such a photo has no square at its own side, only those of SIZES that are smaller, and its row does
not say which part of the original it shows. Where that is all of it, the square is made from the
original and the row says so from then on. Where it was cut, nobody knows where, and it stays as it
is. A run that was cut short goes on where it stopped.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.errors import BadImage
from likeness.imaging.port import ImageEngine, Owner
from likeness.model import ORIGINAL, SIZES, STILL, Photo, Window
from likeness.threads import in_thread
from likeness.upkeep.listing import Progress
from likeness.upkeep.mending import EMPTY, MISSING, Fault, Mending, expected, fault_of

PAGE: Final = 500
"""Photos that are read from the database at once."""

AT_ONCE: Final = 4
"""Photos that are made at once: two keep two workers busy while the files of two are read."""

PHOTOS_SHOWN: Final = 1000
"""All are counted; of those that stay as they are, the first ones are named."""

_NEXT_SIZE: Final = dict(pairwise(SIZES))


class Outcome(StrEnum):
    """The outcome for a photo."""

    COMPLETE = "complete"
    REMADE = "remade"
    CUT = "cut"
    BROKEN = "broken"


@dataclass
class RemakeReport:
    """How many photos there are of each outcome, and which stay as they are, by their ids."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    cut: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)

    def add(self, photo: Photo, outcome: Outcome) -> None:
        """Count it, and keep the id while there is room."""
        self.counts[outcome] += 1
        named = {Outcome.CUT: self.cut, Outcome.BROKEN: self.broken}.get(outcome)
        if named is not None and len(named) < PHOTOS_SHOWN:
            named.append(photo.id)


class Remaking:
    """Makes the missing sizes of all photos."""

    def __init__(self, database: Database, blobs: BlobStore, engine: ImageEngine) -> None:
        self._database = database
        self._blobs = blobs
        self._engine = engine
        self._mending = Mending(database, blobs, engine)

    async def run(self, progress: Progress) -> RemakeReport:
        """Look at every photo whose files are kept; `progress` hears of them.

        Nothing that is stored is changed. Raises ServiceUnavailable.
        """
        report, after = RemakeReport(), 0
        progress.expect(await in_thread(self._database.count_kept_photos))
        while photos := await in_thread(self._database.kept_photos, after, PAGE):
            for start in range(0, len(photos), AT_ONCE):
                some = photos[start : start + AT_ONCE]
                for photo, outcome in zip(
                    some, await asyncio.gather(*map(self._remade, some)), strict=True
                ):
                    report.add(photo, outcome)
                progress.advance(len(some))
            after = photos[-1].id
        return report

    async def _remade(self, photo: Photo) -> Outcome:
        if photo.window is not None or photo.sizes[-1] not in _NEXT_SIZE:
            return Outcome.COMPLETE
        whole = uncut(photo)
        if whole is None:
            return _cut(photo)
        try:
            if whole.sizes == photo.sizes or await self._shows_whole(photo):
                return await self._completed(photo, whole)
        except (LookupError, BadImage):
            return Outcome.BROKEN
        return _cut(photo)

    async def _shows_whole(self, photo: Photo) -> bool:
        """Whether the largest square shows all of the original.

        Raises LookupError where one of them is lost or broken, BadImage where its pixels are.
        """
        names = (ORIGINAL, f"{photo.sizes[-1]}{STILL * photo.is_animated}")
        original, square = [await self._kept(photo.key(name), photo) for name in names]
        team_id = await in_thread(self._database.team_of_photo, photo.id)
        return await self._engine.shows_whole(original, square, Owner(team_id, photo.user_id))

    async def _kept(self, key: str, photo: Photo) -> bytes:
        data = await in_thread(self._blobs.get, key)
        if data is None or fault_of(expected(photo)[key], data):
            raise LookupError(key)
        return data

    async def _completed(self, photo: Photo, whole: Photo) -> Outcome:
        """Files first, then the row, as when a photo is set."""
        keys = [key for key in whole.blob_keys() if key not in photo.blob_keys()]
        faults = [await in_thread(self._fault, key) for key in keys]
        is_made = await self._mending.mend(whole, faults) == set(keys)
        if is_made and await in_thread(self._database.add_sizes, whole):
            return Outcome.REMADE if keys else Outcome.COMPLETE
        # It cannot be made, or the photo was taken away meanwhile with the files its row knew.
        await in_thread(self._blobs.delete, keys)
        return Outcome.COMPLETE if is_made else Outcome.BROKEN

    def _fault(self, key: str) -> Fault:
        """One that is there was left behind by a run that was cut short, and goes first."""
        return Fault(key, MISSING if self._blobs.get(key) is None else EMPTY)


def _cut(photo: Photo) -> Outcome:
    """The outcome for a photo whose crop box is unknown.

    No box is longer than the picture's shorter side, so that one as long has all of its pixels.
    """
    is_longest = photo.sizes[-1] == min(photo.width, photo.height)
    return Outcome.COMPLETE if is_longest else Outcome.CUT


def uncut(photo: Photo) -> Photo | None:
    """The photo with all of its sizes if it shows all of its original, None where it cannot.

    The sizes of before were those of SIZES that the square was large enough for.
    """
    side, largest = max(photo.width, photo.height), photo.sizes[-1]
    if not largest <= side < _NEXT_SIZE.get(largest, largest + 1):
        return None
    sizes = photo.sizes if side == largest else (*photo.sizes, side)
    return replace(photo, sizes=sizes, window=Window(0, 0, photo.width, photo.height))
