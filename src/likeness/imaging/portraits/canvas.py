"""A canvas of lightness: shapes are drawn enlarged, shrunk so that edges are smooth, coloured last.

A pixel is one number, how light it is. `palette.py` gives each lightness its hue, so that an edge
between two colours runs through the lightnesses between them, a picture takes a byte a pixel while
it is drawn, and nobody has to look for a palette afterwards.

Places and lengths are in parts of the radius of the inscribed circle, whose centre is (0, 0); x
grows to the right and y downwards. What lies within the circle survives a round frame.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from PIL import Image, ImageDraw

Point = tuple[float, float]

_SCALE_MAX: Final = 8
_SCALE_MIN: Final = 2
_CANVAS_PX: Final = 2048
"""Small pictures are drawn 8 times as large, since each of their pixels counts; a picture of 2048
pixels twice, which takes 16 MB and about 30 ms."""

_CURVE_STEPS: Final = 8
_CAP_STEPS: Final = 24
"""Straight pieces from one point of a curve to the next, and of an arc; no corner is seen."""


def scale_of(side_px: int) -> int:
    """How many times as large a picture is drawn."""
    # An even number, so that the middle is an edge between pixels and both sides can be the same.
    return max(_SCALE_MIN, min(_SCALE_MAX, _CANVAS_PX // side_px // 2 * 2))


class Canvas:
    """A square to draw on, in tones from 0, black, to 255, white."""

    def __init__(self, side_px: int, paper: int, scale: int | None = None) -> None:
        """`side_px`: that of the finished picture. `paper`: the tone of the empty canvas.

        `scale`: how many times as large it is drawn; for what comes with smooth edges of its own.
        """
        self._scale = scale or scale_of(side_px)
        side = side_px * self._scale
        self.unit_px = side / 2
        """Pixels of the enlarged picture in the radius of the circle."""
        self.image = Image.new("L", (side, side), paper)
        self._draw = ImageDraw.Draw(self.image)

    def disc(self, x: float, y: float, r: float, tone: int) -> None:
        """A filled circle around (x, y)."""
        self.oval(x, y, r, r, tone)

    def cap(self, x: float, y: float, r: float, depth: float, tone: int) -> None:
        """A segment of a circle, above a horizontal cut; `depth` is its part of the diameter."""
        half = math.acos(1 - 2 * depth)
        turns = [half * (2 * step / _CAP_STEPS - 1) for step in range(_CAP_STEPS + 1)]
        self.shape([(x + r * math.sin(t), y - r * math.cos(t)) for t in turns], tone)

    def oval(self, x: float, y: float, rx: float, ry: float, tone: int) -> None:
        """A filled ellipse around (x, y)."""
        if box := self._box(x, y, rx, ry):
            self._draw.ellipse(box, tone)

    def slab(
        self, x: float, y: float, rx: float, ry: float, tone: int, *, corner: float = 0.0
    ) -> None:
        """A rectangle around (x, y), 2 rx wide and 2 ry high; `corner`: its corners' radius."""
        if box := self._box(x, y, rx, ry):
            radius = min(corner * self.unit_px, (box[2] - box[0]) // 2, (box[3] - box[1]) // 2)
            self._draw.rounded_rectangle(box, round(radius), tone)

    def shape(self, points: Iterable[Point], tone: int) -> None:
        """A filled polygon."""
        self._draw.polygon([self._px(point) for point in points], tone)

    def blob(self, half: Sequence[Point], tone: int) -> None:
        """A smooth shape, the same on both sides, by its right half from the top to the bottom."""
        left = [(-x, y) for x, y in reversed(half) if x]
        self.petal([*half, *left], tone)

    def petal(self, points: Sequence[Point], tone: int) -> None:
        """A smooth shape through the points."""
        self.shape(closed_curve(points), tone)

    def stroke(self, points: Sequence[Point], width: float, tone: int) -> None:
        """A smooth line through the points, with round ends."""
        path = open_curve(points)
        thick = max(1, round(width * self.unit_px))
        self._draw.line([self._px(point) for point in path], tone, thick)
        for x, y in path:
            self.disc(x, y, width / 2, tone)

    def stamp(self, mask: Image.Image, reach: float, tone: int) -> None:
        """A picture of coverage in the middle, made smaller if it reaches further than `reach`."""
        scale = min(1.0, reach * self.unit_px / (math.hypot(*mask.size) / 2))
        if scale < 1:
            wide, high = (max(1, round(length * scale)) for length in mask.size)
            mask = mask.resize((wide, high), Image.Resampling.BICUBIC)
        left, top = (
            (whole - part) // 2 for whole, part in zip(self.image.size, mask.size, strict=True)
        )
        self.image.paste(tone, (left, top), mask)

    def _px(self, point: Point) -> Point:
        # A polygon's corners are centres of pixels, which is why half a pixel is taken off.
        return (point[0] + 1) * self.unit_px - 0.5, (point[1] + 1) * self.unit_px - 0.5

    def _box(self, x: float, y: float, rx: float, ry: float) -> tuple[int, int, int, int] | None:
        """First and last pixels; nothing where not one would be covered."""
        left, right = (self._edge_px(x + sign * rx) for sign in (-1, 1))
        top, bottom = (self._edge_px(y + sign * ry) for sign in (-1, 1))
        if left >= right or top >= bottom:
            return None
        return left, top, right - 1, bottom - 1

    def _edge_px(self, place: float) -> int:
        """The edge between pixels that is next to a place, rounded alike on both sides."""
        away = math.floor(abs(place) * self.unit_px + 0.5)
        return round(self.unit_px) + (away if place > 0 else -away)

    def finished(self) -> Image.Image:
        """The picture in its own size, still grey."""
        return self.image.reduce(self._scale)


def mirrored(points: Sequence[Point]) -> tuple[Sequence[Point], Sequence[Point]]:
    """The points, and the same on the other side."""
    return points, [(-x, y) for x, y in points]


def closed_curve(points: Sequence[Point]) -> list[Point]:
    """A smooth closed curve through the points."""
    count = len(points)
    return [
        _on_curve([points[(place + each) % count] for each in (-1, 0, 1, 2)], step / _CURVE_STEPS)
        for place in range(count)
        for step in range(_CURVE_STEPS)
    ]


def open_curve(points: Sequence[Point]) -> list[Point]:
    """A smooth curve from the first point through the others to the last."""
    ends = [points[0], *points, points[-1]]
    path = [
        _on_curve(ends[place : place + 4], step / _CURVE_STEPS)
        for place in range(len(points) - 1)
        for step in range(_CURVE_STEPS)
    ]
    return [*path, points[-1]]


def _on_curve(four: Sequence[Point], part: float) -> Point:
    """A point between the second and the third of four, on a Catmull-Rom curve."""
    x, y = (
        _cubic(four[0][axis], four[1][axis], four[2][axis], four[3][axis], part) for axis in (0, 1)
    )
    return x, y


def _cubic(p0: float, p1: float, p2: float, p3: float, t: float) -> float:
    bend = (2 * p0 - 5 * p1 + 4 * p2 - p3) * t + (3 * p1 - p0 - 3 * p2 + p3) * t * t
    return p1 + t * ((p2 - p0) + bend) / 2
