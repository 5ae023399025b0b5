"""Animated PNGs move as in Chromium: every frame, for as long and as often."""

import random
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from likeness.imaging.probe import parse
from likeness.imaging.worker.gif_file import on_or_off
from likeness.imaging.worker.motion import frames_of
from support.apng import Shot, apng_of
from support.chromium import Film, needs_chromium, played
from support.developing import developed
from support.pictures import photo
from support.sight import distance_de

pytestmark = [pytest.mark.slow, needs_chromium]

DE_MAX: Final = (0.1, 0.3)
"""Over a whole frame and over its worst tile: rounding, which nobody sees."""

SIZE: Final = (97, 64)
MODES: Final = ("RGBA", "RGB", "LA", "L", "1", "P", "RGB;16", "RGBA;16")


def composed(data: bytes) -> Film:
    """An upload as we take it apart."""
    found = parse(data)
    frames = frames_of(found.stripped(), found.probe)
    shown = [*frames.shown]
    pictures = [each.level.picture.convert("RGBA") for each in shown]
    return Film(pictures, [float(each.delay_ms) for each in shown], frames.loop)


def generated(seed: int) -> bytes:
    """Frames of any place, size and fate, opaque and clear, of any kind of PNG."""
    chance = random.Random(seed)
    mode = MODES[seed % len(MODES)]
    has_still = chance.random() < 0.5
    shots = [_shot(chance, is_whole=not has_still), *(_shot(chance) for _ in range(7))]
    if mode == "P":
        table = photo(40, 40).quantize(100)
        shots = [
            Shot(each.picture.convert("RGB").quantize(palette=table), *each[1:]) for each in shots
        ]
    still = photo(*SIZE, 99) if has_still else None
    if still and mode == "P":
        still = still.quantize(palette=table)
    delay = chance.randrange(500), 1000
    return apng_of(SIZE, shots, mode=mode, still=still, plays=chance.randrange(4), delay=delay)


def _shot(chance: random.Random, *, is_whole: bool = False) -> Shot:
    width, height = SIZE if is_whole else (chance.randint(1, SIZE[0]), chance.randint(1, SIZE[1]))
    left, top = chance.randint(0, SIZE[0] - width), chance.randint(0, SIZE[1] - height)
    picture = photo(width, height, chance.randrange(99)).convert("RGBA")
    fading = Image.linear_gradient("L").rotate(90 * chance.randrange(4)).resize(picture.size)
    picture.putalpha(chance.choice([fading, Image.new("L", picture.size, 255)]))
    return Shot(picture, left, top, chance.randrange(3), chance.randrange(2))


def assert_alike(uploads: dict[str, bytes], folder: Path) -> None:
    """Each plays as in Chromium, to the last frame."""
    for (name, data), film in zip(
        uploads.items(), played([*uploads.values()], folder), strict=True
    ):
        ours = composed(data)
        assert (ours.delays_ms, ours.plays) == (film.delays_ms, film.plays), name
        for place, (one, other) in enumerate(zip(ours.frames, film.frames, strict=True)):
            assert distance_de(one, other) < DE_MAX, (name, place)


def test_generated_animations(tmp_path: Path) -> None:
    """Every fate and blend, offsets, palettes, grey, 16 bits."""
    assert_alike({str(seed): generated(seed) for seed in range(64)}, tmp_path)


def test_a_real_animation(shared_corpus: Path, tmp_path: Path) -> None:
    """It lies beside the corpus."""
    found = sorted((shared_corpus.parent / "inputs").glob("*apng*.png"))

    assert found
    assert_alike({path.name: path.read_bytes() for path in found}, tmp_path)


def test_what_is_stored_is_wiped_where_it_should_be(tmp_path: Path) -> None:
    """The GIFs that are made: clear and opaque where the upload is, whatever was there before."""
    uploads = [generated(seed) for seed in range(0, 64, len(MODES))]
    stored = [developed(data)["original"] for data in uploads]

    for data, film in zip(uploads, played(stored, tmp_path, "image/gif"), strict=True):
        for truth, frame in zip(composed(data).frames, film.frames, strict=True):
            expected = on_or_off(truth)
            assert np.array_equal(
                np.asarray(frame.getchannel("A")), np.asarray(expected.getchannel("A"))
            )
            mean, _ = distance_de(expected, on_or_off(frame))
            assert mean < 3
