"""Turns, cuts, pads and scales one picture, by the numbers of its plan."""

from collections.abc import Iterator
from typing import Final

import pyvips
from PIL import Image

from likeness.imaging.plan import Plan
from likeness.model import Window

LEVEL_SIDE_PX_MIN: Final = 192
"""Smaller sizes are all scaled from this one, so that no pixel is filtered too often."""

_HALVING: Final = 2
"""An exact half is the mean of 2 x 2 pixels: 1.7 instead of 4 ms at 1024 pixels, and no eye tells
which of two neighbours on a screen is the sharper. All other steps use lanczos3."""

_RGB_BANDS: Final = 3
_MODES: Final = {_RGB_BANDS: "RGB", 4: "RGBA"}
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


def squared(image: pyvips.Image, plan: Plan, side: int) -> pyvips.Image:
    """The plan's square, cut from the upright picture, padded and scaled down to `side`."""
    window, place = plan.window, plan.scaled(side)
    if (window.w, window.h) != (image.width, image.height):
        image = image.crop(window.x, window.y, window.w, window.h)
    if window.w == window.h:
        return scaled(image, side, side)
    if place is None:
        return scaled(_padded(image, plan, plan.place, plan.side), side, side)
    # A picture in landscape has a quarter fewer pixels to be scaled without its bars.
    return _padded(scaled(image, place.w, place.h), plan, place, side)


def framed(picture: Image.Image, plan: Plan) -> Image.Image:
    """The plan's square of an opaque picture in Pillow; the very picture if it is all of it."""
    x, y, w, h = plan.window.x, plan.window.y, plan.window.w, plan.window.h
    if (w, h) != picture.size:
        picture = picture.crop((x, y, x + w, y + h))
    if w == h:
        return picture
    square = Image.new(picture.mode, (plan.side, plan.side), plan.background or 0)
    square.paste(picture, (plan.place.x, plan.place.y))
    return square


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
    libvips takes; libvips scales by all other factors (decision 8). Pixels are copied from one to
    the other when that one is first asked for them.
    """

    def __init__(
        self,
        *,
        image: pyvips.Image | None = None,
        picture: Image.Image | None = None,
        pixels: bytes | None = None,
    ) -> None:
        """One of `image` and `picture` (RGB or RGBA); `pixels` are theirs, where they are at hand.

        `image` is read anew each time that somebody wants its pixels, unless it is in memory.
        """
        self._image = image
        self._picture = picture
        self._pixels = pixels

    @classmethod
    def kept(cls, image: pyvips.Image) -> "Level":
        """A picture that is read now, whole, and once for both libraries."""
        pixels = image.write_to_memory()
        return cls(image=_image(pixels, image.width, image.height, image.bands), pixels=pixels)

    @property
    def width(self) -> int:
        """In pixels."""
        return self._picture.width if self._picture else int(self.image.width)

    @property
    def image(self) -> pyvips.Image:
        """The pixels as libvips holds them."""
        if self._image is None:
            picture = self.picture
            bands = len(picture.getbands())
            self._image = _image(picture.tobytes(), picture.width, picture.height, bands)
        return self._image

    @property
    def picture(self) -> Image.Image:
        """The pixels as Pillow holds them."""
        if self._picture is None:
            mode, size = _MODES[self.image.bands], (self.image.width, self.image.height)
            pixels = self._pixels or self.image.write_to_memory()
            self._picture = Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)
        return self._picture

    def square(self, plan: Plan) -> "Level":
        """The plan's square, no larger than its largest size; this very level where that is it."""
        side = max(plan.sizes)
        if self._picture and side == plan.side:
            picture = framed(self._picture, plan)
            return self if picture is self._picture else Level(picture=picture)
        image = squared(self.image, plan, side)
        return self if image is self.image and self._pixels else Level.kept(image)

    def scaled(self, side: int) -> "Level":
        """This square at a side no larger than its own."""
        if side == self.width:
            return self
        if _HALVING * side != self.width or self._has_alpha:
            return Level.kept(scaled(self.image, side, side))
        return Level(picture=self.picture.reduce(_HALVING))

    @property
    def _has_alpha(self) -> bool:
        return self._picture.mode == "RGBA" if self._picture else bool(self.image.hasalpha())


def ladder(side: int, sizes: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Each size, the largest first, with the larger or equal one that it is scaled from."""
    base = side
    for size in sorted(sizes, reverse=True):
        yield size, base
        if size >= LEVEL_SIDE_PX_MIN:
            base = size


def _padded(image: pyvips.Image, plan: Plan, place: Window, side: int) -> pyvips.Image:
    colour = [0, 0, 0, 0] if plan.background is None else list(plan.background)
    return image.embed(place.x, place.y, side, side, extend="background", background=colour)


def _image(pixels: bytes, width: int, height: int, bands: int) -> pyvips.Image:
    image = pyvips.Image.new_from_memory(pixels, width, height, bands, "uchar")
    # Three bands are taken for colours anyway; to be told so costs a fiftieth of a small upload.
    return image.copy(interpretation="srgb") if bands > _RGB_BANDS else image


def _resized(image: pyvips.Image, width: int, height: int) -> pyvips.Image:
    if (image.width, image.height) == (_HALVING * width, _HALVING * height):
        return image.shrink(_HALVING, _HALVING)
    return image.resize(width / image.width, vscale=height / image.height, kernel="lanczos3")
