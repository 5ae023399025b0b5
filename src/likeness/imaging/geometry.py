"""Turning, cutting, padding and scaling of one picture. How far is never decided here."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import pyvips
from PIL import Image

from likeness.imaging.plan import Plan

LEVEL_SIDE_PX_MIN: Final = 192
"""Smaller sizes are all scaled from this one, so that no pixel is filtered too often."""

_HALVING: Final = 2
"""An exact half is the mean of 2 x 2 pixels: 1.7 instead of 4 ms at 1024 pixels, and no eye tells
which of two neighbours on a screen is the sharper. All other steps use lanczos3."""

_MODES: Final = {3: "RGB", 4: "RGBA"}
"""Pillow's names, by the number of bands."""

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
    """The picture at `width` x `height`, sharp and without dark fringes."""
    if (width, height) == (image.width, image.height):
        return image
    if not image.hasalpha():
        return _resized(image, width, height)
    # Colours are weighed by their alpha, or those of invisible pixels would bleed into the edges.
    weighed = image.premultiply().cast("uchar").copy(interpretation="srgb")
    return _resized(weighed, width, height).unpremultiply().cast("uchar")


class Level:
    """A picture in memory, as both libraries see it: sRGB, perhaps with alpha.

    Pillow halves what is opaque and writes JPEGs, in half and in three quarters of the time that
    libvips takes; libvips scales by all other factors. No upload's bytes reach Pillow (decision 8).
    """

    def __init__(self, image: pyvips.Image, pixels: bytes | None = None) -> None:
        """`pixels` are those of `image`, where they are at hand."""
        self.image = image
        self._pixels = pixels

    @classmethod
    def kept(cls, image: pyvips.Image) -> "Level":
        """A picture that is read now, whole, and once for both libraries."""
        return cls._of(image.write_to_memory(), image.width, image.height, image)

    @classmethod
    def _of(cls, pixels: bytes, width: int, height: int, like: pyvips.Image) -> "Level":
        image = pyvips.Image.new_from_memory(pixels, width, height, like.bands, "uchar")
        return cls(image.copy(interpretation="srgb", xres=like.xres, yres=like.yres), pixels)

    @cached_property
    def picture(self) -> Image.Image:
        """The pixels as Pillow holds them, copied when they are first asked for."""
        mode, size = _MODES[self.image.bands], (self.image.width, self.image.height)
        pixels = self._pixels or self.image.write_to_memory()
        return Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)

    def square(self, plan: Plan) -> "Level":
        """The plan's square; this very level where that is the whole of it."""
        image = squared(self.image, plan)
        return self if image is self.image else Level(image)

    def scaled(self, side: int) -> "Level":
        """This square at a side no larger than its own."""
        if side == self.image.width:
            return self
        if self.image.hasalpha() or _HALVING * side != self.image.width:
            return Level.kept(scaled(self.image, side, side))
        half = self.picture.reduce(_HALVING)
        level = Level._of(half.tobytes(), side, side, self.image)
        level.picture = half
        return level


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
