"""The engine draws default pictures: behind the walls, in turns, and with few in line."""

import asyncio
import signal

import psutil
import pytest

from likeness.errors import ServiceUnavailable
from likeness.imaging.engine import DRAWINGS_WAITING_MAX, WorkerEngine
from likeness.imaging.portraits.drawn import draw
from likeness.model import FORMATS_MADE, DefaultStyle, Format
from support.engines import an_engine
from support.patience import until
from support.processes import own_workers


@pytest.mark.parametrize("form", FORMATS_MADE)
@pytest.mark.parametrize("style", DefaultStyle)
def test_every_drawing_is_made_behind_the_walls(style: DefaultStyle, form: Format) -> None:
    """Nothing that drawing needs is forbidden there."""

    async def scene() -> None:
        async with an_engine() as engine:
            for side in (1, 90, 600):
                drawing = await engine.draw(style, "0f" * 16, side, "AL", form)
                assert drawing.data == draw(style, "0f" * 16, side, "AL", form)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("letters", "is_whole"), [("AL", True), ("\u674e\u5c71", True), ("\u0f40", False)]
)
def test_letters_of_every_font_are_drawn_behind_the_walls(letters: str, is_whole: bool) -> None:
    """It has the pixels that are drawn without walls, whichever font its letters are in."""

    async def scene() -> None:
        async with an_engine() as engine:
            style, form = DefaultStyle.INITIALS, Format.WEBP
            drawing = await engine.draw(style, "0f" * 16, 80, letters, form)

            assert drawing.is_whole == is_whole
            assert drawing.data == draw(style, "0f" * 16, 80, letters, form)
            assert engine.drawing_counts.pictures == 1
            assert (engine.counts.pictures, engine.view_counts.pictures) == (0, 0)

    asyncio.run(scene())


async def stuck_drawing(engine: WorkerEngine) -> psutil.Process:
    """The worker that draws, halted."""
    before = own_workers()
    await retro(engine, 0, "first")
    [worker] = [each for each in own_workers() if each not in before]
    worker.send_signal(signal.SIGSTOP)
    return worker


async def retro(engine: WorkerEngine, number: int, asker: str) -> str:
    """One of many pictures; gives the asker again."""
    await engine.draw(DefaultStyle.RETRO, f"{number:032x}", 40, "", Format.PNG, asker=asker)
    return asker


def test_those_who_ask_for_drawings_take_turns() -> None:
    """The newest of an asker who fills the line gives way to another asker's first."""

    async def scene() -> None:
        async with an_engine() as engine:
            worker = await stuck_drawing(engine)
            greedy = [
                asyncio.create_task(retro(engine, number, "greedy"))
                for number in range(1 + DRAWINGS_WAITING_MAX)
            ]
            await until(lambda: engine.drawing_counts.waiting == DRAWINGS_WAITING_MAX)
            modest = asyncio.create_task(retro(engine, 99, "modest"))
            with pytest.raises(ServiceUnavailable):
                await greedy.pop()
            with pytest.raises(ServiceUnavailable):
                await retro(engine, 100, "greedy")
            worker.send_signal(signal.SIGCONT)

            order = [await each for each in asyncio.as_completed([*greedy, modest])]
            assert "modest" in order[:3]

    asyncio.run(scene())


def test_a_drawing_whose_worker_dies_is_told_as_trouble_of_ours() -> None:
    """The asker sent nothing that could be bad. The next one is drawn by another worker."""

    async def scene() -> None:
        async with an_engine() as engine:
            worker = await stuck_drawing(engine)
            lost = asyncio.create_task(retro(engine, 1, "ada"))
            await until(lambda: engine.drawing_counts.busy)
            worker.kill()

            with pytest.raises(ServiceUnavailable):
                await lost
            assert await retro(engine, 2, "ada") == "ada"

    asyncio.run(scene())
