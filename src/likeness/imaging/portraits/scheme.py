"""The six tones that monsters, faces and robots are drawn in, and their colours. Pure.

Each tone has one lightness in every picture, so that no two of them can run into each other, and
all pictures stand beside each other without one shouting.
"""

from typing import Final

from likeness.imaging.portraits.colours import Rgb, hue_of, oklch
from likeness.imaging.portraits.palette import TONES, Palette
from likeness.imaging.portraits.traits import Traits

INK, SHADE, BODY, ACCENT, PAPER, WHITE = 68, 146, 186, 214, 239, 255
"""From dark to light: pupils and lines, what lies behind, the figure, its trimmings, the ground,
and the white of eyes and teeth."""

_STEPS: Final = 61
"""Steps of lightness in a picture; finer ones are seen by nobody and make larger files."""

_ACCENT_DEGREES: Final = (-110, -50, 45, 100, 180)
"""From the figure's hue to that of its trimmings."""

_PAPER_DEGREES: Final = (0, 30, 160)


def scheme(traits: Traits) -> Palette:
    """The colours of somebody's figure."""
    hue = hue_of(traits)
    accent = hue + traits.pick(_ACCENT_DEGREES) / 360
    paper = hue + traits.pick(_PAPER_DEGREES) / 360
    line = {
        INK: _colour(INK, 0.04, hue),
        SHADE: _colour(SHADE, 0.12, hue),
        BODY: _colour(BODY, 0.125, hue),
        PAPER: _colour(PAPER, 0.035, paper),
        WHITE: _colour(WHITE, 0.0, hue),
    }
    return Palette(line, _STEPS, {ACCENT: _colour(ACCENT, 0.11, accent)})


def _colour(tone: int, chroma: float, hue: float) -> Rgb:
    return oklch(tone / (TONES - 1), chroma, hue)
