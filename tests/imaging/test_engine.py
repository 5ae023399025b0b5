"""The engine with real workers: what it makes, how it queues, and what it survives."""

import asyncio
import signal
from functools import partial
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageOps

from likeness.errors import (
    BadImage,
    InvalidArguments,
    ServiceUnavailable,
    TooLarge,
    TooManyFrames,
)
from likeness.imaging.engine import AT_ONCE_STEPS_MAX, COSTLY_VIEWS_MAX, WorkerEngine
from likeness.imaging.plan import Limits
from likeness.imaging.port import EngineCounts
from likeness.imaging.sandbox import Layer, Mode
from likeness.model import FORMATS_MADE, Crop, Format, Window
from support.blocks import jpeg_segment, png_chunk, png_header
from support.developing import LENIENT, developed
from support.engines import an_engine, develop, stopped_worker
from support.kinds import with_chunk
from support.patience import PATIENCE_S, until
from support.pictures import encode, gif, jpeg, opened, photo, png
from support.processes import own_workers
from support.sight import distance_de

ICON_PX, POSTER_PX = 40, 1700
"""A JPEG of the second is a costly view."""


def test_a_photo_is_developed() -> None:
    """With everything that the use case wants to know of it."""

    async def scene() -> None:
        async with an_engine() as engine:
            made = await engine.develop(jpeg(600, 520), Crop(100, 0, 600), Limits())

            assert (made.format, made.width, made.height) == (Format.JPEG, 600, 520)
            assert made.frames == 1
            assert made.sizes == (24, 32, 48, 72, 192, 512, 520)
            assert made.window == Window(80, 0, 520, 520)
            assert len(made.notes) == 1
            sides = {r.name: opened(r.data).size[0] for r in made.renditions}
            names = {str(size): size for size in made.sizes}
            assert sides == {"original": 600, **names}
            assert engine.counts == EngineCounts(1, 0, {}, 0, 0)

    asyncio.run(scene())


@pytest.mark.parametrize("codes", [(12, 13), (9, 16), (9, 18)])
def test_colours_are_changed_behind_the_walls(codes: tuple[int, int]) -> None:
    """As in this process: what the probe worked out arrives there, and nothing else is needed."""
    data = with_chunk(encode(photo(600, 520), "PNG"), b"cICP", bytes([*codes, 0, 1]))

    async def scene() -> None:
        async with an_engine() as engine:
            made = await engine.develop(data, None, Limits())

            expected = developed(data)
            assert {r.name: r.data for r in made.renditions} == expected

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


def test_a_picture_of_many_parts_is_looked_through_elsewhere() -> None:
    """More of them than the event loop has time for is no reason to refuse it."""
    plain = jpeg(64, 64)
    comments = jpeg_segment(0xFE, b"x") * (2 * AT_ONCE_STEPS_MAX)

    async def scene() -> None:
        async with an_engine() as engine:
            made = await engine.develop(plain[:2] + comments + plain[2:], None, LENIENT)

            assert made.width == 64

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
            workers=1, queue_max=0, deadline_s=PATIENCE_S, letterbox_rgb=(0, 0, 0), sandbox=sandbox
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

    assert [engine.recipe for engine in engines] == ["6 000000", "6 010203"]


@pytest.mark.parametrize("form", FORMATS_MADE)
@pytest.mark.parametrize("side", [1, 80, 192, 250])
def test_a_view_has_the_side_and_the_format_that_are_asked_for(form: Format, side: int) -> None:
    """From one stored square, smaller and larger, by a worker that uploads do not use."""

    async def scene() -> None:
        async with an_engine() as engine:
            seen = opened(
                await engine.view(encode(photo(192, 192).convert("RGBA"), "PNG"), side, form)
            )

            assert (seen.format, seen.size) == (form.name, (side, side))
            assert engine.view_counts.pictures == 1
            assert engine.counts.pictures == 0

    asyncio.run(scene())


def test_views_are_made_while_every_upload_is_stuck() -> None:
    """Who looks never waits for who uploads."""

    async def scene() -> None:
        async with an_engine() as engine:
            worker = await stopped_worker(engine)
            stuck = develop(engine, jpeg(50, 50))
            await until(lambda: engine.counts.busy)

            assert opened(await engine.view(jpeg(72, 72), 80, Format.JPEG)).size == (80, 80)
            worker.send_signal(signal.SIGCONT)
            assert (await stuck).width == 50

    asyncio.run(scene())


async def stuck_views(engine: WorkerEngine, *, is_costly: bool) -> list[psutil.Process]:
    """The workers of one kind of views, halted so that their next pictures take for ever."""
    before = own_workers()
    await engine.view(jpeg(72, 72), POSTER_PX if is_costly else ICON_PX, Format.JPEG)
    stuck = [worker for worker in own_workers() if worker not in before]
    for worker in stuck:
        worker.send_signal(signal.SIGSTOP)
    return stuck


def test_an_icon_never_waits_for_a_poster() -> None:
    """Costly views have a worker and a line of their own, in which few may wait."""

    async def scene() -> None:
        async with an_engine() as engine:
            [worker] = await stuck_views(engine, is_costly=True)
            posters = [
                asyncio.create_task(engine.view(jpeg(72, 72), POSTER_PX, Format.JPEG, asker="a"))
                for _ in range(1 + COSTLY_VIEWS_MAX)
            ]
            await until(lambda: engine.costly_view_counts.waiting == COSTLY_VIEWS_MAX)

            icon = await engine.view(jpeg(72, 72), ICON_PX, Format.JPEG, asker="a")
            assert opened(icon).size == (ICON_PX, ICON_PX)
            with pytest.raises(ServiceUnavailable):
                await engine.view(jpeg(72, 72), POSTER_PX, Format.JPEG, asker="a")
            assert not any(poster.done() for poster in posters)
            worker.send_signal(signal.SIGCONT)
            assert {opened(each).width for each in await asyncio.gather(*posters)} == {POSTER_PX}

    asyncio.run(scene())


@pytest.mark.parametrize("is_costly", [False, True])
def test_those_who_ask_for_views_take_turns(is_costly: bool) -> None:
    """One address asks for many; of those that wait, another one's view is the second."""
    first_px = POSTER_PX if is_costly else ICON_PX

    async def scene() -> None:
        async with an_engine() as engine:
            [worker] = await stuck_views(engine, is_costly=is_costly)
            order: list[str] = []

            async def seen(asker: str, side: int) -> None:
                await engine.view(jpeg(72, 72), side, Format.JPEG, asker=asker)
                order.append(asker)

            def has_inside(number: int) -> bool:
                counts = engine.costly_view_counts if is_costly else engine.view_counts
                return counts.busy + counts.waiting == number

            crowd = []
            for number, asker in enumerate(("greedy", "greedy", "greedy", "modest")):
                crowd.append(asyncio.create_task(seen(asker, first_px + number)))
                await until(partial(has_inside, 1 + number))
            worker.send_signal(signal.SIGCONT)
            await asyncio.gather(*crowd)

            assert order == ["greedy", "greedy", "modest", "greedy"]

    asyncio.run(scene())


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_a_picture_is_turned_before_it_is_cut(orientation: int, turn: int) -> None:
    """What is cut are pixels of the picture as it stands after both turns."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    whole = photo(600, 520)
    data = encode(whole, "PNG", exif=exif)
    upright = ImageOps.exif_transpose(opened(data)).rotate(-turn, expand=True)

    async def scene() -> None:
        async with an_engine() as engine:
            made = await engine.develop(data, Crop(10, 20, 500), Limits(), turn=turn)

            assert (made.width, made.height) == upright.size
            square = next(opened(r.data) for r in made.renditions if r.name == "192")
            expected = upright.crop((10, 20, 510, 520)).resize((192, 192), Image.Resampling.LANCZOS)
            assert distance_de(square.convert("RGB"), expected.convert("RGB"))[0] < 1

    asyncio.run(scene())


def test_animations_and_working_copies_are_turned_too() -> None:
    """A working copy that is turned is no original any more, and is encoded anew."""

    async def scene() -> None:
        async with an_engine() as engine:
            moving = await engine.develop(gif(300, 200), None, LENIENT, turn=90)
            working = await engine.prepare(jpeg(900, 600), Limits())
            turned = await engine.develop(working.data, None, Limits(), turn=270, is_own=True)

            assert (moving.width, moving.height, moving.frames) == (200, 300, 3)
            assert (turned.width, turned.height) == (600, 900)
            original = next(r.data for r in turned.renditions if r.name == "original")
            assert opened(original).size == (600, 900)

    asyncio.run(scene())


def test_a_framing_is_suggested_for_a_photograph() -> None:
    """A square inside of the working copy; none where finding it would cost too much."""

    async def scene() -> None:
        async with an_engine() as engine:
            suggested = (await engine.prepare(jpeg(900, 600), Limits())).suggested

            assert suggested
            assert (suggested.y, suggested.w) == (0, 600)
            assert 0 <= suggested.x <= 300
            assert (await engine.prepare(png(900, 600), Limits())).suggested is None

    asyncio.run(scene())
