"""Whether a square shows all of its original: photographs, bars, motion, boxes that nearly do."""

import pytest

from likeness.imaging.plan import Limits
from likeness.imaging.probe import probe
from likeness.imaging.views import MatchPlan
from likeness.imaging.worker.matching import shows_whole
from likeness.model import Crop
from support.developing import BLACK, developed
from support.pictures import encode, gif, jpeg, photo, png

LENIENT = Limits(side_px_min=1)


def matched(
    data: bytes,
    crop: Crop | None = None,
    size: str = "512",
    background: tuple[int, int, int] = BLACK,
) -> bool:
    """Whether that size of an upload is taken for all of it."""
    files = developed(data, crop)
    original, square = files["original"], files[size]
    source = probe(original)
    own = None if source.has_alpha else background
    plan = MatchPlan(source, source.format, probe(square), len(original), own)
    return shows_whole(original + square, plan)


FLAT = encode(photo(800, 800).resize((1, 1)).resize((800, 800)), "JPEG")


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (jpeg(800, 800), "512"),
        (jpeg(1023, 1023), "512"),
        (jpeg(800, 600), "512"),
        (jpeg(513, 900), "512"),
        (png(700, 700), "512"),
        (encode(photo(700, 640).convert("RGBA"), "PNG"), "512"),
        (jpeg(300, 300), "192"),
        (jpeg(40, 30), "32"),
        (gif(600, 600), "512_still"),
        (FLAT, "512"),
    ],
)
def test_the_whole_is_recognised(data: bytes, size: str) -> None:
    """Square, with bars, with alpha, small, moving, and of one colour."""
    assert matched(data, None, size)


@pytest.mark.parametrize(
    ("data", "crop"),
    [
        (jpeg(800, 800), Crop(0, 0, 799)),
        (jpeg(800, 800), Crop(1, 1, 798)),
        (jpeg(800, 800), Crop(10, 20, 760)),
        (jpeg(800, 800), Crop(200, 200, 520)),
        (jpeg(800, 600), Crop(100, 0, 600)),
        (png(700, 700), Crop(2, 0, 698)),
    ],
)
def test_a_box_is_not_taken_for_the_whole(data: bytes, crop: Crop) -> None:
    """Not even one that leaves out a pixel: the square would show more than it did."""
    assert not matched(data, crop)


def test_bars_in_another_colour_are_another_picture() -> None:
    """The operator has changed it since: a new size would not look like the others."""
    assert not matched(jpeg(800, 600), background=(200, 20, 20))
