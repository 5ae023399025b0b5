"""Faces from the days of 16 by 16 pixels, mirrored about the middle."""

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

from likeness.imaging.portraits.canvas import scale_of
from likeness.imaging.portraits.palette import png
from likeness.imaging.portraits.scheme import ACCENT, BODY, INK, PAPER, SHADE, WHITE, scheme
from likeness.imaging.portraits.traits import Traits

_GRID: Final = 16
_HALF: Final = _GRID // 2

Patch = tuple[int, int, int, int, int]
"""Columns out from the middle, rows from the top, columns wide, rows high, and the tone."""

Part = Sequence[Patch]


def sprite(digest: str, side_px: int) -> bytes:
    """A PNG of `side_px` pixels square; the digest's face, within the inscribed circle."""
    traits = Traits(digest)
    palette = scheme(traits)
    grid = Image.new("L", (_GRID, _GRID), PAPER)
    _draw(grid, _head(traits.pick(_HEADS)))
    for parts in (_TOPS, _MARKS, _CHEEKS, _EYES, _MOUTHS):
        _draw(grid, traits.pick(parts))
    return png(_enlarged(grid, side_px), palette)


def _draw(grid: Image.Image, part: Part) -> None:
    draw = ImageDraw.Draw(grid)
    for column, row, wide, high, tone in part:
        for left in (_HALF + column, _HALF - column - wide):
            draw.rectangle((left, row, left + wide - 1, row + high - 1), tone)


def _enlarged(grid: Image.Image, side_px: int) -> Image.Image:
    """Sharp where the side is a multiple of 16, and with smooth edges elsewhere."""
    if side_px % _GRID == 0:
        return grid.resize((side_px, side_px), Image.Resampling.NEAREST)
    times = -(-scale_of(side_px) * side_px // _GRID)
    large = grid.resize((_GRID * times, _GRID * times), Image.Resampling.NEAREST)
    return large.resize((side_px, side_px), Image.Resampling.BOX)


def _head(widths: Sequence[int]) -> Part:
    """Rows of a head down to row 13; the last lies in shade."""
    top = 14 - len(widths)
    rows = [(0, top + place, width, 1, BODY) for place, width in enumerate(widths)]
    return [*rows, (0, 13, widths[-1], 1, SHADE)]


_HEADS: Final = (
    (4, 5, 6, 6, 6, 6, 6, 6, 5, 4),
    (5, 6, 6, 6, 6, 6, 6, 6, 6, 5),
    (4, 6, 7, 7, 7, 7, 6, 5, 5, 4),
    (2, 4, 4, 5, 5, 6, 6, 6, 6, 6, 5),
    (4, 6, 7, 7, 7, 7, 7, 6, 6, 4),
    (3, 5, 5, 6, 6, 5, 5, 6, 6, 6, 4),
    (4, 5, 5, 5, 5, 5, 5, 5, 5, 4, 3),
)
"""Half the width of each row, in pixels; a round frame leaves 6 at the top and 5 at the chin."""

_TOPS: Final[tuple[Part, ...]] = (
    (),
    # Feelers.
    ((2, 2, 1, 2, SHADE), (2, 1, 1, 1, ACCENT)),
    # A crown.
    ((0, 3, 5, 1, ACCENT), (0, 2, 1, 1, ACCENT), (2, 2, 1, 1, ACCENT), (4, 2, 1, 1, ACCENT)),
    # Ears.
    ((3, 2, 2, 3, BODY), (4, 3, 1, 2, ACCENT)),
    # A comb.
    ((0, 1, 1, 4, ACCENT), (1, 2, 1, 2, ACCENT)),
    # A cap.
    ((0, 2, 4, 1, ACCENT), (0, 3, 5, 2, ACCENT), (0, 5, 6, 1, SHADE)),
    # A fringe.
    ((0, 3, 5, 1, SHADE), (0, 4, 6, 1, SHADE), (4, 5, 2, 2, SHADE), (1, 5, 1, 1, SHADE)),
    # Curls.
    ((0, 2, 2, 2, SHADE), (3, 2, 2, 2, SHADE), (2, 3, 1, 2, SHADE), (4, 4, 2, 2, SHADE)),
    # A sprout.
    ((0, 2, 1, 2, SHADE), (1, 1, 2, 1, ACCENT)),
)

_EYES: Final[tuple[Part, ...]] = (
    ((2, 7, 2, 2, WHITE), (2, 8, 1, 1, INK)),
    ((2, 7, 1, 2, INK),),
    ((2, 7, 2, 2, INK), (3, 7, 1, 1, WHITE)),
    ((1, 8, 1, 1, INK), (2, 7, 1, 1, INK), (3, 8, 1, 1, INK)),
    ((0, 7, 5, 2, INK), (2, 7, 1, 1, WHITE)),
    ((2, 8, 2, 1, INK), (2, 7, 2, 1, SHADE)),
    ((1, 6, 3, 3, WHITE), (1, 7, 2, 2, INK), (2, 7, 1, 1, WHITE)),
    ((1, 6, 3, 3, INK), (2, 7, 1, 1, WHITE), (0, 7, 1, 1, INK)),
    ((0, 6, 2, 3, WHITE), (0, 7, 1, 2, INK)),
)

_MOUTHS: Final[tuple[Part, ...]] = (
    ((0, 11, 2, 1, INK), (2, 10, 1, 1, INK)),
    ((0, 11, 2, 1, INK),),
    ((0, 10, 2, 2, INK), (0, 11, 1, 1, ACCENT)),
    ((0, 10, 3, 1, INK), (0, 11, 1, 1, WHITE)),
    ((0, 10, 1, 2, INK),),
    ((0, 10, 3, 2, INK), (0, 10, 2, 1, WHITE)),
    ((0, 11, 3, 1, INK), (2, 10, 1, 1, WHITE)),
    ((0, 10, 1, 1, INK), (1, 11, 1, 1, INK), (2, 10, 1, 1, INK)),
)

_CHEEKS: Final[tuple[Part, ...]] = (
    (),
    ((4, 10, 1, 1, ACCENT),),
    ((3, 9, 2, 1, ACCENT),),
)

_MARKS: Final[tuple[Part, ...]] = (
    (),
    # Freckles.
    ((3, 10, 1, 1, SHADE), (4, 9, 1, 1, SHADE)),
    # A muzzle.
    ((0, 9, 3, 1, ACCENT), (0, 10, 4, 2, ACCENT), (0, 12, 3, 1, ACCENT)),
    # A beard.
    ((0, 12, 4, 1, SHADE), (3, 11, 2, 1, SHADE)),
    # A stripe.
    ((0, 5, 1, 2, SHADE),),
)
