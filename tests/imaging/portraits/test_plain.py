"""One colour, or none."""

import io

import pytest
from PIL import Image

from likeness.imaging.portraits.colours import plain_colour
from likeness.imaging.portraits.plain import blank, plain
from likeness.imaging.portraits.traits import Traits
from support.portraits import digest, pixels


@pytest.mark.parametrize("side", [1, 24, 2048])
def test_a_plain_picture_has_one_colour(side: int) -> None:
    """The digest's, in a few hundred bytes."""
    data = plain(digest("ada"), side)

    assert (pixels(data) == plain_colour(Traits(digest("ada")))).all()
    assert len(data) < 1000


@pytest.mark.parametrize("side", [1, 24, 2048])
def test_a_blank_picture_is_not_seen(side: int) -> None:
    """Every pixel is fully transparent."""
    picture = Image.open(io.BytesIO(blank(side)))

    assert picture.size == (side, side)
    assert picture.convert("RGBA").getchannel("A").getextrema() == (0, 0)
