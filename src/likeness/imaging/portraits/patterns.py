"""A mirrored pattern of rounded cells: abstract, quick, and easy to know again."""

from collections.abc import Mapping
from typing import Final

from likeness.imaging.portraits.canvas import Canvas, scale_of
from likeness.imaging.portraits.colours import WHITE, Rgb, hue_of, oklch, plain_colour
from likeness.imaging.portraits.palette import Palette, png
from likeness.imaging.portraits.traits import Traits

_INK, _PAPER = 0, 255
_STEPS: Final = 16
_CELLS: Final = 5
_MIDDLE: Final = _CELLS // 2
_CELL: Final = 0.265
"""The side of a cell; the corners of five by five of them just touch the circle."""

_EMBLEM_CELL: Final = 0.7 * _CELL
"""Beside letters on the same ground: as large as they are."""

_CORNER: Final = 0.09 / _CELL
"""The radius of a cell's corners, in parts of its side."""

_SCALE_MAX: Final = 4
"""What is straight needs no more."""

_FILLED_MIN: Final = 9
"""Of 25 cells. A pattern with fewer is turned into its opposite, or it would be a few crumbs."""

Cells = frozenset[tuple[int, int]]
"""Columns and rows from the centre."""


def pattern(digest: str, side_px: int) -> bytes:
    """A PNG of `side_px` pixels square; the digest's pattern in its colour, within the circle."""
    hue = hue_of(Traits(digest))
    colours = {_INK: oklch(0.58, 0.13, hue), _PAPER: oklch(0.955, 0.016, hue)}
    return _drawn(digest, side_px, _CELL, colours)


def emblem(digest: str, side_px: int) -> bytes:
    """The same pattern, smaller, in white on the digest's colour: in place of letters."""
    colours = {_INK: WHITE, _PAPER: plain_colour(Traits(digest))}
    return _drawn(digest, side_px, _EMBLEM_CELL, colours)


def _drawn(digest: str, side_px: int, cell: float, colours: Mapping[int, Rgb]) -> bytes:
    traits = Traits(digest)
    hue_of(traits)  # Somebody's first choice in every style, which leaves the others to the cells.
    canvas = Canvas(side_px, _PAPER, min(_SCALE_MAX, scale_of(side_px)))
    _draw(canvas, _cells(traits), cell)
    return png(canvas.finished(), Palette(colours, _STEPS))


def _cells(traits: Traits) -> Cells:
    """Three columns are chosen, and two of them repeated on the other side."""
    everywhere = [(x, y) for x in range(_MIDDLE + 1) for y in range(-_MIDDLE, _MIDDLE + 1)]
    chosen = {cell for cell in everywhere if traits.below(2)}
    if 2 * len(chosen) - sum(x == 0 for x, _ in chosen) < _FILLED_MIN:
        chosen = set(everywhere) - chosen
    return frozenset((side * x, y) for x, y in chosen for side in (-1, 1))


def _draw(canvas: Canvas, cells: Cells, side: float) -> None:
    """Round cells of a side, and bridges that make neighbours one piece."""
    half, corner = side / 2, _CORNER * side
    for x, y in cells:
        canvas.slab(x * side, y * side, half, half, _INK, corner=corner)
        if (x + 1, y) in cells:
            canvas.slab((x + 0.5) * side, y * side, half, half, _INK)
        if (x, y + 1) in cells:
            canvas.slab(x * side, (y + 0.5) * side, half, half, _INK)
