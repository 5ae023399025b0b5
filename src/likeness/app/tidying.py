"""Periodic jobs: deletions finished, orphans found, counters dropped."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from likeness.db import Database
from likeness.errors import ServiceUnavailable
from likeness.figures import Family, Kind, Sheet
from likeness.seldom import SeldomLog
from likeness.sessions import Sessions
from likeness.threads import in_thread
from likeness.upkeep.sweeping import Sweeper

TIDY_INTERVAL_S: Final = 15
"""Deleted photos must be gone from every URL in 60 s (contract § 6.2): half of that, if a process
that does not reach the store has the first round."""

ORPHAN_INTERVAL_S: Final = 24 * 3600
"""The whole store is listed for orphans once a day; they do no harm but take room."""

_DONE, _POSTPONED = ("done",), ("postponed",)
SWEEPS: Final = Family(
    "likeness_sweeps",
    "Rounds of tidying: done, or postponed since the database or the store was away.",
    Kind.COUNTER,
    ("result",),
    (_DONE, _POSTPONED),
)
SWEPT: Final = Family(
    "likeness_last_sweep_timestamp_seconds",
    "When this node ended its last round of tidying. Nodes take turns: look at the latest of all.",
    Kind.LATEST,
)

FAMILIES: Final = (SWEEPS, SWEPT)
"""All that is counted here."""


class Tidying:
    """Tidies one installation, however many processes share it: only one process runs each round.

    Rounds are handed out like calls under a rate limit, so that no process holds a lease, which it
    could not give back if it were killed.
    """

    def __init__(
        self,
        database: Database,
        sweeper: Sweeper,
        sessions: Sessions,
        clock: Callable[[], datetime],
        sheet: Sheet | None = None,
    ) -> None:
        self._database = database
        self._sweeper = sweeper
        self._sessions = sessions
        self._clock = clock
        self._log = SeldomLog()
        self._sheet = sheet or Sheet.alone(*FAMILIES)

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            await asyncio.sleep(TIDY_INTERVAL_S)
            try:
                await self.round()
            except (ServiceUnavailable, OSError) as error:
                self._sheet.add(SWEEPS, _POSTPONED)
                self._log.warning("sweep_postponed", reason=str(error))
                # The next round may go to another process, which may reach the store or database.
                await asyncio.sleep(TIDY_INTERVAL_S)

    async def round(self) -> None:
        """Tidy up unless somebody did within TIDY_INTERVAL_S. Raises ServiceUnavailable."""
        if not await self._is_ours("tidy", TIDY_INTERVAL_S):
            return
        orphans = await self._is_ours("orphans", ORPHAN_INTERVAL_S)
        await self._sweeper.sweep(orphans=orphans)
        if orphans:
            await self._sessions.forget()
        await in_thread(self._database.forget_idle, self._clock().timestamp())
        self._sheet.add(SWEEPS, _DONE)
        self._sheet.set(SWEPT, self._clock().timestamp())

    async def _is_ours(self, work: str, interval_s: float) -> bool:
        now_s = self._clock().timestamp()
        return await in_thread(self._database.take, work, interval_s, 1, now_s) == 0
