"""Robots, put together from a head, ears, an aerial, a screen, eyes, a mouth and a chest."""

from collections.abc import Callable
from typing import Final

from likeness.imaging.portraits.canvas import Canvas, mirrored
from likeness.imaging.portraits.palette import png
from likeness.imaging.portraits.scheme import ACCENT, BODY, INK, PAPER, SHADE, WHITE, scheme
from likeness.imaging.portraits.traits import Traits

Part = Callable[[Canvas], None]

_EYES_Y: Final = -0.2
_MOUTH_Y: Final = 0.14


def robot(digest: str, side_px: int) -> bytes:
    """A PNG of `side_px` pixels square; the digest's robot, within the inscribed circle."""
    traits = Traits(digest)
    palette = scheme(traits)
    canvas = Canvas(side_px, PAPER)
    for parts in (_AERIALS, _EARS, _CHESTS, _BADGES, _HEADS, _SCREENS):
        traits.pick(parts)(canvas)
    traits.pick(_EYES)(canvas)
    traits.pick(_MOUTHS)(canvas)
    return png(canvas.finished(), palette)


def _nothing(canvas: Canvas) -> None:
    """Not having one is a trait, too."""


def _mast(canvas: Canvas) -> None:
    canvas.stroke([(0, -0.5), (0, -0.74)], 0.07, SHADE)
    canvas.disc(0, -0.77, 0.11, ACCENT)


def _rabbit(canvas: Canvas) -> None:
    for x in (-0.3, 0.3):
        canvas.stroke([(x * 0.7, -0.5), (x, -0.74)], 0.06, SHADE)
        canvas.disc(x, -0.76, 0.08, ACCENT)


def _lamp(canvas: Canvas) -> None:
    canvas.oval(0, -0.6, 0.2, 0.2, ACCENT)
    canvas.slab(0, -0.56, 0.26, 0.06, SHADE, corner=0.03)


def _spring(canvas: Canvas) -> None:
    canvas.stroke([(0, -0.5), (0.1, -0.6), (-0.1, -0.67), (0.1, -0.74), (0, -0.8)], 0.05, SHADE)
    canvas.disc(0, -0.81, 0.085, ACCENT)


def _handle(canvas: Canvas) -> None:
    canvas.slab(0, -0.6, 0.28, 0.16, SHADE, corner=0.12)
    canvas.slab(0, -0.59, 0.19, 0.09, PAPER, corner=0.06)


def _dish(canvas: Canvas) -> None:
    canvas.stroke([(0.12, -0.5), (0.12, -0.66)], 0.06, SHADE)
    canvas.petal([(-0.12, -0.82), (0.02, -0.64), (0.3, -0.62), (0.1, -0.7)], ACCENT)
    canvas.disc(0.16, -0.8, 0.05, SHADE)


_AERIALS: Final[tuple[Part, ...]] = (_mast, _rabbit, _lamp, _spring, _handle, _dish, _nothing)


def _bolts(canvas: Canvas) -> None:
    for x in (-0.62, 0.62):
        canvas.slab(x, -0.07, 0.1, 0.15, SHADE, corner=0.04)


def _cups(canvas: Canvas) -> None:
    for x in (-0.6, 0.6):
        canvas.oval(x, -0.07, 0.16, 0.22, SHADE)
        canvas.oval(x * 1.07, -0.07, 0.09, 0.14, ACCENT)


def _levers(canvas: Canvas) -> None:
    for lever in mirrored([(0.5, -0.02), (0.7, -0.04), (0.7, -0.28)]):
        canvas.stroke(lever, 0.07, SHADE)
        canvas.disc(*lever[-1], 0.08, ACCENT)


def _fins(canvas: Canvas) -> None:
    for x in (-0.63, 0.63):
        for y in (-0.23, -0.07, 0.09):
            canvas.slab(x, y, 0.13, 0.05, SHADE, corner=0.05)


_EARS: Final[tuple[Part, ...]] = (_bolts, _cups, _levers, _fins, _nothing)


def _barrel(canvas: Canvas) -> None:
    canvas.slab(0, 0.46, 0.13, 0.1, SHADE, corner=0.02)
    canvas.slab(0, 0.7, 0.46, 0.19, BODY, corner=0.12)


def _bell(canvas: Canvas) -> None:
    canvas.slab(0, 0.46, 0.1, 0.1, SHADE, corner=0.02)
    canvas.blob([(0, 0.5), (0.3, 0.54), (0.43, 0.7), (0.46, 0.84), (0.25, 0.89), (0, 0.89)], BODY)


def _spread(canvas: Canvas) -> None:
    """A chest between two shoulders."""
    canvas.slab(0, 0.46, 0.1, 0.1, SHADE, corner=0.02)
    for x in (-0.5, 0.5):
        canvas.disc(x, 0.64, 0.13, SHADE)
    canvas.slab(0, 0.71, 0.37, 0.2, BODY, corner=0.08)


def _hose(canvas: Canvas) -> None:
    for y in (0.42, 0.5, 0.58):
        canvas.slab(0, y, 0.17, 0.032, SHADE, corner=0.03)
    canvas.slab(0, 0.75, 0.42, 0.15, BODY, corner=0.14)


_CHESTS: Final[tuple[Part, ...]] = (_barrel, _bell, _spread, _hose)


def _heart(canvas: Canvas) -> None:
    canvas.disc(0, 0.72, 0.09, ACCENT)


def _buttons(canvas: Canvas) -> None:
    for x in (-0.17, 0, 0.17):
        canvas.disc(x, 0.73, 0.05, ACCENT)


def _plate(canvas: Canvas) -> None:
    canvas.slab(0, 0.73, 0.2, 0.09, SHADE, corner=0.03)
    canvas.slab(-0.06, 0.73, 0.09, 0.03, ACCENT, corner=0.01)


def _slots(canvas: Canvas) -> None:
    for y in (0.68, 0.77):
        canvas.slab(0, y, 0.18, 0.025, SHADE, corner=0.02)


_BADGES: Final[tuple[Part, ...]] = (_heart, _buttons, _plate, _slots, _nothing)


def _box(canvas: Canvas) -> None:
    canvas.slab(0, -0.07, 0.57, 0.47, BODY, corner=0.14)


def _pill(canvas: Canvas) -> None:
    canvas.slab(0, -0.07, 0.6, 0.46, BODY, corner=0.4)


def _dome(canvas: Canvas) -> None:
    half = [
        (0, -0.56),
        (0.3, -0.51),
        (0.52, -0.28),
        (0.57, 0.05),
        (0.57, 0.34),
        (0.46, 0.41),
        (0, 0.41),
    ]
    canvas.blob(half, BODY)


def _helmet(canvas: Canvas) -> None:
    canvas.slab(0, -0.07, 0.55, 0.47, BODY, corner=0.28)
    canvas.slab(0, -0.49, 0.12, 0.09, SHADE, corner=0.05)


def _kettle(canvas: Canvas) -> None:
    half = [
        (0, -0.55),
        (0.36, -0.54),
        (0.44, -0.46),
        (0.55, 0.2),
        (0.56, 0.32),
        (0.48, 0.41),
        (0, 0.42),
    ]
    canvas.blob(half, BODY)


def _tall(canvas: Canvas) -> None:
    canvas.slab(0, -0.07, 0.5, 0.49, BODY, corner=0.2)


_HEADS: Final[tuple[Part, ...]] = (_box, _pill, _dome, _helmet, _kettle, _tall)


def _bright(canvas: Canvas) -> None:
    canvas.slab(0, -0.06, 0.42, 0.34, PAPER, corner=0.14)


def _tinted(canvas: Canvas) -> None:
    canvas.slab(0, -0.06, 0.42, 0.34, ACCENT, corner=0.2)


def _band(canvas: Canvas) -> None:
    canvas.slab(0, _EYES_Y, 0.46, 0.19, ACCENT, corner=0.17)


def _rivets(canvas: Canvas) -> None:
    for x in (-0.38, 0.38):
        for y in (-0.4, 0.27):
            canvas.disc(x, y, 0.035, SHADE)


_SCREENS: Final[tuple[Part, ...]] = (_bright, _tinted, _band, _rivets)


def _lenses(canvas: Canvas) -> None:
    for x in (-0.21, 0.21):
        canvas.disc(x, _EYES_Y, 0.16, INK)
        canvas.disc(x, _EYES_Y, 0.11, WHITE)
        canvas.disc(x, _EYES_Y, 0.06, INK)


def _lights(canvas: Canvas) -> None:
    for x in (-0.2, 0.2):
        canvas.disc(x, _EYES_Y, 0.135, INK)
        canvas.disc(x + 0.04, _EYES_Y - 0.04, 0.045, WHITE)


def _windows(canvas: Canvas) -> None:
    for x in (-0.2, 0.2):
        canvas.slab(x, _EYES_Y, 0.14, 0.12, INK, corner=0.035)
        canvas.slab(x, _EYES_Y, 0.055, 0.055, WHITE, corner=0.01)


def _visor(canvas: Canvas) -> None:
    canvas.slab(0, _EYES_Y, 0.38, 0.13, INK, corner=0.13)
    for x in (-0.17, 0.17):
        canvas.disc(x, _EYES_Y, 0.06, WHITE)


def _scanner(canvas: Canvas) -> None:
    canvas.disc(0, _EYES_Y, 0.21, INK)
    canvas.disc(0, _EYES_Y, 0.15, WHITE)
    canvas.disc(0, _EYES_Y, 0.085, INK)
    canvas.disc(0.035, _EYES_Y - 0.035, 0.03, WHITE)


def _merry(canvas: Canvas) -> None:
    for eye in mirrored([(0.1, _EYES_Y + 0.06), (0.21, _EYES_Y - 0.07), (0.32, _EYES_Y + 0.06)]):
        canvas.stroke(eye, 0.075, INK)


def _bars(canvas: Canvas) -> None:
    for x in (-0.19, 0.19):
        canvas.slab(x, _EYES_Y, 0.06, 0.14, INK, corner=0.06)


def _unlike(canvas: Canvas) -> None:
    canvas.disc(-0.2, _EYES_Y, 0.17, INK)
    canvas.disc(-0.2, _EYES_Y, 0.12, WHITE)
    canvas.disc(-0.2, _EYES_Y, 0.065, INK)
    canvas.disc(0.22, _EYES_Y + 0.02, 0.1, INK)
    canvas.disc(0.25, _EYES_Y - 0.01, 0.03, WHITE)


_EYES: Final[tuple[Part, ...]] = (
    _lenses, _lights, _windows, _visor, _scanner, _merry, _bars, _unlike,
)  # fmt: skip


def _smile(canvas: Canvas) -> None:
    canvas.stroke(
        [(-0.18, _MOUTH_Y - 0.04), (0, _MOUTH_Y + 0.06), (0.18, _MOUTH_Y - 0.04)], 0.06, INK
    )


def _grille(canvas: Canvas) -> None:
    canvas.slab(0, _MOUTH_Y, 0.22, 0.085, INK, corner=0.05)
    for x in (-0.11, 0, 0.11):
        canvas.slab(x, _MOUTH_Y, 0.032, 0.05, WHITE, corner=0.01)


def _dotted(canvas: Canvas) -> None:
    for x in (-0.2, -0.1, 0, 0.1, 0.2):
        canvas.disc(x, _MOUTH_Y + 0.03 - 0.9 * x * x, 0.035, INK)


def _flap(canvas: Canvas) -> None:
    half = [(0, -0.05), (0.17, -0.055), (0.2, 0.0), (0.12, 0.1), (0, 0.125)]
    canvas.blob([(x, _MOUTH_Y + y) for x, y in half], INK)


def _line(canvas: Canvas) -> None:
    canvas.slab(0, _MOUTH_Y, 0.18, 0.032, INK, corner=0.03)


def _whistle(canvas: Canvas) -> None:
    canvas.disc(0, _MOUTH_Y, 0.09, INK)
    canvas.disc(0, _MOUTH_Y, 0.05, WHITE)


def _wave(canvas: Canvas) -> None:
    points = [(-0.22, 0.0), (-0.11, 0.05), (0, -0.03), (0.11, 0.05), (0.22, 0.0)]
    canvas.stroke([(x, _MOUTH_Y + y) for x, y in points], 0.055, INK)


_MOUTHS: Final[tuple[Part, ...]] = (_smile, _grille, _dotted, _flap, _line, _whistle, _wave)
