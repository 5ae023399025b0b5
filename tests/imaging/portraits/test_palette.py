"""Palettes: stops, what lies between, spots that nothing runs into; and files without extras."""

import io
import struct

from PIL import Image

from likeness.imaging.portraits.palette import TONES, Palette, png
from support.portraits import pixels

BLACK, GREY, WHITE, RED = (0, 0, 0), (100, 100, 100), (255, 255, 255), (255, 0, 0)


def chunks(data: bytes) -> list[bytes]:
    """The names of a PNG's chunks."""
    names, place = [], 8
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        names.append(data[place + 4 : place + 8])
        place += length + 12
    return names


def test_stops_have_their_colours_and_the_others_lie_between() -> None:
    """Below the first stop and above the last there is nothing but these."""
    palette = Palette({51: BLACK, 204: GREY}, 6)
    colours = palette.colours()

    assert [colours[3 * step] for step in range(6)] == [0, 0, 33, 67, 100, 100]


def test_a_spot_is_reached_by_its_own_tone_only() -> None:
    """Its neighbours are on the line."""
    palette = Palette({0: BLACK, 255: WHITE}, 16, {200: RED})
    indices = palette.indices()

    assert indices[200] == 16
    assert max(indices[:200] + indices[201:]) == 15
    assert palette.colours()[-3:] == bytes(RED)
    assert len(indices) == TONES


def test_a_file_has_pixels_and_nothing_else() -> None:
    """No metadata, and half a byte for a pixel where 16 colours are enough."""
    picture = Image.linear_gradient("L")

    data = png(picture, Palette({0: BLACK, 255: WHITE}, 16))

    assert chunks(data) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert data[24] == 4
    assert pixels(data)[0, 0].tolist() == [0, 0, 0]
    assert pixels(data)[255, 255].tolist() == [255, 255, 255]
    assert Image.open(io.BytesIO(data)).info == {}
