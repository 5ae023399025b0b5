"""Encodes finished pixels into files without metadata; the settings and what they cost.

Prices are CPU on one core of a 2020s server, for a photograph of 1024 pixels a side unless a
comment says otherwise. Which sizes are made is not decided here.
"""

import io
from typing import Final

import pyvips
from PIL import Image

from likeness.imaging.worker.png_file import png
from likeness.model import Format

JPEG_QUALITY: Final = 86
"""The least at which SSIMULACRA2 gives each of five photographs 80 or more, where nobody tells a
file from its pixels side by side: 144 kB at 1024 pixels. docs/pictures.md has all figures."""

JPEG_QUALITY_SMALL: Final = 87
"""Icons have to reach 85, where nobody notices that one takes the other's place. 86 falls short."""

JPEG_TABLE: Final = (
    *(16, 16, 16, 18, 25, 37, 56, 85),
    *(16, 17, 20, 27, 34, 40, 53, 75),
    *(16, 20, 24, 31, 43, 62, 91, 135),
    *(18, 27, 31, 40, 53, 74, 106, 156),
    *(25, 34, 43, 53, 69, 94, 131, 189),
    *(37, 40, 62, 74, 94, 124, 169, 238),
    *(56, 53, 91, 106, 131, 169, 226, 311),
    *(85, 75, 135, 156, 189, 238, 311, 418),
)
"""The quantisation table by Nicolas Robidoux that mozjpeg made its own, at quality 50, for all
three channels of pictures above SMALL_SIDE_PX: for the same mark a tenth fewer bytes at 1024 pixels
than by the standard's tables, which are the better ones where colours have full resolution."""

_STANDARD_IN_LIBVIPS: Final = 0
_ROBIDOUX_IN_LIBVIPS: Final = 3

SMALL_SIDE_PX: Final = 192
"""Up to here colours keep their full resolution, which shows at the size of an icon."""

ICON_SIDE_PX: Final = 72
"""Up to here a file is mostly its tables."""

WEBP_QUALITY: Final = 87
"""Of a stored JPEG: a fifth to a third fewer bytes at a mark of 70 or more, where nobody notices
without changing to and fro. What was lost already is not found again, so that 90 saves little."""

WEBP_EFFORT: Final = 4
"""40 ms at 512 pixels; 6 takes twice that for 3 % less. It is done once and kept."""

GIF_EFFORT: Final = 1
"""The palette search; 10 takes a tenth longer and gives the same palette for what was a GIF."""

GIF_DITHER: Final = 0.7
"""Where colours are lost, a little noise hides the steps between those that stay. It takes half as
long again, and nothing is lost where pixels are copied from a GIF, so that it is 0 there."""

_PALETTE: Final = "gif-palette"


def encode(image: pyvips.Image, form: Format) -> bytes:
    """A still picture, sRGB with or without alpha, as a file."""
    data: bytes
    if form is Format.JPEG:
        data = _jpeg(image)
    elif form is Format.WEBP:
        data = image.webpsave_buffer(
            Q=WEBP_QUALITY,
            effort=WEBP_EFFORT,
            # Colours have half the resolution in WebP: choosing them with care doubles the time
            # and is worth 4 points of likeness for an icon and 1 or 2 for a large photo.
            smart_subsample=True,
            keep="none",
        )
    elif form is Format.PNG:
        data = png(image)
    else:
        data = image.gifsave_buffer(effort=GIF_EFFORT, dither=GIF_DITHER, keep="none")
    return data


def encode_picture(picture: Image.Image) -> bytes:
    """A JPEG of the same pixels as by `encode`, but by Pillow: 2.4 ms instead of 3.2."""
    side = max(picture.size)
    is_small = side <= SMALL_SIDE_PX
    stream = io.BytesIO()
    picture.save(
        stream,
        "JPEG",
        quality=JPEG_QUALITY_SMALL if is_small else JPEG_QUALITY,
        qtables=None if is_small else [JPEG_TABLE],
        subsampling="4:4:4" if is_small else "4:2:0",
        optimize=side <= ICON_SIDE_PX,
    )
    return stream.getvalue()


def palette_of(sample: pyvips.Image) -> list[int]:
    """The best 256 colours for a picture, as libvips notes them: red in the lowest byte."""
    data = sample.gifsave_buffer(
        effort=GIF_EFFORT, dither=0, page_height=sample.height, keep="none"
    )
    return list(pyvips.Image.gifload_buffer(data).get(_PALETTE))


def _jpeg(image: pyvips.Image) -> bytes:
    side = max(image.width, image.height)
    is_small = side <= SMALL_SIDE_PX
    data: bytes = image.jpegsave_buffer(
        Q=JPEG_QUALITY_SMALL if is_small else JPEG_QUALITY,
        quant_table=_STANDARD_IN_LIBVIPS if is_small else _ROBIDOUX_IN_LIBVIPS,
        subsample_mode="off" if is_small else "on",
        # Fitting the tables to the picture costs 7 ms at 1024 pixels for 2 %, but for an icon it
        # takes nothing and a third off the file.
        optimize_coding=side <= ICON_SIDE_PX,
        keep="none",
    )
    return data
