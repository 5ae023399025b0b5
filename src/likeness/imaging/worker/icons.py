"""Makes the smallest sizes by Pillow, whose calls cost less than those of libvips.

libvips spends 1.2 ms on each of them, nearly all of it on preparing, Pillow 0.3 ms, and its result
is closer to a scaling of the whole picture at once. The figures are in
docs/decisions/0008-pillow-makes-icons.md.
"""

import io
from collections.abc import Iterable
from typing import Final

from PIL import Image

from likeness.imaging.worker.encode import encode_picture
from likeness.model import Format

ICON_FORMATS: Final = frozenset({Format.JPEG, Format.PNG})
"""A GIF that does not move stays with libvips, whose palettes are better."""

_REDUCING_GAP: Final = 2.0
"""Whole pixels are averaged down to twice the size before the sharp kernel does the rest: half the
time, and no difference above 44 dB."""

_PNG_COMPRESSION: Final = 6
"""So little is compressed that more effort costs nothing."""


def icons(level: Image.Image, sizes: Iterable[int], form: Format) -> dict[int, bytes]:
    """Files of a square picture (sRGB, perhaps with alpha) at sides no larger than its own.

    `form` is one of ICON_FORMATS.
    """
    return {size: _file(level, size, form) for size in sizes}


def resized(level: Image.Image, size: int) -> Image.Image:
    """A square picture at another side; clear parts do not bleed into the edges of others."""
    side = (size, size)
    return level.resize(side, Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)


def _file(picture: Image.Image, size: int, form: Format) -> bytes:
    scaled = resized(picture, size)
    if form is Format.JPEG:
        return encode_picture(scaled)
    stream = io.BytesIO()
    scaled.save(stream, "PNG", compress_level=_PNG_COMPRESSION)
    return stream.getvalue()
