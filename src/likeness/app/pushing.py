"""The job that brings targets what they are behind with, in every server process.

Leases share the work between processes and nodes, so that none has to know of the others. What
changes in this process, or is heard of from others, wakes it; what is not heard of is seen within
POLL_S.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from likeness.db import Database
from likeness.elsewhere import Target
from likeness.errors import ServiceUnavailable
from likeness.log import Log
from likeness.model import Change
from likeness.seldom import SeldomLog
from likeness.threads import in_thread

if TYPE_CHECKING:
    from likeness.app.lane import Lane

POLL_S: Final = 1.0
"""How often what is due is looked for where there are targets."""

IDLE_POLL_S: Final = 5.0
"""How often it is looked whether there are targets now, where there are none."""

LOOK_INTERVAL_S: Final = 0.05
"""The least time between two looks, however many changes there are."""

STOP_GRACE_S: Final = 5.0
"""How long what is on its way may take when the process stops; then its lease has to end."""

DELIVERIES_MAX: Final = 10_000
"""Rows of the log of deliveries that are kept."""

PRUNE_INTERVAL_S: Final = 3600.0
"""How often that log is pruned, by one process of all."""

_log = Log(__name__)


class Pushing:
    """Brings all targets what is due there. `lane_of` makes the lane of a target."""

    def __init__(
        self,
        database: Database,
        lane_of: Callable[[Target], "Lane"],
        clock: Callable[[], datetime],
        deliveries_kept: timedelta,
    ) -> None:
        self._database = database
        self._lane_of = lane_of
        self._clock = clock
        self._deliveries_kept = deliveries_kept
        self._woken = asyncio.Event()
        self._lanes: dict[str, Lane] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._log = SeldomLog()
        self._is_stopping = False
        self._pruned_s = -PRUNE_INTERVAL_S

    def wake(self, _: Change | None = None) -> None:
        """Look now, since something changed; on the event loop."""
        if self._lanes:
            self._woken.set()

    async def run(self) -> None:
        """Go on until `stop`."""
        while not self._is_stopping:
            try:
                await self.look()
            except ServiceUnavailable as error:
                self._log.warning("targets_wait", reason=str(error))
            self._woken.clear()
            await asyncio.sleep(LOOK_INTERVAL_S)
            try:
                async with asyncio.timeout(POLL_S if self._lanes else IDLE_POLL_S):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Have each target's lane run that has something to do. Raises ServiceUnavailable."""
        targets = {each.id: each for each in await in_thread(self._database.targets)}
        self._keep_lanes(targets)
        if not targets:
            return
        await self._prune()
        for target_id in await in_thread(self._database.due_targets, self._clock()):
            lane = self._lanes.get(target_id)
            if lane is not None and target_id not in self._running and lane.may_run():
                self._start(target_id, lane)

    async def settled(self) -> None:
        """Wait until no lane runs."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    async def stop(self) -> None:
        """Begin nothing more, and wait STOP_GRACE_S for what is on its way."""
        self._is_stopping = True
        self._woken.set()
        for lane in self._lanes.values():
            lane.stop()
        if self._running:
            running = list(self._running.values())
            _, late = await asyncio.wait(running, timeout=STOP_GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _keep_lanes(self, targets: dict[str, Target]) -> None:
        """A lane for each target that is there."""
        for target_id in self._lanes.keys() - targets.keys():
            self._lanes.pop(target_id).stop()
        for target_id, target in targets.items():
            if target_id not in self._lanes:
                self._lanes[target_id] = self._lane_of(target)
            self._lanes[target_id].target = target

    def _start(self, target_id: str, lane: "Lane") -> None:
        task = asyncio.create_task(self._run(lane))
        self._running[target_id] = task
        task.add_done_callback(lambda _: self._ended(target_id))

    def _ended(self, target_id: str) -> None:
        """What came when the lane had just looked is not left for the next second."""
        self._running.pop(target_id, None)
        self._woken.set()

    async def _run(self, lane: "Lane") -> None:
        try:
            await lane.run()
        except* ServiceUnavailable as errors:
            self._log.warning("targets_wait", reason=str(errors.exceptions[0]))
        except* Exception as errors:  # noqa: BLE001 - one target's bug is not another's.
            _log.error("lane_failed", target=lane.target.name, exc_info=errors)

    async def _prune(self) -> None:
        if time.monotonic() - self._pruned_s < PRUNE_INTERVAL_S:
            return
        self._pruned_s = time.monotonic()
        now, take = self._clock(), self._database.take
        if await in_thread(take, "deliveries", PRUNE_INTERVAL_S, 1, now.timestamp()) == 0:
            before = now - self._deliveries_kept
            await in_thread(self._database.forget_deliveries, before, DELIVERIES_MAX)
