"""The outline of nobody in particular, in calm greys: the same picture for everyone."""

from functools import lru_cache
from typing import Final

from likeness.imaging.portraits.canvas import Canvas
from likeness.imaging.portraits.colours import oklch
from likeness.imaging.portraits.palette import Palette, png
from likeness.imaging.portraits.plain import NOBODY_GROUND, NOBODY_HUE

_FIGURE, _PAPER = 0, 255
_STEPS: Final = 16
_KEPT_MAX: Final = 64
"""Sides, of 25 kB at most: it is the same picture for everybody, and pages ask for few sides."""


@lru_cache(maxsize=_KEPT_MAX)
def silhouette(side_px: int) -> bytes:
    """A PNG of `side_px` pixels square. The shoulders run out of the frame, round or square."""
    canvas = Canvas(side_px, _PAPER)
    canvas.disc(0, -0.22, 0.36, _FIGURE)
    canvas.oval(0, 0.95, 0.68, 0.65, _FIGURE)
    colours = {_FIGURE: oklch(0.72, 0.018, NOBODY_HUE), _PAPER: NOBODY_GROUND}
    return png(canvas.finished(), Palette(colours, _STEPS))
