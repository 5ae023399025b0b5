"""The fonts that initials are drawn in: which has a letter, and that font in a size.

Both packages ship Noto Sans under the SIL Open Font License. A font is opened anew for a picture:
FreeType maps the file instead of reading it, which takes 0.3 to 0.9 ms and 2 MB at most while the
picture is drawn, and no picture can depend on the one before it.
"""

from bisect import bisect_right
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from PIL import ImageFont


class FontFile(NamedTuple):
    """A file in a package that ships fonts."""

    package: str
    name: str


_NOTO: Final = "manimgx_fonts"
_EAST_ASIAN: Final = FontFile("noto_cjk_sans_jp_bold", "NotoSansCJKjp-Bold.otf")
_WEIGHT: Final = 650
"""Between semi-bold and bold: as dark as the East Asian letters, which come in bold only."""

_NOT_A_CHARACTER: Final = "\U0010ffff"
"""No font has it; what is drawn for it is the font's box for what it lacks."""

_PROBE_PX: Final = 32
_KNOWN_MAX: Final = 1024
"""Letters of which it is remembered whether they can be drawn."""

_BLOCKS: Final = (
    (0x0000, ""), (0x0530, "Armenian"), (0x0590, "Hebrew"), (0x0600, "Arabic"), (0x0700, ""),
    (0x0750, "Arabic"), (0x0780, ""), (0x0870, "Arabic"), (0x0900, "Devanagari"),
    (0x0980, "Bengali"), (0x0A00, "Gurmukhi"), (0x0A80, "Gujarati"), (0x0B00, "Oriya"),
    (0x0B80, "Tamil"), (0x0C00, "Telugu"), (0x0C80, "Kannada"), (0x0D00, "Malayalam"),
    (0x0D80, "Sinhala"), (0x0E00, "Thai"), (0x0E80, "Lao"), (0x0F00, ""), (0x1000, "Myanmar"),
    (0x10A0, "Georgian"), (0x1100, "CJK"), (0x1200, "Ethiopic"), (0x13A0, ""), (0x1780, "Khmer"),
    (0x1800, ""), (0x1C90, "Georgian"), (0x1CC0, ""), (0x2D00, "Georgian"), (0x2D30, ""),
    (0x2D80, "Ethiopic"), (0x2DE0, ""), (0x2E80, "CJK"), (0xA4D0, ""), (0xA8E0, "Devanagari"),
    (0xA900, ""), (0xA960, "CJK"), (0xA980, ""), (0xA9E0, "Myanmar"), (0xAA00, ""),
    (0xAA60, "Myanmar"), (0xAA80, ""), (0xAB00, "Ethiopic"), (0xAB30, ""), (0xAC00, "CJK"),
    (0xD800, ""), (0xF900, "CJK"), (0xFB00, ""), (0x1E7E0, "Ethiopic"), (0x1E800, ""),
    (0x20000, "CJK"), (0x40000, ""),
)  # fmt: skip
"""Where the letters of a script begin, and the font that has them; "" is the one for Latin, Greek
and Cyrillic, in which letters of scripts that no font here has are not found either."""

_STARTS: Final = [start for start, _ in _BLOCKS]


def file_of(letter: str) -> FontFile:
    """The file that has the script of a letter, by its first character."""
    _, script = _BLOCKS[bisect_right(_STARTS, ord(letter[0])) - 1]
    return _EAST_ASIAN if script == "CJK" else FontFile(_NOTO, f"NotoSans{script}[wght].ttf")


def opened(file: FontFile, size_px: float) -> ImageFont.FreeTypeFont:
    """The font of a file, `size_px` pixels to its em."""
    # Without the shaping library, which is there on some machines only: a picture is the same on
    # all of them. It is not missed, since letters stand alone.
    layout = ImageFont.Layout.BASIC
    font = ImageFont.truetype(_path(file), size_px, layout_engine=layout)
    if file.package == _NOTO:
        font.set_variation_by_axes([_WEIGHT])
    return font


@lru_cache(maxsize=_KNOWN_MAX)
def has(letter: str) -> bool:
    """Whether there is something to draw for a letter and its marks, other than that box."""
    font = opened(file_of(letter), _PROBE_PX)
    box, *drawn = (font.getmask(character) for character in (_NOT_A_CHARACTER, *letter))
    return all(mask.getbbox() and bytes(mask) != bytes(box) for mask in drawn)


@cache
def _path(file: FontFile) -> str:
    return str(files(file.package) / file.name)
