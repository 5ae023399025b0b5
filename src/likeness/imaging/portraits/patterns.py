"""A mirrored pattern of rounded cells: abstract, quick, and easy to know again."""

from typing import Final

from likeness.imaging.portraits.canvas import Canvas, scale_of
from likeness.imaging.portraits.colours import hue_of, oklch
from likeness.imaging.portraits.palette import Palette, png
from likeness.imaging.portraits.traits import Traits

_INK, _PAPER = 0, 255
_STEPS: Final = 16
_CELLS: Final = 5
_MIDDLE: Final = _CELLS // 2
_CELL: Final = 0.265
"""The side of a cell; the corners of five by five of them just touch the circle."""

_CORNER: Final = 0.09
_SCALE_MAX: Final = 4
"""What is straight needs no more."""

_FILLED_MIN: Final = 9
"""Of 25 cells. A pattern with fewer is turned into its opposite, or it would be a few crumbs."""

Cells = frozenset[tuple[int, int]]
"""Columns and rows from the centre."""


def pattern(digest: str, side_px: int) -> bytes:
    """A PNG of `side_px` pixels square; the digest's pattern in its colour, within the circle."""
    traits = Traits(digest)
    hue = hue_of(traits)
    colours = {_INK: oklch(0.58, 0.13, hue), _PAPER: oklch(0.955, 0.016, hue)}
    canvas = Canvas(side_px, _PAPER, min(_SCALE_MAX, scale_of(side_px)))
    _draw(canvas, _cells(traits))
    return png(canvas.finished(), Palette(colours, _STEPS))


def _cells(traits: Traits) -> Cells:
    """Three columns are chosen, and two of them repeated on the other side."""
    everywhere = [(x, y) for x in range(_MIDDLE + 1) for y in range(-_MIDDLE, _MIDDLE + 1)]
    chosen = {cell for cell in everywhere if traits.below(2)}
    if 2 * len(chosen) - sum(x == 0 for x, _ in chosen) < _FILLED_MIN:
        chosen = set(everywhere) - chosen
    return frozenset((side * x, y) for x, y in chosen for side in (-1, 1))


def _draw(canvas: Canvas, cells: Cells) -> None:
    """Round cells, and bridges that make neighbours one piece."""
    half = _CELL / 2
    for x, y in cells:
        canvas.slab(x * _CELL, y * _CELL, half, half, _INK, corner=_CORNER)
        if (x + 1, y) in cells:
            canvas.slab((x + 0.5) * _CELL, y * _CELL, half, half, _INK)
        if (x, y + 1) in cells:
            canvas.slab(x * _CELL, (y + 0.5) * _CELL, half, half, _INK)
