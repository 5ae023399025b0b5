"""Eyes and mouths of monsters and faces. Each is drawn around (0, y), `s` times as large."""

from collections.abc import Callable
from typing import Final

from likeness.imaging.portraits.canvas import Canvas, Point
from likeness.imaging.portraits.scheme import ACCENT, INK, SHADE, WHITE

Feature = Callable[[Canvas, float, float], None]
"""What draws a feature: on a canvas, at a height, in a size."""

_LINE: Final = 0.055
"""Width of a drawn line; half of it is a pixel at 24 pixels a side."""


def _eye(canvas: Canvas, x: float, y: float, r: float, look: Point = (0.0, 0.0)) -> None:
    """A white with a pupil that looks somewhere, and a light in it."""
    canvas.disc(x, y, r, WHITE)
    pupil_x, pupil_y = x + look[0] * r, y + look[1] * r
    canvas.disc(pupil_x, pupil_y, 0.58 * r, INK)
    canvas.disc(pupil_x + 0.2 * r, pupil_y - 0.2 * r, 0.17 * r, WHITE)


def _lines(canvas: Canvas, points: list[Point], s: float, tone: int = INK) -> None:
    """A line and its mirror image; the points are those of the right one."""
    canvas.stroke(points, _LINE * s, tone)
    canvas.stroke([(-x, y) for x, y in points], _LINE * s, tone)


def _two_eyes(canvas: Canvas, y: float, s: float) -> None:
    for x in (-0.23 * s, 0.23 * s):
        _eye(canvas, x, y, 0.17 * s)


def _wide_eyes(canvas: Canvas, y: float, s: float) -> None:
    for x in (-0.2 * s, 0.2 * s):
        _eye(canvas, x, y - 0.02 * s, 0.205 * s, (0.0, -0.12))


def _looking_aside(canvas: Canvas, y: float, s: float) -> None:
    for x in (-0.23 * s, 0.23 * s):
        _eye(canvas, x, y, 0.175 * s, (0.36, 0.06))


def _looking_down(canvas: Canvas, y: float, s: float) -> None:
    for x in (-0.23 * s, 0.23 * s):
        _eye(canvas, x, y, 0.175 * s, (-0.18, 0.34))


def _one_large(canvas: Canvas, y: float, s: float) -> None:
    _eye(canvas, 0, y - 0.03 * s, 0.27 * s)


def _three_eyes(canvas: Canvas, y: float, s: float) -> None:
    for x in (-0.29 * s, 0.29 * s):
        _eye(canvas, x, y + 0.05 * s, 0.135 * s)
    _eye(canvas, 0, y - 0.1 * s, 0.165 * s)


def _odd_eyes(canvas: Canvas, y: float, s: float) -> None:
    _eye(canvas, -0.2 * s, y - 0.02 * s, 0.21 * s)
    _eye(canvas, 0.25 * s, y + 0.03 * s, 0.14 * s)


def _dots(canvas: Canvas, y: float, s: float) -> None:
    for x in (-0.24 * s, 0.24 * s):
        canvas.oval(x, y, 0.085 * s, 0.11 * s, INK)
        canvas.disc(x + 0.025 * s, y - 0.045 * s, 0.03 * s, WHITE)


def _happy(canvas: Canvas, y: float, s: float) -> None:
    points = [(x * s, y + down * s) for x, down in ((0.13, 0.05), (0.24, -0.08), (0.35, 0.05))]
    _lines(canvas, points, 1.35 * s)


def _sleepy(canvas: Canvas, y: float, s: float) -> None:
    """Whites under lids."""
    r = 0.18 * s
    for x in (-0.23 * s, 0.23 * s):
        _eye(canvas, x, y, r, (0.0, 0.2))
        canvas.cap(x, y, r, 0.3, SHADE)


def _wink(canvas: Canvas, y: float, s: float) -> None:
    _eye(canvas, -0.23 * s, y, 0.175 * s)
    points = [(x * s, y + down * s) for x, down in ((0.11, 0.04), (0.24, -0.06), (0.37, 0.04))]
    canvas.stroke(points, 1.35 * _LINE * s, INK)


def _glasses(canvas: Canvas, y: float, s: float) -> None:
    canvas.stroke([(-0.08 * s, y - 0.03 * s), (0.08 * s, y - 0.03 * s)], _LINE * s, INK)
    for x in (-0.25 * s, 0.25 * s):
        canvas.disc(x, y, 0.22 * s, INK)
        canvas.disc(x, y, 0.17 * s, WHITE)
        canvas.disc(x, y, 0.08 * s, INK)
        canvas.disc(x + 0.03 * s, y - 0.03 * s, 0.025 * s, WHITE)


PAIRS: Final[tuple[Feature, ...]] = (
    _two_eyes, _wide_eyes, _looking_aside, _looking_down, _odd_eyes, _dots, _happy, _sleepy, _wink,
    _glasses,
)  # fmt: skip
EYES: Final[tuple[Feature, ...]] = (*PAIRS, _one_large, _three_eyes)


def _smile(canvas: Canvas, y: float, s: float) -> None:
    canvas.stroke(
        [(-0.2 * s, y - 0.03 * s), (0, y + 0.08 * s), (0.2 * s, y - 0.03 * s)], _LINE * s, INK
    )


def _half_smile(canvas: Canvas, y: float, s: float) -> None:
    canvas.stroke(
        [(-0.14 * s, y + 0.03 * s), (0.04 * s, y + 0.05 * s), (0.2 * s, y - 0.05 * s)],
        _LINE * s,
        INK,
    )


def _small_o(canvas: Canvas, y: float, s: float) -> None:
    canvas.oval(0, y + 0.02 * s, 0.085 * s, 0.1 * s, INK)
    canvas.oval(0, y + 0.07 * s, 0.055 * s, 0.04 * s, ACCENT)


def _laugh(canvas: Canvas, y: float, s: float) -> None:
    _open(canvas, y, s)
    canvas.oval(0, y + 0.17 * s, 0.12 * s, 0.055 * s, ACCENT)


def _open(canvas: Canvas, y: float, s: float) -> None:
    """An open mouth with a straight upper lip."""
    half = [(0.0, -0.05), (0.18, -0.055), (0.235, -0.02), (0.19, 0.13), (0.09, 0.21), (0.0, 0.225)]
    canvas.blob([(x * s, y + down * s) for x, down in half], INK)


def _two_teeth(canvas: Canvas, y: float, s: float) -> None:
    _open(canvas, y, s)
    for x in (-0.065 * s, 0.065 * s):
        canvas.slab(x, y + 0.01 * s, 0.055 * s, 0.055 * s, WHITE, corner=0.02 * s)
    canvas.oval(0, y + 0.18 * s, 0.1 * s, 0.04 * s, ACCENT)


def _one_tooth(canvas: Canvas, y: float, s: float) -> None:
    canvas.slab(0.07 * s, y + 0.09 * s, 0.05 * s, 0.07 * s, WHITE, corner=0.03 * s)
    _smile(canvas, y, s)


def _grin(canvas: Canvas, y: float, s: float) -> None:
    """A row of teeth."""
    half = [(0.0, -0.05), (0.2, -0.07), (0.26, -0.03), (0.18, 0.1), (0.0, 0.13)]
    canvas.blob([(x * s, y + down * s) for x, down in half], INK)
    inner = [(0.0, -0.015), (0.18, -0.03), (0.21, -0.01), (0.15, 0.065), (0.0, 0.09)]
    canvas.blob([(x * s, y + down * s) for x, down in inner], WHITE)


def _fangs(canvas: Canvas, y: float, s: float) -> None:
    """Two small ones that look up from below; they are there to be laughed at."""
    for x in (-0.13 * s, 0.13 * s):
        points = [(x - 0.05 * s, y + 0.04 * s), (x, y - 0.075 * s), (x + 0.05 * s, y + 0.04 * s)]
        canvas.shape(points, WHITE)
    canvas.stroke(
        [(-0.22 * s, y + 0.02 * s), (0, y + 0.06 * s), (0.22 * s, y + 0.02 * s)], _LINE * s, INK
    )


def _cat(canvas: Canvas, y: float, s: float) -> None:
    points = [(0.0, y - 0.02 * s), (0.09 * s, y + 0.06 * s), (0.19 * s, y - 0.01 * s)]
    _lines(canvas, points, s)


def _tongue(canvas: Canvas, y: float, s: float) -> None:
    canvas.slab(0.06 * s, y + 0.11 * s, 0.075 * s, 0.1 * s, ACCENT, corner=0.075 * s)
    _smile(canvas, y, s)


MOUTHS: Final[tuple[Feature, ...]] = (
    _smile, _half_smile, _small_o, _laugh, _two_teeth, _one_tooth, _grin, _fangs, _cat, _tongue,
)  # fmt: skip
