"""Metrics of a whole installation: how many people and photos, and whether its parts answer.

Counting looks at whole tables: all processes of a node together do it once in CENSUS_LIFE_S.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from likeness.db import Database
from likeness.delivery import Delivery
from likeness.errors import ServiceUnavailable
from likeness.figures import Family, Kind, Sheet
from likeness.people import People
from likeness.threads import in_thread
from likeness.upkeep.orphans import STORED_LENGTH

CENSUS_LIFE_S: Final = 300.0
"""How old counts may be. A million people are counted in about 0.2 s, in a thread."""

PROBE_TIMEOUT_S: Final = 3.0
"""How long a database and a store have to answer. Prometheus itself waits for 10 s by default."""

PROBED_KEY: Final = "avatars/ready"
"""A key that is never written; reading it asks the store without depending on a photo."""

PEOPLE: Final = Family("likeness_people", "People who are active, bots left out.", Kind.SHARED)
PHOTOS: Final = Family("likeness_photos", "Photos that are shown.", Kind.SHARED)
COUNTED: Final = Family(
    "likeness_counted_timestamp_seconds", "When people and photos were counted.", Kind.SHARED
)
STORED: Final = Family(
    "likeness_stored_bytes",
    "Bytes of all files, as the sweep of orphans listed them last, once a day.",
    Kind.SHARED,
)
DATABASE_UP: Final = Family(
    "likeness_database_up",
    "Whether the database answered the process that was asked (0 or 1).",
    Kind.SHARED,
)
STORE_UP: Final = Family(
    "likeness_store_up",
    "Whether the photo store answered the process that was asked (0 or 1).",
    Kind.SHARED,
)
FAMILIES: Final = (PEOPLE, PHOTOS, COUNTED, STORED, DATABASE_UP, STORE_UP)


class Installation:
    """Looks at the database and the store when a monitor asks."""

    def __init__(
        self,
        database: Database,
        people: People,
        delivery: Delivery,
        sheet: Sheet,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sheet = sheet
        self._clock = clock
        self._is_database_up = _Probe(people.teams)
        self._is_store_up = _Probe(lambda: delivery.read(PROBED_KEY))

    async def look(self) -> None:
        """Measure and set all of them. It takes PROBE_TIMEOUT_S at most, and counting where due."""
        is_up, has_store = await asyncio.gather(self._is_database_up.ask(), self._is_store_up.ask())
        self._sheet.set(DATABASE_UP, is_up)
        self._sheet.set(STORE_UP, has_store)
        age_s = self._clock().timestamp() - self._sheet.get(COUNTED)
        if is_up and not 0 <= age_s < CENSUS_LIFE_S:
            await self._count()

    async def _count(self) -> None:
        # A request meanwhile is answered with the counts from before, and does not count as well.
        self._sheet.set(COUNTED, self._clock().timestamp())
        try:
            counted = await in_thread(self._database.census)
            stored = await in_thread(self._database.fact, STORED_LENGTH)
        except ServiceUnavailable:
            self._sheet.set(COUNTED, 0.0)
            return
        self._sheet.set(PEOPLE, counted.people)
        self._sheet.set(PHOTOS, counted.photos)
        self._sheet.set(STORED, float(stored or 0))


class _Probe:
    """Asks whether something answers; once at a time, however often and long it is waited for."""

    def __init__(self, question: Callable[[], Awaitable[Any]]) -> None:
        self._question = question
        self._asking: asyncio.Task[bool] | None = None

    async def ask(self) -> bool:
        """Whether it answers within PROBE_TIMEOUT_S."""
        asking = self._asking or asyncio.create_task(self._answers())
        self._asking = asking
        await asyncio.wait({asking}, timeout=PROBE_TIMEOUT_S)
        if not asking.done():
            return False
        self._asking = None
        return asking.result()

    async def _answers(self) -> bool:
        try:
            await self._question()
        except (ServiceUnavailable, OSError):
            return False
        return True
