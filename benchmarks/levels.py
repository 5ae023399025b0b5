"""The pixels that the engine gives to its JPEG encoder, size by size, for judging what it loses."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyvips
from PIL import Image

from likeness.imaging.worker.geometry import LEVEL_SIDE_PX_MIN, ladder, scaled
from likeness.imaging.worker.icons import _REDUCING_GAP as REDUCING_GAP
from likeness.model import SIZES
from photos import PHOTOGRAPHS, photograph_at

SOURCE_SIDE_PX: Final = 1024

SHEET_SIDE_PX_MIN: Final = 256
"""SSIMULACRA2 halves a picture five times and wants 8 pixels to be left, so that smaller pictures
are judged on a sheet of many, next to each other as they stand in a list of people."""

SHEET_COLUMNS_MIN: Final = 3
CROP_SHARES: Final = (0.55, 1.0)
"""The pictures of a sheet are squares from the photographs, the smallest and largest of this."""


@dataclass(frozen=True, slots=True)
class Level:
    """Square pictures of one size that are judged together: one, or as many as fill a sheet."""

    pictures: tuple[Image.Image, ...]

    def sheet(self, pictures: list[Image.Image] | tuple[Image.Image, ...]) -> Image.Image:
        """So many pictures side by side, in as many rows as columns."""
        columns, side = round(len(pictures) ** 0.5), pictures[0].width
        sheet = Image.new("RGB", (columns * side, columns * side))
        for number, picture in enumerate(pictures):
            sheet.paste(picture, (number % columns * side, number // columns * side))
        return sheet


def levels(size: int) -> tuple[Level, ...]:
    """What is judged at a size: each photograph by itself, or one sheet of crops of all."""
    if size >= SHEET_SIDE_PX_MIN:
        return tuple(Level((shrunk(_whole(name), size),)) for name in PHOTOGRAPHS)
    columns = max(-(-SHEET_SIDE_PX_MIN // size), SHEET_COLUMNS_MIN)
    return (Level(tuple(shrunk(_crop(number), size) for number in range(columns**2))),)


def shrunk(picture: Image.Image, size: int) -> Image.Image:
    """A square of SOURCE_SIDE_PX at a smaller size, by the engine's own steps."""
    source = pyvips.Image.new_from_array(np.asarray(picture), interpretation="srgb")
    made = {SOURCE_SIDE_PX: source}
    for step, base in ladder(SOURCE_SIDE_PX, SIZES):
        if step >= max(size, LEVEL_SIDE_PX_MIN):
            made[step] = scaled(made[base], step, step).copy_memory()
    last = Image.fromarray(made[min(made)].numpy())
    if size == last.width:
        return last
    return last.resize((size, size), Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)


def _whole(name: str) -> Image.Image:
    return photograph_at(name, (SOURCE_SIDE_PX, SOURCE_SIDE_PX))


def _crop(number: int) -> Image.Image:
    """One of endlessly many squares, always the same for the same number."""
    picture = _whole(PHOTOGRAPHS[number % len(PHOTOGRAPHS)])
    random = np.random.default_rng(number)
    side = int(SOURCE_SIDE_PX * random.uniform(*CROP_SHARES))
    left, top = (int(random.integers(0, SOURCE_SIDE_PX - side + 1)) for _ in range(2))
    box = (left, top, left + side, top + side)
    target = (SOURCE_SIDE_PX, SOURCE_SIDE_PX)
    return picture.crop(box).resize(target, Image.Resampling.BICUBIC)
