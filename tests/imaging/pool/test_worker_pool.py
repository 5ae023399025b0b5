"""The pool of workers: who is next, what a death costs, and that nobody holds up anybody else."""

import asyncio
import gc
import signal
import weakref
from functools import partial
from typing import cast

import pytest

from likeness.errors import BadImage, ServiceUnavailable
from likeness.imaging.engine import VIEW_WORKERS_KEPT
from likeness.imaging.plan import Limits
from likeness.imaging.pool import crew as crew_module
from likeness.imaging.pool import handle as handle_module
from likeness.imaging.pool.spawner import Spawner
from likeness.imaging.pool.worker_pool import WorkerPool
from likeness.imaging.sandbox import Mode
from likeness.model import Format
from support.developing import LENIENT, planned
from support.engines import (
    an_engine,
    develop,
    has_inside,
    person,
    stopped_worker,
    stopped_workers,
)
from support.patience import PATIENCE_S, until
from support.pictures import gif, jpeg, png
from support.processes import own_workers


def test_nobody_keeps_every_worker_busy_with_what_takes_long() -> None:
    """One is left to others while somebody's pictures take for ever; then their own go on."""
    limits = Limits(side_px_min=1, side_px_max=1600)

    async def scene() -> None:
        async with an_engine(workers=2) as engine:
            stuck = await stopped_workers(engine)
            slow = [
                asyncio.create_task(engine.develop(png(side, side), None, limits, person("slow")))
                for side in (1500, 1501)
            ]
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (1, 1))
            quick = asyncio.create_task(
                engine.develop(jpeg(40, 40), None, LENIENT, person("quick"))
            )
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (2, 1))
            for worker in stuck:
                worker.send_signal(signal.SIGCONT)

            assert (await quick).width == 40
            assert [photo.width for photo in await asyncio.gather(*slow)] == [1500, 1501]

    asyncio.run(scene())


def test_who_is_alone_may_have_every_worker_for_what_is_quick() -> None:
    """Two pictures of one person are made at once; when others wait, they come before a third."""

    async def scene() -> None:
        async with an_engine(workers=2) as engine:
            stuck = await stopped_workers(engine)
            order: list[int] = []

            async def sent(owner: str, side: int) -> None:
                await engine.develop(jpeg(side, side), None, LENIENT, person(owner))
                order.append(side)

            own = [asyncio.create_task(sent("ada", side)) for side in (30, 31)]
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (2, 0))
            own.append(asyncio.create_task(sent("ada", 32)))
            await until(lambda: engine.counts.waiting == 1)
            other = asyncio.create_task(sent("bob", 40))
            await until(lambda: engine.counts.waiting == 2)
            stuck[0].send_signal(signal.SIGCONT)
            await asyncio.gather(other, own[2])
            stuck[1].send_signal(signal.SIGCONT)
            await asyncio.gather(*own)

            assert order.index(40) < order.index(32)

    asyncio.run(scene())


def test_owners_take_turns() -> None:
    """One who sends many pictures at once holds up nobody, and loses a place when it is full."""

    async def scene() -> None:
        async with an_engine(queue_max=3) as engine:
            worker = await stopped_worker(engine)
            order: list[str] = []

            async def sent(owner: str, side: int) -> None:
                await engine.develop(jpeg(side, side), None, LENIENT, person(owner))
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
                asyncio.create_task(engine.develop(gif(40, 40, 3), None, LENIENT, person(owner)))
                for owner in ("ada", "bob")
            ]
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (1, 1))
            still = asyncio.create_task(engine.develop(jpeg(40, 40), None, LENIENT, person("eve")))
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (2, 1))
            for worker in stuck:
                worker.send_signal(signal.SIGCONT)

            assert (await still).frames == 1
            assert [photo.frames for photo in await asyncio.gather(*moving)] == [3, 3]

    asyncio.run(scene())


def test_pictures_beyond_the_waiting_room_are_turned_away() -> None:
    """One is made, one waits, the third is refused at once."""

    async def scene() -> None:
        async with an_engine(queue_max=1) as engine:
            worker = await stopped_worker(engine)
            first, second = develop(engine, jpeg(50, 50)), develop(engine, jpeg(51, 51))
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (1, 1))

            with pytest.raises(ServiceUnavailable):
                await engine.develop(jpeg(52, 52), None, LENIENT)
            assert (engine.counts.busy, engine.counts.waiting) == (1, 1)
            worker.send_signal(signal.SIGCONT)
            assert (await first).width == 50
            assert (await second).width == 51
            assert (engine.counts.busy, engine.counts.waiting) == (0, 0)

    asyncio.run(scene())


def test_a_worker_killed_in_the_middle_costs_one_picture() -> None:
    """Refused as a bad image; the next one has a fresh worker."""

    async def scene() -> None:
        async with an_engine() as engine:
            worker = await stopped_worker(engine)
            victim = develop(engine, jpeg(50, 50))
            await until(lambda: engine.counts.busy)
            worker.kill()

            with pytest.raises(BadImage, match="decoder failed"):
                await victim
            assert (await engine.develop(jpeg(51, 51), None, LENIENT)).width == 51
            assert engine.counts.deaths == {"SIGKILL": 1}

    asyncio.run(scene())


def test_a_worker_killed_between_pictures_costs_none() -> None:
    """It is replaced before the next picture is sent."""

    async def scene() -> None:
        async with an_engine() as engine:
            await engine.start()
            [worker] = own_workers()
            worker.kill()
            handle = engine._uploads._crew.slots[0].handle
            assert handle
            # Its stream closes with its last thread, a moment after the process shows as dead.
            await until(lambda: not handle.is_alive())

            assert (await engine.develop(jpeg(51, 51), None, LENIENT)).width == 51
            assert engine.counts.deaths == {}

    asyncio.run(scene())


def test_a_picture_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is killed and the next picture served, which may take longer here."""

    async def scene() -> None:
        async with an_engine() as engine:
            worker = await stopped_worker(engine)
            with monkeypatch.context() as patch:
                patch.setattr(engine._uploads, "_deadline_s", 0.5)
                with pytest.raises(BadImage, match="longer than 1 s"):
                    await engine.develop(jpeg(50, 50), None, LENIENT)

            assert not worker.is_running()
            assert engine.counts.deaths == {"deadline": 1}
            assert (await engine.develop(jpeg(24, 24), None, LENIENT)).width == 24

    asyncio.run(scene())


def test_a_caller_who_goes_away_takes_no_worker_along() -> None:
    """Neither the one that is at work nor a place in the queue; the answers stay in step."""

    async def scene() -> None:
        async with an_engine() as engine:
            worker = await stopped_worker(engine)
            working = asyncio.ensure_future(develop(engine, jpeg(50, 50)))
            waiting = asyncio.ensure_future(develop(engine, jpeg(51, 51)))
            await until(lambda: (engine.counts.busy, engine.counts.waiting) == (1, 1))
            for gone in (working, waiting):
                gone.cancel()
            await asyncio.gather(working, waiting, return_exceptions=True)

            assert (engine.counts.busy, engine.counts.waiting) == (1, 0)
            worker.send_signal(signal.SIGCONT)
            assert (await engine.develop(jpeg(52, 52), None, LENIENT)).width == 52
            assert [process.pid for process in own_workers()] == [worker.pid]
            assert (engine.counts.busy, engine.counts.waiting) == (0, 0)

    asyncio.run(scene())


def test_a_fault_of_our_own_costs_the_worker_but_not_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Memory ran out in the middle of an exchange: nobody knows what the worker would say next."""

    def out_of_memory(_: bytes) -> None:
        raise MemoryError

    async def scene() -> None:
        async with an_engine() as engine:
            await engine.start()
            [before] = own_workers()
            with monkeypatch.context() as patch:
                patch.setattr(handle_module, "probe", out_of_memory)
                with pytest.raises(MemoryError):
                    await engine.develop(jpeg(50, 50), None, LENIENT)

            assert not before.is_running()
            assert (await engine.develop(jpeg(51, 51), None, LENIENT)).width == 51
            assert (engine.counts.busy, engine.counts.waiting) == (0, 0)

    asyncio.run(scene())


def test_a_worker_is_replaced_after_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here two pictures each."""
    monkeypatch.setattr(crew_module, "PICTURES_PER_WORKER", 2)

    async def scene() -> None:
        async with an_engine() as engine:
            pids = []
            for _ in range(5):
                await engine.develop(jpeg(30, 30), None, LENIENT)
                pids.append(own_workers()[0].pid)

            assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]
            assert len(own_workers()) == 1

    asyncio.run(scene())


def test_many_pictures_at_once_each_get_their_own_files() -> None:
    """Two workers, no mix-up."""

    async def scene() -> None:
        async with an_engine(workers=2, queue_max=40) as engine:
            sides = [30 + index for index in range(20)]
            made = await asyncio.gather(
                *(
                    engine.develop(jpeg(side, side), None, LENIENT, person(f"{side}"))
                    for side in sides
                )
            )

            assert sides == [photo.width for photo in made]
            assert len(own_workers()) == 2

    asyncio.run(scene())


def test_no_worker_meets_pictures_of_two_workspaces() -> None:
    """A picture that took its worker over finds nobody else's; within a workspace it lives on."""

    async def scene() -> None:
        async with an_engine() as engine:
            await engine.start()
            pids = []
            for user, team in (("ada", "T1"), ("bob", "T1"), ("eve", "T2"), ("ada", "T1")):
                await engine.develop(jpeg(30, 30), None, LENIENT, person(user, team))
                pids.append(own_workers()[0].pid)

            assert pids[0] == pids[1]
            assert len({pids[1], pids[2], pids[3]}) == 3
            assert len(own_workers()) == 1

    asyncio.run(scene())


def test_a_view_is_made_where_its_workspace_was_met() -> None:
    """What is stored was made by a worker that a picture may have taken over, so it is no safer."""

    async def scene() -> None:
        async with an_engine() as engine:
            found = set[int]()
            for team in ("T1", "T2", "T1", "T2", "T3", "T4"):
                await engine.view(jpeg(72, 72), 80, Format.JPEG, team_id=team)
                found |= {worker.pid for worker in own_workers()}
            assert len(found) == VIEW_WORKERS_KEPT

            await engine.view(jpeg(72, 72), 80, Format.JPEG, team_id="T5")
            assert len(own_workers()) == VIEW_WORKERS_KEPT
            assert len({worker.pid for worker in own_workers()} - found) == 1

    asyncio.run(scene())


class Upload(bytearray):
    """Bytes of which it can be seen whether anybody still has them."""


async def how_refused(pool: WorkerPool, upload: Upload, whole: bytes) -> type[Exception]:
    """Of which kind the error is that a damaged picture gets."""
    try:
        await pool.files(cast("bytes", upload), planned(whole), team_id="", sender="")
    except (BadImage, ServiceUnavailable) as error:
        return type(error)
    raise AssertionError("it was taken for whole")


def test_a_picture_that_is_refused_needs_no_garbage_collector() -> None:
    """Its error leads to frames, and they to megabytes. A worker refuses one, the line another."""

    async def scene() -> None:
        spawner, whole = Spawner(Mode.AUTO), jpeg(64, 64)
        pool = WorkerPool(spawner, workers=1, queue_max=0, deadline_s=PATIENCE_S)
        uploads = [Upload(whole[:300]) for _ in range(2)]
        left = [weakref.ref(upload) for upload in uploads]
        looks = [how_refused(pool, upload, whole) for upload in uploads]
        uploads.clear()
        gc.disable()
        try:
            assert await asyncio.gather(*looks) == [BadImage, ServiceUnavailable]
            looks.clear()
            await until(lambda: [each() for each in left] == [None, None])
        finally:
            gc.enable()
            await pool.close()
            spawner.close()

    asyncio.run(scene())
