"""The smallest sizes, made by Pillow: where a picture is tiny, what counts is the price of a call.

libvips spends 1.2 ms on each of them, nearly all of it on preparing, Pillow 0.3 ms, and its result
is closer to a scaling of the whole picture at once. It gets pixels and gives files; nothing that
somebody sent is ever decoded by it. The figures are in docs/decisions/0008-pillow-makes-icons.md.
"""

import io
from collections.abc import Iterable
from typing import Any, Final

import pyvips
from PIL import Image

from likeness.model import Format

ICON_FORMATS: Final = frozenset({Format.JPEG, Format.PNG})
"""GIF stays with libvips, whose palettes are better."""

_REDUCING_GAP: Final = 2.0
"""Whole pixels are averaged down to twice the size before the sharp kernel does the rest: half the
time, and no difference above 44 dB."""

_SAVING: Final[dict[Format, dict[str, Any]]] = {
    # Full resolution of colours, and tables fitted to the picture: a third off so small a file.
    Format.JPEG: {"format": "JPEG", "quality": 90, "subsampling": 0, "optimize": True},
    Format.PNG: {"format": "PNG", "compress_level": 6},
}


def icons(level: pyvips.Image, sizes: Iterable[int], form: Format) -> dict[int, bytes]:
    """Files of a square picture (sRGB, perhaps with alpha) at sides no larger than its own.

    `form` is one of ICON_FORMATS.
    """
    mode = "RGBA" if level.hasalpha() else "RGB"
    pixels = level.write_to_memory()
    picture = Image.frombuffer(mode, (level.width, level.height), pixels, "raw", mode, 0, 1)
    return {size: _file(picture, size, form) for size in sizes}


def _file(picture: Image.Image, size: int, form: Format) -> bytes:
    side = (size, size)
    scaled = picture.resize(side, Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)
    stream = io.BytesIO()
    scaled.save(stream, **_SAVING[form])
    return stream.getvalue()
