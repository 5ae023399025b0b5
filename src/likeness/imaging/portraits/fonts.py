"""Chooses the font that has a letter, and opens it in a size.

A font is opened anew for a picture, so that no picture can depend on the one before it. FreeType
is given a copy of it: two milliseconds for the largest, of 10 MB, while the picture is drawn.
"""

import io
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from PIL import ImageFont

from likeness.imaging.portraits.typefaces import BY_SCRIPT, FontFile, source

Typefaces = Mapping[str, Sequence[FontFile]]

_NOT_A_CHARACTER: Final = "\U0010ffff"
"""No font has it; what is drawn for it is the font's box for what it lacks."""

_PROBE_PX: Final = 32
_KNOWN_MAX: Final = 1024
"""Letters of which it is remembered which file has them."""

_BLOCKS: Final = (
    (0x0000, "Latin"), (0x0530, "Armenian"), (0x0590, "Hebrew"), (0x0600, "Arabic"),
    (0x0700, "Latin"), (0x0750, "Arabic"), (0x0780, "Latin"), (0x0870, "Arabic"),
    (0x0900, "Devanagari"), (0x0980, "Bengali"), (0x0A00, "Gurmukhi"), (0x0A80, "Gujarati"),
    (0x0B00, "Oriya"), (0x0B80, "Tamil"), (0x0C00, "Telugu"), (0x0C80, "Kannada"),
    (0x0D00, "Malayalam"), (0x0D80, "Sinhala"), (0x0E00, "Thai"), (0x0E80, "Lao"),
    (0x0F00, "Latin"), (0x1000, "Myanmar"), (0x10A0, "Georgian"), (0x1100, "CJK"),
    (0x1200, "Ethiopic"), (0x13A0, "Cherokee"), (0x1400, "Latin"), (0x1780, "Khmer"),
    (0x1800, "Latin"), (0x1C90, "Georgian"), (0x1CC0, "Latin"), (0x2D00, "Georgian"),
    (0x2D30, "Latin"), (0x2D80, "Ethiopic"), (0x2DE0, "Latin"), (0x2E80, "CJK"),
    (0xA4D0, "Latin"), (0xA8E0, "Devanagari"), (0xA900, "Latin"), (0xA960, "CJK"),
    (0xA980, "Latin"), (0xA9E0, "Myanmar"), (0xAA00, "Latin"), (0xAA60, "Myanmar"),
    (0xAA80, "Latin"), (0xAB00, "Ethiopic"), (0xAB30, "Latin"), (0xAB70, "Cherokee"),
    (0xABC0, "Latin"), (0xAC00, "CJK"), (0xD800, "Latin"), (0xF900, "CJK"), (0xFB00, "Latin"),
    (0x1E7E0, "Ethiopic"), (0x1E800, "Latin"), (0x1E900, "Adlam"), (0x1E960, "Latin"),
    (0x20000, "CJK"), (0x40000, "Latin"),
)  # fmt: skip
"""Where the letters of a script begin, by its name in BY_SCRIPT."""

_STARTS: Final = [start for start, _ in _BLOCKS]


def file_of(letter: str, typefaces: Typefaces = BY_SCRIPT) -> FontFile | None:
    """The file that has a letter with its marks; None where none of these does."""
    _, script = _BLOCKS[bisect_right(_STARTS, ord(letter[0])) - 1]
    return _first_with(letter, tuple(typefaces.get(script, ())))


def opened(file: FontFile, size_px: float) -> ImageFont.FreeTypeFont:
    """The font of a file, `size_px` pixels to its em. Raises LookupError where it cannot be had."""
    found = source(file)
    if found is None:
        raise LookupError(f"{file.name} of {file.package.install} cannot be had")
    # Without the shaping library, which is there on some machines only: a picture is the same on
    # all of them. It is not missed, since letters stand alone.
    layout = ImageFont.Layout.BASIC
    return ImageFont.truetype(io.BytesIO(found), size_px, layout_engine=layout)


@lru_cache(maxsize=_KNOWN_MAX)
def _first_with(letter: str, files: Sequence[FontFile]) -> FontFile | None:
    return next((file for file in files if source(file) and _has(file, letter)), None)


def _has(file: FontFile, letter: str) -> bool:
    """Whether there is something to draw for a letter and its marks, other than that box."""
    font = opened(file, _PROBE_PX)
    box, *drawn = (font.getmask(character) for character in (_NOT_A_CHARACTER, *letter))
    return all(mask.getbbox() and bytes(mask) != bytes(box) for mask in drawn)
