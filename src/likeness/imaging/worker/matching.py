"""Whether a stored square shows the whole of its original: for photos whose rows do not say it.

Nothing may look other than it did. So the whole picture has to look like the square, and no box
that is a little smaller may look more like it.
"""

from dataclasses import replace
from typing import Final

import pyvips

from likeness.imaging.plan import Plan
from likeness.imaging.views import MatchPlan
from likeness.imaging.worker.decode import decode
from likeness.imaging.worker.geometry import squared
from likeness.model import Window

TILES: Final = 8
"""Rows and columns of the grid whose worst field is judged."""

LEVELS_MAX: Final = 8.0
"""How far that field may be off, of 255, on average. Twice encoded photographs are off by 1 to 4,
bars in another colour by far more."""

INSETS_PX: Final = (1, 2, 4, 16, 64)
"""By how much smaller boxes are that are tried beside the whole, in pixels of the original."""

ADVANTAGE_MAX: Final = 0.02
"""How much better a box may fit in levels, on average: noise in a picture without any detail."""


def shows_whole(data: bytes, plan: MatchPlan) -> bool:
    """Whether the square that ends `data` shows all of the original that begins it.

    Raises pyvips.Error for damaged pixels.
    """
    source, whole = plan.source, plan.whole
    original = decode(data[: plan.length], source, plan.background)
    # Frames of an animation are below one another; its square is the first of them.
    original = original.crop(0, 0, source.width, source.height).copy_memory()
    background = None if plan.square.has_alpha else plan.background
    square = decode(data[plan.length :], plan.square, background).copy_memory()
    off = _difference(original, square, whole)
    if off.shrink(square.width / TILES, square.height / TILES).max() > LEVELS_MAX:
        return False
    boxes = [replace(whole, window=box, side=box.w) for box in _boxes(whole, square.width)]
    nearest = min((_difference(original, square, box).avg() for box in boxes), default=off.avg())
    return bool(off.avg() <= nearest + ADVANTAGE_MAX)


def _boxes(whole: Plan, side: int) -> list[Window]:
    """Boxes that are nearly the whole, no smaller than the square; none where it has bars."""
    if whole.window.w != whole.window.h:
        return []
    return [
        Window(x, y, whole.side - inset, whole.side - inset)
        for inset in INSETS_PX
        if whole.side - inset >= side
        for x, y in ((0, 0), (inset, 0), (0, inset), (inset, inset), (inset // 2, inset // 2))
    ]


def _difference(original: pyvips.Image, square: pyvips.Image, plan: Plan) -> pyvips.Image:
    """How far a square of the original is from the stored one, pixel by pixel."""
    made = squared(original, plan, square.width)
    if made.hasalpha() or square.hasalpha():
        made, square = (_weighed(image) for image in (made, square))
    return (made - square).abs()


def _weighed(image: pyvips.Image) -> pyvips.Image:
    """Colours by their alpha, since those of invisible pixels say nothing."""
    return (image if image.hasalpha() else image.addalpha()).premultiply()
