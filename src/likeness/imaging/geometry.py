"""Turning, cutting, padding and scaling of one picture. How far is never decided here."""

from collections.abc import Iterator
from typing import Final

import pyvips

from likeness.imaging.plan import Plan

LEVEL_SIDE_PX_MIN: Final = 192
"""Smaller sizes are all scaled from this one, so that no pixel is filtered too often."""

_HALVING: Final = 2
"""An exact half is the mean of 2 x 2 pixels: 1.7 instead of 4 ms at 1024 pixels, and no eye tells
which of two neighbours on a screen is the sharper. All other steps use lanczos3."""

_TURNS: Final = {
    2: ("fliphor",),
    3: ("rot180",),
    4: ("flipver",),
    5: ("rot90", "fliphor"),
    6: ("rot90",),
    7: ("rot270", "fliphor"),
    8: ("rot270",),
}
"""What brings a picture upright, by its EXIF orientation (EXIF 2.32, section 4.6.4 A)."""


def turned(image: pyvips.Image, orientation: int) -> pyvips.Image:
    """The picture upright. Reads it whole unless it already is."""
    if orientation not in _TURNS:
        return image
    # Pixels arrive from the decoder once and from top to bottom, which is no order for a turn.
    image = image.copy_memory()
    for turn in _TURNS[orientation]:
        image = getattr(image, turn)()
    return image


def squared(image: pyvips.Image, plan: Plan) -> pyvips.Image:
    """The plan's square, cut from the upright picture and padded."""
    window = plan.window
    if (window.w, window.h) != (image.width, image.height):
        image = image.crop(window.x, window.y, window.w, window.h)
    if window.w == window.h:
        return image
    colour = [0, 0, 0, 0] if plan.background is None else list(plan.background)
    return image.embed(
        plan.left, plan.top, plan.side, plan.side, extend="background", background=colour
    )


def scaled(image: pyvips.Image, width: int, height: int) -> pyvips.Image:
    """The picture, no smaller than that, at `width` x `height`, sharp and without dark fringes."""
    if (width, height) == (image.width, image.height):
        return image
    if not image.hasalpha():
        return _resized(image, width, height)
    # Colours are weighed by their alpha, or those of invisible pixels would bleed into the edges.
    weighed = image.premultiply().cast("uchar").copy(interpretation="srgb")
    return _resized(weighed, width, height).unpremultiply().cast("uchar")


def ladder(side: int, sizes: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Each size, the largest first, with the larger or equal one that it is scaled from."""
    base = side
    for size in sorted(sizes, reverse=True):
        yield size, base
        if size >= LEVEL_SIDE_PX_MIN:
            base = size


def _resized(image: pyvips.Image, width: int, height: int) -> pyvips.Image:
    if (image.width, image.height) == (_HALVING * width, _HALVING * height):
        return image.shrink(_HALVING, _HALVING)
    return image.resize(width / image.width, vscale=height / image.height, kernel="lanczos3")
