"""Animated PNGs frame by frame, against pictures that were composed before they were coded."""

import asyncio
import io
import zlib
from dataclasses import replace
from itertools import product
from typing import Final

import pytest
from PIL import Image, ImageSequence

from likeness.errors import BadImage
from likeness.imaging.formats import Probe
from likeness.imaging.notes import Note
from likeness.imaging.probe import parse, probe
from likeness.imaging.worker.moving_png import frames_of_png
from likeness.imaging.worker.render import render
from likeness.model import Format
from support.apng import LIES_OVER, REPLACES, UNDONE, WIPED, Shot, apng_of, painted
from support.blocks import png_chunk
from support.developing import developed, planned
from support.engines import an_engine, develop
from support.pictures import opened, photo
from support.sight import distance_de

SIZE: Final = (90, 64)
MODES: Final = ("RGBA", "RGB", "LA", "L", "1", "P", "RGB;16", "RGBA;16")


def faded(seed: int, width: int, height: int) -> Image.Image:
    """A photo that fades out in one direction and has a hole."""
    made = photo(width, height, seed).convert("RGBA")
    made.putalpha(Image.linear_gradient("L").rotate(90 * seed).resize(made.size))
    made.paste((255, 0, 0, 0), (5, 5, 20, 15))
    return made


def as_coded(picture: Image.Image, mode: str) -> Image.Image:
    """What is left of a picture in that kind of PNG."""
    kept = picture.convert(mode.partition(";")[0])
    return kept.convert("RGBA")


def shots(mode: str, *, is_first_whole: bool) -> list[Shot]:
    """Every way to lie on what is there and to go away again, in several places."""
    first = photo(*SIZE, 7) if is_first_whole else faded(1, 50, 40)
    ways = list(product(range(3), range(2)))
    later = [
        Shot(faded(place, 60 - place, 40 - place), 5 * place, 4 * place, fate, blend)
        for place, (fate, blend) in enumerate(ways)
    ]
    every = [Shot(first, fate=UNDONE if mode == "RGBA" else WIPED), *later]
    if mode == "P":
        table = photo(40, 40).quantize(64)
        return [
            each._replace(picture=each.picture.convert("RGB").quantize(palette=table))
            for each in every
        ]
    return [each._replace(picture=as_coded(each.picture, mode)) for each in every]


def stripped(data: bytes) -> tuple[bytes, Probe]:
    """What a worker gets."""
    found = parse(data)
    return found.stripped(), found.probe


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("has_still", [False, True])
def test_frames_are_what_browsers_paint(mode: str, *, has_still: bool) -> None:
    """However they lie on one another."""
    drawn = shots(mode, is_first_whole=not has_still)
    still = drawn[1].picture.resize(SIZE) if has_still else None
    data, source = stripped(apng_of(SIZE, drawn, mode=mode, still=still, plays=3))

    frames = frames_of_png(data, source)
    assert frames.loop == 3
    for place, (truth, found) in enumerate(zip(painted(SIZE, drawn), frames.shown, strict=True)):
        assert found.delay_ms == 70
        assert distance_de(truth, found.level.picture) < (0.1, 0.3), place


def test_a_frame_stays_while_others_are_drawn() -> None:
    """The canvas is drawn on for the next one."""
    data, source = stripped(apng_of(SIZE, shots("RGBA", is_first_whole=True)))

    at_once = [each.level.picture.tobytes() for each in frames_of_png(data, source).shown]
    kept = list(frames_of_png(data, source).shown)
    assert at_once == [each.level.picture.tobytes() for each in kept]


def test_colours_are_changed_in_every_frame() -> None:
    """Light that a PNG says its numbers are, as in a still."""
    numbers = (100_000).to_bytes(4, "big")
    drawn = [Shot(photo(*SIZE)), Shot(photo(30, 20, 1), 9, 9)]
    data, source = stripped(apng_of(SIZE, drawn, mode="RGB", heads=png_chunk(b"gAMA", numbers)))

    curve = [round(255 * (level / 255) ** (1 / 2.2)) for level in range(256)] * 3
    lit = [each._replace(picture=each.picture.point(curve)) for each in drawn]
    for truth, found in zip(painted(SIZE, lit), frames_of_png(data, source).shown, strict=True):
        assert found.level.picture.mode == "RGB"
        assert distance_de(truth.convert("RGB"), found.level.picture) < (1.0, 2.0)


def test_another_picture_than_was_planned_is_refused() -> None:
    """Of another size, with more frames, or with none."""
    data, source = stripped(apng_of(SIZE, [Shot(photo(*SIZE))] * 3, mode="RGB"))
    still, _ = stripped(apng_of(SIZE, [Shot(photo(*SIZE))], mode="RGB"))

    for other, planned_for in (
        (data, replace(source, frames=2)),
        (data, replace(source, width=91)),
        (still, source),
    ):
        with pytest.raises(BadImage, match="contradicts itself"):
            frames_of_png(other, planned_for)


@pytest.mark.parametrize("is_clear", [False, True])
def test_a_frame_that_cannot_be_decoded_is_refused(*, is_clear: bool) -> None:
    """Its pixels end too early, which only a decoder sees."""
    picture = faded(0, *SIZE) if is_clear else photo(*SIZE)
    data = apng_of(SIZE, [Shot(picture)] * 2, mode=picture.mode)
    at = data.rindex(b"fdAT") + 4
    body = b"fdAT" + data[at : at + 4] + zlib.compress(bytes(99))
    data = data[: at - 8] + png_chunk(b"fdAT", body[4:]) + data[-12:]

    assert probe(data).frames == 2
    with pytest.raises(BadImage, match="damaged"):
        developed(data)


@pytest.mark.parametrize("is_clear", [False, True])
def test_a_moving_photo_is_made(*, is_clear: bool) -> None:
    """GIFs with all frames and times, and stills of the first frame that browsers show."""
    drawn = [
        Shot(faded(seed, 200, 200) if is_clear else photo(200, 200, seed), fate=WIPED)
        for seed in range(3)
    ]
    mode = drawn[0].picture.mode
    data = apng_of((200, 200), drawn, mode=mode, still=photo(200, 200, 9), plays=2, delay=(1, 60))

    files = developed(data)
    for name in ("original", "72"):
        moving = Image.open(io.BytesIO(files[name]))
        assert moving.format == "GIF"
        assert [each.info["duration"] for each in ImageSequence.Iterator(moving)] == [20] * 3
        assert moving.info["loop"] == 1
    truth = drawn[0].picture.resize((72, 72), Image.Resampling.LANCZOS)
    assert distance_de(truth, opened(files["72_still"]).convert(mode)) < (1.5, 3)


def test_soft_alpha_is_said_to_be_lost() -> None:
    """As of a WebP."""
    data, source = stripped(apng_of(SIZE, [Shot(faded(seed, *SIZE)) for seed in range(2)]))

    assert source.frames == 2
    assert render(data, planned(data)).notes == (Note.SOFT_ALPHA,)


@pytest.mark.parametrize("blend", [REPLACES, LIES_OVER])
def test_real_workers_make_it(blend: int) -> None:
    """Behind the walls, with clear parts and without."""

    async def scene() -> None:
        async with an_engine() as engine:
            for picture in (photo(600, 560), faded(0, 600, 560)):
                drawn = [Shot(picture), Shot(picture.rotate(180), blend=blend)]
                data = apng_of((600, 560), drawn, mode=picture.mode)
                made = await develop(engine, data)
                assert (made.format, made.frames) == (Format.GIF, 2)

    asyncio.run(scene())
