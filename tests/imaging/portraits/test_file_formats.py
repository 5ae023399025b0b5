"""Drawn pictures in other formats: the same pixels, no metadata, and no colour too many."""

import io
import time

import numpy as np
import pytest
from PIL import Image

from likeness.imaging.portraits.drawn import draw
from likeness.imaging.portraits.file_formats import in_format
from likeness.imaging.views import SIDES_PX_MAX
from likeness.model import FORMATS_MADE, DefaultStyle, Format
from support.portraits import digest, pixels
from support.sight import distance_de

ADA = digest("ada")


@pytest.mark.parametrize("style", DefaultStyle)
@pytest.mark.parametrize("side", [1, 17, 80, 512, 600])
@pytest.mark.parametrize("form", [Format.GIF, Format.WEBP])
def test_gif_and_webp_keep_every_pixel(style: DefaultStyle, side: int, form: Format) -> None:
    """There are few colours to keep."""
    drawn = draw(style, ADA, side, "AL")
    data = in_format(drawn, form)

    assert Image.open(io.BytesIO(data)).format == form.name
    before, after = (
        np.asarray(Image.open(io.BytesIO(each)).convert("RGBA"), dtype=int)
        for each in (drawn, data)
    )
    # What is not seen has no colour.
    assert np.array_equal(before * (before[..., 3:] > 0), after * (after[..., 3:] > 0))


@pytest.mark.parametrize("style", DefaultStyle)
@pytest.mark.parametrize("side", [1, 80, 600])
def test_a_jpeg_looks_the_same(style: DefaultStyle, side: int) -> None:
    """Within what its quality leaves; where nothing is seen it is white."""
    drawn = draw(style, ADA, side, "AL")
    data = in_format(drawn, Format.JPEG)

    assert Image.open(io.BytesIO(data)).format == "JPEG"
    one, other = (Image.open(io.BytesIO(each)).convert("RGB") for each in (drawn, data))
    assert distance_de(one, other)[0] < 2
    assert (pixels(data) > 250).all() == (style is DefaultStyle.BLANK)


def test_a_png_is_the_file_that_was_drawn() -> None:
    """Byte by byte."""
    drawn = draw(DefaultStyle.RETRO, ADA, 40)

    assert in_format(drawn, Format.PNG) is drawn


@pytest.mark.parametrize("form", FORMATS_MADE)
def test_a_file_has_no_metadata(form: Format) -> None:
    """But what a decoder needs."""
    picture = Image.open(io.BytesIO(in_format(draw(DefaultStyle.ROBOHASH, ADA, 80), form)))

    assert not picture.getexif()
    needed = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "version", "background"}
    assert set(picture.info) <= needed | {"loop", "timestamp", "duration"}


@pytest.mark.parametrize("form", FORMATS_MADE)
def test_no_format_costs_much_more_than_drawing(form: Format) -> None:
    """At its largest side, compared in the same run with the largest PNG: it was thirty times."""

    def cpu_s(side: int, form: Format) -> float:
        before = time.thread_time()
        draw(DefaultStyle.ROBOHASH, ADA, side, form=form)
        return time.thread_time() - before

    largest_png = min(cpu_s(2048, Format.PNG) for _ in range(3))

    assert min(cpu_s(SIDES_PX_MAX[form], form) for _ in range(3)) < 5 * largest_png
