"""Use case: undo an import of photos, except where somebody chose another one since."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from likeness.db import Database
from likeness.errors import Mistake
from likeness.events import OPERATOR, Actor, Batch, Event, Verb, shown_before
from likeness.model import Source, Team
from likeness.offers import Offers
from likeness.threads import in_thread

PAGE: Final = 500
"""Events that are read from the database at once."""

BATCHES_SHOWN: Final = 100
"""Batches that are listed, newest first."""


@dataclass(slots=True)
class Undone:
    """How many photos of a batch were put back, how many are somebody's newer choice, and so on.

    Of those put back, `gone` people have none now, since the files of the photo before were
    removed. `already` were taken back earlier.
    """

    put_back: int = 0
    newer: int = 0
    already: int = 0
    gone: int = 0


class Undoing:
    """Batches of photos, and taking them back."""

    def __init__(self, database: Database, offers: Offers, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._offers = offers
        self._clock = clock

    async def batches(self, team: Team) -> list[Batch]:
        """The newest imports of a workspace."""
        return await in_thread(self._database.batches, team.id, BATCHES_SHOWN)

    async def batch(self, team: Team, batch_id: str) -> Batch | None:
        """One import of a workspace."""
        batch = await in_thread(self._database.batch, batch_id)
        return batch if batch and batch.team_id == team.id else None

    async def undo(self, batch_id: str, by: Actor = OPERATOR) -> Undone:
        """Put back what each person had before; a second time changes nothing.

        Raises Mistake for an id that no batch has, ServiceUnavailable: then it may be done again.
        """
        batch = await in_thread(self._database.batch, batch_id.strip().lower())
        if batch is None:
            raise Mistake(f"no import is called {batch_id}; `likeness photo imports` lists them")
        by = replace(by, source=Source.ADMINISTRATOR, batch_id=batch.id)
        undone, taken_back = Undone(), set[int]()
        async for event in self._events(batch.id):
            # Newest first: what was taken away is told of before what was set.
            if event.verb is Verb.PHOTO_REMOVED and event.photo_id is not None:
                taken_back.add(event.photo_id)
            elif event.verb is Verb.PHOTO_SET and event.photo_id in taken_back:
                undone.already += 1
            elif event.verb is Verb.PHOTO_SET:
                await self._take_back(batch, event, by, undone)
        await in_thread(self._database.note_undone, batch.id, self._clock())
        return undone

    async def _take_back(self, batch: Batch, event: Event, by: Actor, undone: Undone) -> None:
        user = await in_thread(self._database.user, batch.team_id, event.user_id)
        if user is None or not await self._offers.take_back(user, event, by):
            undone.newer += 1
            return
        undone.put_back += 1
        before_id, _ = shown_before(event)
        if before_id and await in_thread(self._database.current_photo, user.id) is None:
            undone.gone += 1

    async def _events(self, batch_id: str) -> AsyncIterator[Event]:
        """The events of a batch, newest first."""
        before: int | None = None
        while True:
            events = await in_thread(
                self._database.events, batch_id=batch_id, before_id=before, limit=PAGE
            )
            for event in events:
                yield event
            if len(events) < PAGE:
                return
            before = events[-1].id
