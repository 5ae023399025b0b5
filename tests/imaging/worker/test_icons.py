"""The smallest sizes: exact, sharp, without fringes, and nothing in them but pixels."""

import io
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image

from likeness.imaging.probe import probe
from likeness.imaging.worker.icons import ICON_FORMATS, icons
from likeness.model import Format
from support.pictures import opened, photo

SIZES: Final = (24, 32, 48, 72)
PSNR_MIN_DB: Final = 38.0
"""What JPEG itself costs at this quality; the scaling alone has 44 or more."""


def psnr_db(one: Image.Image, other: Image.Image) -> float:
    """How alike two pictures are; 255 levels at the peak."""
    difference = np.asarray(one, dtype=float) - np.asarray(other, dtype=float)
    return float(10 * np.log10(255**2 / max(1e-9, float((difference**2).mean()))))


@pytest.mark.parametrize("form", sorted(ICON_FORMATS))
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_icons_have_their_format_and_side(form: Format, mode: str) -> None:
    """Also a size that is the level's own."""
    if form is Format.JPEG and mode == "RGBA":
        return
    made = icons(photo(192, 192).convert(mode), (*SIZES, 192), form)

    assert [*SIZES, 192] == list(made)
    for size, data in made.items():
        seen = probe(data)
        assert (form, size, size) == (seen.format, seen.width, seen.height)
        assert seen.has_alpha == (mode == "RGBA")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", sorted(ICON_FORMATS))
def test_icons_look_like_the_whole_picture_scaled_at_once(form: Format, size: int) -> None:
    """The level in between and the halving cost nothing that could be seen."""
    whole = photo(1024, 1024)
    between = whole.resize((192, 192), Image.Resampling.LANCZOS)
    expected = whole.resize((size, size), Image.Resampling.LANCZOS)

    [data] = icons(between, [size], form).values()

    assert psnr_db(expected, opened(data).convert("RGB")) > PSNR_MIN_DB


def test_invisible_colours_do_not_bleed() -> None:
    """A red square on green that nobody can see has no green edge."""
    picture = Image.new("RGBA", (192, 192), (0, 255, 0, 0))
    picture.paste((255, 0, 0, 255), (50, 50, 142, 142))

    [data] = icons(picture, [24], Format.PNG).values()

    shown = np.asarray(opened(data))
    assert shown[..., 1][shown[..., 3] > 0].max() < 8


def test_no_sizes_are_no_files() -> None:
    """As for a GIF."""
    assert icons(photo(192, 192), [], Format.PNG) == {}


def test_only_what_is_needed_is_stored() -> None:
    """JPEG: full resolution of colours. PNG: header, pixels, end."""
    still = photo(192, 192)

    [jpeg] = icons(still, [24], Format.JPEG).values()
    [png] = icons(still, [24], Format.PNG).values()

    shown: Any = Image.open(io.BytesIO(jpeg))
    assert [(1, 1, 1, 0), (2, 1, 1, 1), (3, 1, 1, 1)] == shown.layer
    assert [b"IHDR", b"IDAT", b"IEND"] == [png[12:16], png[37:41], png[-8:-4]]
