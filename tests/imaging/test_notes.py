"""What was lost of a picture is said, by the worker in names and to people in sentences."""

import asyncio
import zlib
from typing import Final

import pytest
from PIL import Image

from likeness.imaging.formats import WHOLE_PIXELS
from likeness.imaging.notes import Note, known_notes
from likeness.imaging.probe import parse
from likeness.imaging.worker.render import render
from support.developing import LENIENT, planned
from support.engines import an_engine, develop
from support.pictures import encode, gif, jpeg, photo, png

SOFT: Final = Note.SOFT_ALPHA


def glowing(alpha: int) -> bytes:
    """A moving WebP of which a part has this alpha."""
    frames = [photo(60, 60, seed).convert("RGBA") for seed in range(2)]
    for frame in frames:
        frame.putalpha(Image.new("L", (60, 60), alpha))
    return encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)


def with_wrong_checksum(data: bytes) -> bytes:
    """A PNG whose pixels have a wrong checksum by zlib, and the right one by PNG."""
    at, end = data.index(b"IDAT"), len(data) - 16
    body = data[at : end - 1] + bytes([data[end - 1] ^ 1])
    return data[:at] + body + zlib.crc32(body).to_bytes(4, "big") + data[-12:]


@pytest.mark.parametrize(
    ("said", "notes"),
    [
        (["soft_alpha"], (SOFT,)),
        (["soft_alpha"] * 9, (SOFT,)),
        (["<script>", {"soft_alpha": 1}, [], None, 3, "soft_alpha"], (SOFT,)),
        (["Soft_alpha"], ()),
        ("soft_alpha", ()),
        ({"soft_alpha": 1}, ()),
        (None, ()),
    ],
)
def test_a_worker_may_only_choose(said: object, notes: tuple[Note, ...]) -> None:
    """It may have been taken over, and what it says reaches people."""
    assert known_notes(said) == notes


def test_each_note_has_its_sentence() -> None:
    """A name alone would tell nobody anything."""
    assert all(" " in note.sentence for note in Note)


@pytest.mark.parametrize(("alpha", "notes"), [(255, ()), (0, ()), (100, (SOFT,))])
def test_only_what_is_between_clear_and_opaque_is_lost(alpha: int, notes: tuple[Note]) -> None:
    """A GIF has the rest."""
    data = glowing(alpha)

    assert render(parse(data).stripped(), planned(data)).notes == notes


def test_a_still_keeps_its_soft_alpha() -> None:
    """It becomes a PNG."""
    picture = photo(60, 60).convert("RGBA")
    picture.putalpha(100)
    data = encode(picture, "WEBP", lossless=True)

    assert render(parse(data).stripped(), planned(data)).notes == ()


def test_losses_are_told_whichever_way_the_picture_comes() -> None:
    """In one step or in two; by the parser and by the worker."""
    cut = gif(64, 64, 4)[:-20]
    lost = {
        glowing(100): [SOFT.sentence],
        cut: ["the file is cut off or damaged; 3 whole frames were used"],
        png(64, 64): [],
        png(64, 64)[:-12]: [WHOLE_PIXELS],
        jpeg(64, 64)[:-2]: [WHOLE_PIXELS],
        gif(64, 64, 1)[:-1]: ["the file is cut off or damaged; 1 whole frame was used"],
        gif(64, 64, 1)[:-2]: [WHOLE_PIXELS],
        with_wrong_checksum(png(64, 64)): [WHOLE_PIXELS],
    }

    async def scene() -> None:
        async with an_engine() as engine:
            for data, sentences in lost.items():
                assert list((await develop(engine, data)).notes) == sentences
                assert list((await engine.prepare(data, LENIENT)).notes) == sentences

    asyncio.run(scene())
