"""Whose picture the engine makes next: nobody's crowd holds up anybody else."""

import asyncio
import signal
from functools import partial

import pytest

from likeness.errors import ServiceUnavailable
from support.developing import LENIENT
from support.engines import an_engine, has_inside, stopped_worker, stopped_workers, until
from support.pictures import gif, jpeg


def test_nobody_keeps_every_worker_busy() -> None:
    """One is left to others while somebody's pictures take for ever; then their own go on."""

    async def scene() -> None:
        async with an_engine(workers=2) as engine:
            stuck = await stopped_workers(engine)
            slow = [
                asyncio.create_task(engine.develop(jpeg(side, side), None, LENIENT, "slow"))
                for side in (30, 31)
            ]
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (1, 1))
            quick = asyncio.create_task(engine.develop(jpeg(40, 40), None, LENIENT, "quick"))
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (2, 1))
            for worker in stuck:
                worker.send_signal(signal.SIGCONT)

            assert (await quick).width == 40
            assert [photo.width for photo in await asyncio.gather(*slow)] == [30, 31]

    asyncio.run(scene())


def test_owners_take_turns() -> None:
    """One who sends many pictures at once holds up nobody, and loses a place when it is full."""

    async def scene() -> None:
        async with an_engine(queue_max=3) as engine:
            worker = await stopped_worker(engine)
            order: list[str] = []

            async def sent(owner: str, side: int) -> None:
                await engine.develop(jpeg(side, side), None, LENIENT, owner)
                order.append(f"{owner}{side}")

            crowd = []
            for number, side in enumerate((30, 31, 32, 33)):
                crowd.append(asyncio.create_task(sent("greedy", side)))
                await until(partial(has_inside, engine, number + 1))
            modest = asyncio.create_task(sent("modest", 40))
            with pytest.raises(ServiceUnavailable):
                await crowd[3]
            worker.send_signal(signal.SIGCONT)
            await asyncio.gather(modest, *crowd[:3])

            assert order == ["greedy30", "greedy31", "modest40", "greedy32"]

    asyncio.run(scene())


def test_what_moves_leaves_a_worker_to_what_does_not() -> None:
    """Whoever sends it: two animations by two people do not stop everybody."""

    async def scene() -> None:
        async with an_engine(workers=2) as engine:
            stuck = await stopped_workers(engine)
            moving = [
                asyncio.create_task(engine.develop(gif(40, 40, 3), None, LENIENT, owner))
                for owner in ("ada", "bob")
            ]
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (1, 1))
            still = asyncio.create_task(engine.develop(jpeg(40, 40), None, LENIENT, "eve"))
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (2, 1))
            for worker in stuck:
                worker.send_signal(signal.SIGCONT)

            assert (await still).frames == 1
            assert [photo.frames for photo in await asyncio.gather(*moving)] == [3, 3]

    asyncio.run(scene())
