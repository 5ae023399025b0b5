"""Files without metadata, at the price and with the care that their size deserves."""

import numpy as np
import pytest
import pyvips

from likeness.imaging.encode import encode, encode_frames, encode_picture, palette_of
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


def strip(frames: list[pyvips.Image]) -> pyvips.Image:
    """Frames below one another as an animation."""
    made = pyvips.Image.arrayjoin(frames, across=1).copy()
    made.set_type(pyvips.GValue.gint_type, "page-height", frames[0].height)
    made.set_type(pyvips.GValue.array_int_type, "delay", [50] * len(frames))
    return made


def test_equal_frames_stay_apart() -> None:
    """A picture keeps as many frames as it had."""
    data = encode_frames(strip([image(20, 20)] * 3), palette=None, dither=0)

    assert pyvips.Image.gifload_buffer(data, n=-1).get("n-pages") == 3


def test_a_slow_fade_is_not_frozen() -> None:
    """Leaving almost equal pixels as they are must not add up over the frames."""
    frames = [(pyvips.Image.black(20, 20, bands=3) + grey).cast("uchar") for grey in range(100)]
    data = encode_frames(
        strip([frame.copy(interpretation="srgb") for frame in frames]), palette=None, dither=0
    )

    last = pyvips.Image.gifload_buffer(data, page=99).numpy()
    assert np.abs(last[..., :3].astype(int) - 99).max() <= 3


def test_a_shared_palette_is_used_by_all_frames() -> None:
    """No frame has a colour table of its own."""
    source = image(40, 40)
    data = encode_frames(strip([source, source.fliphor()]), palette=palette_of(source), dither=0)

    loaded = pyvips.Image.gifload_buffer(data, n=-1)
    # libvips notes a palette only when there is no other.
    assert loaded.get_typeof("gif-palette")
