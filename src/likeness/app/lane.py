"""The lane of one target: what is due there is leased and brought, apart from all other targets.

So a target that is slow, huge or away costs the others nothing: it holds up its own lane alone.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from likeness.app.target_figures import DELIVERIES, DELIVERY_SECONDS
from likeness.copies import ACT_TIMEOUT_S, Copies
from likeness.db import Database
from likeness.elsewhere import Copy, Result, Target
from likeness.errors import Mistake, ServiceUnavailable
from likeness.figures import Sheet
from likeness.log import Log
from likeness.seldom import Outage
from likeness.targets.kinds import KINDS
from likeness.targets.port import Holder, Receiver
from likeness.threads import in_thread

LEASE_S: Final = 60.0
"""How long nobody else brings what one process has leased; what a process that is killed costs."""

LEASED_MAX: Final = 20
"""Copies that are leased at a time."""

FAILURES_MAX: Final = 5
"""After so many failures in a row a target is only probed."""

PROBE_INTERVAL_S: Final = 60.0
"""How often one copy is tried at a target that fails."""

PATIENCE: Final = timedelta(days=5)
"""After so long without a success a target is paused."""

PER_MINUTE: Final = "per_minute"
"""The option that says how many people a target is brought in a minute, by each process."""

Open = Callable[[Target], Holder | Receiver]
"""Opens a target. Raises Mistake."""

_FAILURES: Final = frozenset({Result.AWAY, Result.LATER, Result.GONE})
_log = Log(__name__)


class Lane:
    """Brings one target what is due there, for as long as there is something and it answers."""

    def __init__(
        self,
        target: Target,
        *,
        opened: Open,
        copies: Copies,
        database: Database,
        clock: Callable[[], datetime],
        sheet: Sheet,
    ) -> None:
        self.target = target
        self._open = opened
        self._copies = copies
        self._database = database
        self._clock = clock
        self._sheet = sheet
        self._outage = Outage("target_away", "target_back", target=target.name)
        self._failures = 0
        self._probed_s = 0.0
        self._is_stopping = False
        self._next_s = 0.0

    def stop(self) -> None:
        """Begin nothing more."""
        self._is_stopping = True

    def may_run(self) -> bool:
        """Whether it is tried now; one that fails is so once in PROBE_INTERVAL_S."""
        if self._failures < FAILURES_MAX:
            return True
        return time.monotonic() - self._probed_s >= PROBE_INTERVAL_S

    async def run(self) -> None:
        """Bring what is due until nothing is, or the target fails. Raises ServiceUnavailable."""
        try:
            port = self._open(self.target)
        except Mistake as mistake:
            await self._failed(str(mistake))
            return
        while not self._is_stopping and self.may_run():
            now = self._clock()
            until = now + timedelta(seconds=LEASE_S)
            limit = 1 if self._failures else LEASED_MAX
            self._probed_s = time.monotonic()
            batch = await in_thread(self._database.lease_copies, self.target.id, now, until, limit)
            if not batch:
                return
            await self._bring_all(port, batch)

    async def _bring_all(self, port: Holder | Receiver, batch: list[Copy]) -> None:
        """A leased batch, as many at a time as the kind allows."""
        began_s = time.monotonic()
        waiting = iter(batch)

        async def bring_some() -> None:
            for copy in waiting:
                late = time.monotonic() - began_s > LEASE_S - ACT_TIMEOUT_S
                is_shut = self._failures >= FAILURES_MAX and len(batch) > 1
                if self._is_stopping or late or is_shut:
                    await self._give_back(copy)
                else:
                    await self._pace()
                    await self._bring(port, copy)

        together = KINDS[self.target.kind].concurrency_max
        async with asyncio.TaskGroup() as group:
            for _ in range(min(together, len(batch))):
                group.create_task(bring_some())

    async def _bring(self, port: Holder | Receiver, copy: Copy) -> None:
        began_s = time.monotonic()
        try:
            result = await self._copies.bring(self.target, port, copy)
        except ServiceUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of a kind holds up its own target alone.
            _log.error("target_failed", target=self.target.name, exc_info=error)
            result = Result.AWAY
        kind = self.target.kind
        self._sheet.add(DELIVERIES, (kind, result.value))
        if result is not Result.UNCHANGED:
            self._sheet.observe(DELIVERY_SECONDS, time.monotonic() - began_s, (kind,))
        if result in _FAILURES:
            await self._failed(result.value)
        elif result is not Result.UNCHANGED:
            await self._succeeded()

    async def _give_back(self, copy: Copy) -> None:
        """Let a leased copy be due again, which nobody has tried."""
        await in_thread(
            self._database.postpone_copy,
            copy,
            self._clock(),
            copy.last_error or "",
            is_attempt=False,
        )

    async def _failed(self, reason: str) -> None:
        self._failures += 1
        self._probed_s = time.monotonic()
        self._outage.met(reason)
        since = self.target.failing_since
        if since is None and self._failures == 1:
            self.target = replace(self.target, failing_since=self._clock())
            await in_thread(self._database.note_failing, self.target.id, self._clock())
        elif since is not None and self._clock() - since > PATIENCE:
            told = f"nothing was brought there for {PATIENCE.days} days; `likeness target resume`"
            pause = self._database.pause_target
            await in_thread(pause, self.target.id, self._clock(), told)

    async def _succeeded(self) -> None:
        if self._failures or self.target.failing_since is not None:
            await in_thread(self._database.note_failing, self.target.id, None)
            await in_thread(self._database.hurry_copies, self.target.id)
            self.target = replace(self.target, failing_since=None)
        self._failures = 0
        self._outage.over()

    async def _pace(self) -> None:
        """Wait for the turn of the next one, where the target takes so many in a minute alone."""
        per_minute = self.target.options.get(PER_MINUTE)
        if not per_minute:
            return
        now_s = time.monotonic()
        self._next_s = max(self._next_s, now_s) + 60 / float(per_minute)
        await asyncio.sleep(self._next_s - 60 / float(per_minute) - now_s)
