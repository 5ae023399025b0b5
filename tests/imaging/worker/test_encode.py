"""Files without metadata, at the price and with the care that their size deserves."""

import numpy as np
import pytest
import pyvips

from likeness.imaging.worker.encode import encode, encode_picture
from likeness.model import Format
from support.developing import segments
from support.pictures import opened, photo

JFIF_LENGTH = 18


def image(width: int, height: int, bands: int = 3) -> pyvips.Image:
    """A picture in libvips with everything beside its pixels that we do not want to keep."""
    picture = photo(width, height).convert("RGB" if bands == 3 else "RGBA")
    made = pyvips.Image.new_from_array(np.asarray(picture)).copy(interpretation="srgb")
    made.set_type(pyvips.GValue.blob_type, "exif-data", b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0")
    made.set_type(pyvips.GValue.blob_type, "xmp-data", b"<x:xmpmeta/>")
    made.set_type(pyvips.GValue.blob_type, "icc-profile-data", b"profile" * 100)
    made.set_type(pyvips.GValue.gstr_type, "png-comment-0-Author", "Ada")
    made.set_type(pyvips.GValue.gstr_type, "jpeg-comment-0", "Ada")
    return made


@pytest.mark.parametrize("side", [24, 192, 300])
def test_a_jpeg_has_tables_and_pixels_only(side: int) -> None:
    """Quantisation, frame, Huffman; no application segment, no comment."""
    kinds = segments(encode(image(side, side), Format.JPEG), Format.JPEG)

    assert {b"\xff\xdb", b"\xff\xc0", b"\xff\xc4"} == set(kinds)


@pytest.mark.parametrize("bands", [3, 4])
def test_a_png_has_pixels_only(bands: int) -> None:
    """Header, pixels, end."""
    kinds = segments(encode(image(30, 20, bands), Format.PNG), Format.PNG)

    assert {b"IHDR", b"IDAT", b"IEND"} == set(kinds)


def test_a_gif_has_pixels_only() -> None:
    """No comment and no application block."""
    data = encode(image(30, 20), Format.GIF)

    assert opened(data).size == (30, 20)
    assert b"\x21\xfe" not in data
    assert b"XMP" not in data


def test_png_is_exact() -> None:
    """Whatever the filter and the level."""
    source = image(30, 20, 4)

    assert np.array_equal(source.numpy(), np.asarray(opened(encode(source, Format.PNG))))


def test_icons_keep_their_colours_at_full_resolution() -> None:
    """At 192 pixels; larger ones share one colour among four pixels."""
    for side, expected in ((192, "4:4:4"), (193, "4:2:0")):
        loaded = pyvips.Image.jpegload_buffer(encode(image(side, side), Format.JPEG))

        assert expected == loaded.get("jpeg-chroma-subsample")


@pytest.mark.parametrize("side", [24, 73, 192, 193, 400])
def test_both_libraries_write_the_same_jpeg(side: int) -> None:
    """Pixel by pixel; Pillow adds its header and may share a table."""
    by_libvips = encode(image(side, side), Format.JPEG)
    by_pillow = encode_picture(photo(side, side))

    assert np.array_equal(np.asarray(opened(by_libvips)), np.asarray(opened(by_pillow)))
    assert len(by_pillow) <= len(by_libvips) + JFIF_LENGTH
