"""One colour, or none; and the grounds that other pictures stand on."""

import io

import pytest
from PIL import Image

from likeness.imaging.portraits.colours import plain_colour
from likeness.imaging.portraits.drawn import draw
from likeness.imaging.portraits.plain import _pixels, blank, ground, is_plain, plain
from likeness.imaging.portraits.traits import Traits
from likeness.imaging.probe import probe
from likeness.model import DefaultStyle, Format
from support.portraits import digest, pixels


@pytest.mark.parametrize("side", [1, 24, 2048])
def test_a_plain_picture_has_one_colour(side: int) -> None:
    """The digest's, in a few hundred bytes."""
    data = plain(digest("ada"), side)

    assert (pixels(data) == plain_colour(Traits(digest("ada")))).all()
    assert len(data) < 1000
    assert Image.open(io.BytesIO(data)).getcolors(2) == [(side * side, 0)]


@pytest.mark.parametrize("side", [1, 24, 2048])
def test_a_blank_picture_is_not_seen(side: int) -> None:
    """Every pixel is fully transparent."""
    picture = Image.open(io.BytesIO(blank(side)))

    assert picture.size == (side, side)
    assert picture.convert("RGBA").getchannel("A").getextrema() == (0, 0)


def test_the_pixels_of_a_side_are_packed_once() -> None:
    """For everybody, seen or not, which is why a plain picture can stand in for any other."""
    _pixels.cache_clear()
    for number in range(20):
        plain(digest(number), 300)
        blank(300)

    assert _pixels.cache_info().misses == 1


@pytest.mark.parametrize("data", [plain(digest("ada"), 65), blank(65)])
def test_a_plain_file_is_a_whole_png(data: bytes) -> None:
    """To our own eyes as well, checksums included."""
    seen = probe(data)

    assert (seen.width, seen.height) == (65, 65)
    picture = Image.open(io.BytesIO(data))
    picture.verify()


@pytest.mark.parametrize("style", DefaultStyle)
def test_a_ground_is_what_is_asked_for_without_its_shape(style: DefaultStyle) -> None:
    """In the colour that would be there. Where there would be no shape, it is the very file."""
    data, asked_for = ground(style, digest("ada"), 90), draw(style, digest("ada"), 90, "AL")
    shown = pixels(data)

    assert (shown == shown[0, 0]).all()
    assert shown.shape == (90, 90, 3)
    if style in {DefaultStyle.MP, DefaultStyle.COLOR, DefaultStyle.BLANK, DefaultStyle.INITIALS}:
        assert (shown[0, 0] == pixels(asked_for)[0, 0]).all()
    assert is_plain(style, Format.PNG) == (data == asked_for)
    assert not is_plain(style, Format.WEBP)
