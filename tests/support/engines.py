"""Engines with real workers, halted and watched by tests."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import psutil

from likeness.imaging.engine import WorkerEngine
from likeness.imaging.port import Developed, Owner
from support.developing import LENIENT
from support.patience import PATIENCE_S
from support.processes import own_workers
from support.zygotes import shared_zygote


@asynccontextmanager
async def an_engine(
    workers: int = 1, queue_max: int = 8, deadline_s: float = PATIENCE_S
) -> AsyncIterator[WorkerEngine]:
    """An engine, closed afterwards."""
    with shared_zygote():
        engine = WorkerEngine(
            workers=workers, queue_max=queue_max, deadline_s=deadline_s, letterbox_rgb=(0, 0, 0)
        )
    try:
        yield engine
    finally:
        await engine.close()


def person(user_id: str, team_id: str = "T1") -> Owner:
    """Somebody who sends pictures."""
    return Owner(team_id, user_id)


async def stopped_workers(engine: WorkerEngine) -> list[psutil.Process]:
    """All workers of the engine, halted so that their next pictures take for ever."""
    await engine.start()
    stuck = own_workers()
    for worker in stuck:
        worker.send_signal(signal.SIGSTOP)
    return stuck


async def stopped_worker(engine: WorkerEngine) -> psutil.Process:
    """The engine's only worker, halted so that its next picture takes for ever."""
    [worker] = await stopped_workers(engine)
    return worker


def has_inside(engine: WorkerEngine, number: int) -> bool:
    """Whether so many pictures are being made or wait."""
    return engine.counts.busy + engine.counts.waiting == number


def develop(engine: WorkerEngine, data: bytes) -> Awaitable[Developed]:
    """Develop under lenient limits, in the background."""
    return asyncio.create_task(engine.develop(data, None, LENIENT))
