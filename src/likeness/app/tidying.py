"""Periodic jobs: deletions finished, orphans found, counters dropped."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from anyio import to_thread

from likeness.db import Database
from likeness.errors import ServiceUnavailable
from likeness.sessions import Sessions
from likeness.upkeep.sweeping import Sweeper

TIDY_INTERVAL_S: Final = 15
"""Deleted photos must be gone from every URL in 60 s (contract § 6.2): half of that, if a process
that does not reach the store has the first round."""

ORPHAN_INTERVAL_S: Final = 24 * 3600
"""The whole store is listed for orphans once a day; they do no harm but take room."""

_log = structlog.get_logger()


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
    ) -> None:
        self._database = database
        self._sweeper = sweeper
        self._sessions = sessions
        self._clock = clock

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            await asyncio.sleep(TIDY_INTERVAL_S)
            try:
                await self.round()
            except (ServiceUnavailable, OSError) as error:
                _log.warning("sweep_postponed", reason=str(error))
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
        await to_thread.run_sync(self._database.forget_idle, self._clock().timestamp())

    async def _is_ours(self, work: str, interval_s: float) -> bool:
        now_s = self._clock().timestamp()
        return await to_thread.run_sync(self._database.take, work, interval_s, 1, now_s) == 0
