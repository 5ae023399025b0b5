"""The engine with real workers: what it makes, how it queues, and what it survives."""

import asyncio
import signal
import time
from pathlib import Path

import psutil
import pytest

from likeness.errors import (
    BadImage,
    InvalidArguments,
    ServiceUnavailable,
    TooLarge,
    TooManyFrames,
)
from likeness.imaging import engine as engine_module
from likeness.imaging import handle as handle_module
from likeness.imaging.engine import WorkerEngine
from likeness.imaging.plan import Limits
from likeness.imaging.port import EngineCounts
from likeness.imaging.sandbox import Layer, Mode
from likeness.model import Crop, Format
from support.blocks import png_chunk, png_header
from support.developing import LENIENT
from support.engines import an_engine, develop, stopped_worker, until
from support.pictures import gif, jpeg, opened, png
from support.processes import own_workers


def test_a_photo_is_developed() -> None:
    """With everything that the use case wants to know of it."""

    async def scene() -> None:
        async with an_engine() as engine:
            made = await engine.develop(jpeg(600, 520), Crop(100, 0, 600), Limits())

            assert (made.format, made.width, made.height) == (Format.JPEG, 600, 520)
            assert made.frames == 1
            assert made.sizes == (24, 32, 48, 72, 192, 512)
            assert len(made.notes) == 1
            sides = {r.name: opened(r.data).size[0] for r in made.renditions}
            names = {str(size): size for size in made.sizes}
            assert sides == {"original": 600, **names}
            assert engine.counts == EngineCounts(1, 0, {}, 0, 0)

    asyncio.run(scene())


def test_refusals_by_the_plan_need_no_worker() -> None:
    """They are decided before any decoder sees the bytes."""

    async def scene() -> None:
        async with an_engine() as engine:
            for data, crop, kind in (
                (b"", None, BadImage),
                (jpeg(300, 300), None, BadImage),
                (jpeg(1100, 600), None, TooLarge),
                (jpeg(600, 600), Crop(600, 0, 5), InvalidArguments),
                (gif(512, 512, 3), None, TooManyFrames),
                (bytes(11 * 2**20), None, TooLarge),
            ):
                with pytest.raises(kind):
                    await engine.develop(data, crop, Limits(frames_max=2))

            assert own_workers() == []

    asyncio.run(scene())


def test_a_big_picture_is_prepared_and_then_developed() -> None:
    """What `prepare` gives, `develop` takes under the same limits, and has as its original."""
    limits = Limits(side_px_max=1500)

    async def scene() -> None:
        async with an_engine() as engine:
            working = await engine.prepare(jpeg(2000, 1800), limits)
            made = await engine.develop(working.data, Crop(0, 0, 1200), limits, is_own=True)

            assert (working.format, working.width, working.height) == (Format.JPEG, 1500, 1350)
            assert opened(working.data).size == (1500, 1350)
            assert made.sizes[-1] == 1024
            assert (made.width, made.height) == (1500, 1350)
            [original] = [each for each in made.renditions if each.name == "original"]
            assert original.data == working.data

    asyncio.run(scene())


def test_an_upload_is_never_taken_for_a_working_copy() -> None:
    """In one step everything is encoded anew, though it might be a file of ours."""

    async def scene() -> None:
        async with an_engine() as engine:
            working = await engine.prepare(jpeg(600, 520), Limits())
            made = await engine.develop(working.data, None, Limits())

            assert working.data not in {each.data for each in made.renditions}

    asyncio.run(scene())


def test_a_working_copy_that_could_not_be_developed_is_refused_at_once() -> None:
    """PNG may grow when it is written anew."""
    data = png(600, 600)
    limits = Limits(length_max=len(data))

    async def scene() -> None:
        async with an_engine() as engine:
            with pytest.raises(TooLarge, match="once it is cleaned"):
                await engine.prepare(data, limits)

    asyncio.run(scene())


def test_pictures_beyond_the_waiting_room_are_turned_away() -> None:
    """One is made, one waits, the third is refused at once."""

    async def scene() -> None:
        async with an_engine(queue_max=1) as engine:
            worker = await stopped_worker(engine)
            first, second = develop(engine, jpeg(50, 50)), develop(engine, jpeg(51, 51))
            await until(lambda: engine.counts.waiting)

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
            handle = engine._slots[0].handle
            assert handle
            # Its stream closes with its last thread, a moment after the process shows as dead.
            await until(lambda: not handle.is_alive())

            assert (await engine.develop(jpeg(51, 51), None, LENIENT)).width == 51
            assert engine.counts.deaths == {}

    asyncio.run(scene())


def test_a_picture_that_takes_too_long_is_refused() -> None:
    """The worker is killed and the next picture served."""

    async def scene() -> None:
        async with an_engine(deadline_s=0.5) as engine:
            worker = await stopped_worker(engine)
            start = time.monotonic()
            with pytest.raises(BadImage, match="longer than 1 s"):
                await engine.develop(jpeg(50, 50), None, LENIENT)

            assert time.monotonic() - start < 5
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


def test_a_damaged_picture_is_counted_as_a_refusal() -> None:
    """The worker goes on."""
    chunks = [png_header(), png_chunk(b"IDAT", b"no zlib"), png_chunk(b"IEND")]
    damaged = b"".join([b"\x89PNG\r\n\x1a\n", *chunks])

    async def scene() -> None:
        async with an_engine() as engine:
            with pytest.raises(BadImage, match="damaged"):
                await engine.develop(damaged, None, LENIENT)

            assert engine.counts == EngineCounts(0, 1, {}, 0, 0)
            assert len(own_workers()) == 1

    asyncio.run(scene())


def test_a_worker_is_replaced_after_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here two pictures each."""
    monkeypatch.setattr(engine_module, "PICTURES_PER_WORKER", 2)

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
                *(engine.develop(jpeg(side, side), None, LENIENT, f"{side}") for side in sides)
            )

            assert sides == [photo.width for photo in made]
            assert len(own_workers()) == 2

    asyncio.run(scene())


def test_closing_leaves_nothing_behind() -> None:
    """No process, no zombie, no descriptor; afterwards pictures are turned away."""
    before = list(Path("/proc/self/fd").iterdir())
    relatives = set(psutil.Process().children())

    async def scene() -> None:
        async with an_engine(workers=2) as engine:
            await engine.start()
            assert len(own_workers()) == 2
            await engine.close()

            assert own_workers() == []
            assert set(psutil.Process().children()) <= relatives
            with pytest.raises(ServiceUnavailable):
                await engine.develop(jpeg(30, 30), None, LENIENT)
            assert engine.counts.busy == 0

    asyncio.run(scene())
    assert len(list(Path("/proc/self/fd").iterdir())) <= len(before)


def test_a_sandbox_that_is_required_is_reached_or_nothing_is_made() -> None:
    """This machine has all layers; without a sandbox there is only the limit on memory."""

    async def layers(sandbox: Mode) -> tuple[str, ...]:
        engine = WorkerEngine(
            workers=1, queue_max=0, deadline_s=9, letterbox_rgb=(0, 0, 0), sandbox=sandbox
        )
        try:
            await engine.start()
            return engine.layers
        finally:
            await engine.close()

    assert set(Layer) == set(asyncio.run(layers(Mode.REQUIRE)))
    assert asyncio.run(layers(Mode.OFF)) == ("limits",)


def test_the_recipe_names_what_changes_the_files() -> None:
    """The colour of the bars."""
    engines = [
        WorkerEngine(workers=1, queue_max=0, deadline_s=1, letterbox_rgb=colour)
        for colour in ((0, 0, 0), (1, 2, 3))
    ]

    assert [engine.recipe for engine in engines] == ["4 000000", "4 010203"]
