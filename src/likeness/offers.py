"""Use case: photos that come without their owner: from imports, directories and providers.

`precedence.judge` says which are taken. Each comes whole: big ones are reduced, and of one that is
no square the part is shown that draws the eye.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from likeness.db import Database
from likeness.events import Actor, Event
from likeness.imaging.plan import Limits
from likeness.imaging.port import Developed, ImageEngine, Owner
from likeness.imaging.probe import probe
from likeness.model import Crop, Photo, User
from likeness.photo_writer import PhotoWriter, origin_of
from likeness.precedence import Kept, Offer, Standing, judge
from likeness.threads import in_thread


@dataclass(frozen=True, slots=True)
class Taken:
    """An offered photo that is shown now, and remarks on what was changed in it."""

    photo: Photo
    notes: tuple[str, ...] = ()


class Offers:
    """Photos that others than people themselves bring. `limits` are theirs."""

    def __init__(
        self,
        database: Database,
        engine: ImageEngine,
        writer: PhotoWriter,
        clock: Callable[[], datetime],
        limits: Limits,
    ) -> None:
        self._database = database
        self._engine = engine
        self._writer = writer
        self._clock = clock
        self.limits = limits

    async def offer(self, user: User, data: bytes, offer: Offer, by: Actor) -> Taken | Kept:
        """Make an offered picture the photo of `user`, as they stand now, or say why not.

        It is judged again when it is written: what a person chose meanwhile stays. Raises BadImage,
        TooLarge, TooManyFrames, ServiceUnavailable.
        """
        origin = await origin_of(data, None, 0, self._engine.recipe)
        offer = replace(offer, upload_digest=origin.upload_digest)
        if (kept := judge(Standing.of(user), offer)) is not None:
            return kept
        # Everything that one actor brings stands in one line, beside those of people.
        developed = await self._developed(data, Owner(user.team_id, by.name))
        written = await self._writer.write_offered(user, developed, origin, by, offer)
        return written if isinstance(written, Kept) else Taken(written, developed.notes)

    async def consider(self, user: User, data: bytes, offer: Offer) -> Kept | None:
        """Why a picture would not be taken; None where it would, if it is one."""
        digest = (await origin_of(data, None, 0, "")).upload_digest
        return judge(Standing.of(user), replace(offer, upload_digest=digest))

    async def withdraw(self, user: User, by: Actor) -> bool:
        """Take the shown photo away where `by` set it; whether that was so."""
        ended = await in_thread(self._database.withdraw_photo, user.id, self._clock(), by)
        return bool(await self._writer.end(user, ended))

    async def take_back(self, user: User, event: Event, by: Actor) -> bool:
        """Put back what was shown before an offered photo was set; False where that is over."""
        ended = await in_thread(self._database.take_back_photo, event, self._clock(), by)
        if ended is None:
            return False
        await self._writer.end(user, ended)
        return True

    async def _developed(self, data: bytes, owner: Owner) -> Developed:
        """The files of a picture: small squares as they are, others by way of a working copy."""
        width, height = probe(data).upright
        if width == height <= self.limits.side_px_max:
            return await self._engine.develop(data, None, self.limits, owner)
        working = await self._engine.prepare(data, self.limits, owner)
        crop = working.suggested or Crop.centre(working.width, working.height)
        made = await self._engine.develop(working.data, crop, self.limits, owner, is_own=True)
        return replace(made, notes=(*working.notes, *made.notes))
