"""Friendly monsters, put together from a body, limbs, a top, markings, eyes and a mouth."""

from collections.abc import Callable
from typing import Final

from likeness.imaging.portraits.canvas import Canvas, Point, mirrored
from likeness.imaging.portraits.features import EYES, MOUTHS
from likeness.imaging.portraits.palette import png
from likeness.imaging.portraits.scheme import ACCENT, BODY, PAPER, SHADE, scheme
from likeness.imaging.portraits.traits import Traits

Part = Callable[[Canvas], None]

_EYES_Y: Final = -0.13
_MOUTH_Y: Final = 0.24


def monster(digest: str, side_px: int) -> bytes:
    """A PNG of `side_px` pixels square; the digest's monster, within the inscribed circle."""
    traits = Traits(digest)
    palette = scheme(traits)
    canvas = Canvas(side_px, PAPER)
    # What is behind comes first.
    for parts in (_TOPS, _LIMBS, _FEET):
        traits.pick(parts)(canvas)
    canvas.blob(traits.pick(_BODIES), BODY)
    traits.pick(_MARKINGS)(canvas)
    traits.pick(EYES)(canvas, _EYES_Y, 1.0)
    traits.pick(MOUTHS)(canvas, _MOUTH_Y, 0.95)
    return png(canvas.finished(), palette)


_BODIES: Final[tuple[tuple[Point, ...], ...]] = (
    # An egg.
    ((0, -0.6), (0.3, -0.5), (0.5, -0.15), (0.55, 0.2), (0.42, 0.56), (0.18, 0.69), (0, 0.71)),
    # A pear.
    ((0, -0.56), (0.27, -0.5), (0.42, -0.2), (0.52, 0.1), (0.6, 0.38), (0.46, 0.64), (0, 0.71)),
    # A drop of jelly.
    ((0, -0.58), (0.33, -0.5), (0.53, -0.2), (0.57, 0.25), (0.6, 0.58), (0.5, 0.69), (0, 0.69)),
    # A loaf.
    ((0, -0.54), (0.38, -0.53), (0.56, -0.36), (0.56, 0.1), (0.56, 0.5), (0.4, 0.69), (0, 0.7)),
    # A ghost, with a hem.
    (
        (0, -0.6), (0.34, -0.5), (0.53, -0.18), (0.54, 0.3), (0.57, 0.64), (0.44, 0.72),
        (0.3, 0.61), (0.15, 0.71), (0, 0.62),
    ),
    # A cloud.
    (
        (0, -0.57), (0.2, -0.6), (0.34, -0.44), (0.54, -0.36), (0.52, -0.12), (0.64, 0.06),
        (0.55, 0.27), (0.61, 0.5), (0.42, 0.58), (0.26, 0.71), (0, 0.67),
    ),
    # A bean, tall.
    ((0, -0.64), (0.28, -0.58), (0.44, -0.3), (0.44, 0.15), (0.46, 0.5), (0.32, 0.7), (0, 0.74)),
)  # fmt: skip
"""Right halves of outlines, from the top to the bottom. Eyes, mouth and limbs fit all of them."""


def _nothing(canvas: Canvas) -> None:
    """Not having one is a trait, too."""


def _horns(canvas: Canvas) -> None:
    for horn in mirrored([(0.14, -0.4), (0.27, -0.6), (0.45, -0.8), (0.47, -0.55), (0.42, -0.3)]):
        canvas.petal(horn, ACCENT)


def _round_ears(canvas: Canvas) -> None:
    for x in (-0.42, 0.42):
        canvas.disc(x, -0.5, 0.2, BODY)
        canvas.disc(x, -0.5, 0.11, ACCENT)


def _pointed_ears(canvas: Canvas) -> None:
    for ear in mirrored([(0.1, -0.45), (0.27, -0.66), (0.46, -0.76), (0.52, -0.5), (0.5, -0.15)]):
        canvas.petal(ear, BODY)
    for ear in mirrored([(0.25, -0.5), (0.42, -0.66), (0.44, -0.4)]):
        canvas.petal(ear, ACCENT)


def _feelers(canvas: Canvas) -> None:
    for feeler in mirrored([(0.14, -0.45), (0.2, -0.68), (0.36, -0.76)]):
        canvas.stroke(feeler, 0.06, SHADE)
        canvas.disc(*feeler[-1], 0.085, ACCENT)


def _one_feeler(canvas: Canvas) -> None:
    canvas.stroke([(0, -0.5), (0.02, -0.66), (0, -0.78)], 0.07, SHADE)
    canvas.disc(0, -0.8, 0.11, ACCENT)


def _crest(canvas: Canvas) -> None:
    for x, y, r in ((-0.26, -0.52, 0.13), (0.26, -0.52, 0.13), (0, -0.6, 0.19)):
        canvas.disc(x, y, r, ACCENT)


def _tuft(canvas: Canvas) -> None:
    for x in (-0.17, 0, 0.17):
        canvas.stroke([(x / 3, -0.45), (x / 1.4, -0.66), (x * 1.3, -0.79)], 0.09, SHADE)


def _leaves(canvas: Canvas) -> None:
    canvas.stroke([(0, -0.5), (0, -0.7)], 0.05, SHADE)
    for leaf in mirrored([(0, -0.64), (0.12, -0.8), (0.33, -0.82), (0.22, -0.66)]):
        canvas.petal(leaf, ACCENT)


_TOPS: Final[tuple[Part, ...]] = (
    _horns, _round_ears, _pointed_ears, _feelers, _one_feeler, _crest, _tuft, _leaves, _nothing,
)  # fmt: skip


def _arms_up(canvas: Canvas) -> None:
    for arm in mirrored([(0.4, 0.25), (0.66, 0.14), (0.76, -0.12)]):
        canvas.stroke(arm, 0.16, BODY)


def _arms_down(canvas: Canvas) -> None:
    for arm in mirrored([(0.4, 0.1), (0.64, 0.2), (0.72, 0.44)]):
        canvas.stroke(arm, 0.16, BODY)


def _waving(canvas: Canvas) -> None:
    canvas.stroke([(-0.4, 0.1), (-0.64, 0.22), (-0.7, 0.44)], 0.16, BODY)
    canvas.stroke([(0.4, 0.2), (0.68, 0.06), (0.74, -0.22)], 0.16, BODY)


def _wings(canvas: Canvas) -> None:
    for x, y, r in ((0.66, -0.12, 0.19), (0.63, 0.12, 0.15)):
        canvas.disc(-x, y, r, ACCENT)
        canvas.disc(x, y, r, ACCENT)


_LIMBS: Final[tuple[Part, ...]] = (_arms_up, _arms_down, _waving, _wings, _nothing)


def _soles(canvas: Canvas) -> None:
    for x in (-0.24, 0.24):
        canvas.oval(x, 0.74, 0.19, 0.11, SHADE)


def _stumps(canvas: Canvas) -> None:
    for x in (-0.23, 0.23):
        canvas.slab(x, 0.7, 0.13, 0.16, SHADE, corner=0.1)


def _many(canvas: Canvas) -> None:
    for x, y in ((-0.33, 0.71), (-0.11, 0.77), (0.11, 0.77), (0.33, 0.71)):
        canvas.disc(x, y, 0.1, SHADE)


_FEET: Final[tuple[Part, ...]] = (_soles, _stumps, _many)


def _belly(canvas: Canvas) -> None:
    canvas.oval(0, 0.4, 0.33, 0.24, ACCENT)


def _muzzle(canvas: Canvas) -> None:
    canvas.oval(0, 0.26, 0.34, 0.23, ACCENT)


def _cheeks(canvas: Canvas) -> None:
    for x in (-0.37, 0.37):
        canvas.disc(x, 0.14, 0.1, ACCENT)


def _spots(canvas: Canvas) -> None:
    for x, y, r in ((0.34, 0.42, 0.1), (-0.38, 0.3, 0.07), (-0.3, 0.5, 0.05), (0.12, -0.43, 0.06)):
        canvas.disc(x, y, r, SHADE)


def _stripes(canvas: Canvas) -> None:
    for stripe in (*mirrored([(0.42, 0.3), (0.3, 0.32)]), *mirrored([(0.42, 0.45), (0.27, 0.47)])):
        canvas.stroke(stripe, 0.07, SHADE)


def _patch(canvas: Canvas) -> None:
    canvas.disc(-0.23, _EYES_Y, 0.25, SHADE)


_MARKINGS: Final[tuple[Part, ...]] = (_belly, _muzzle, _cheeks, _spots, _stripes, _patch, _nothing)
