"""Faces, put together from a ground, a shape, ears, hair, cheeks, brows, eyes, nose and mouth."""

from collections.abc import Callable
from typing import Final

from likeness.imaging.portraits.canvas import Canvas, Point, mirrored, open_curve
from likeness.imaging.portraits.features import MOUTHS, PAIRS
from likeness.imaging.portraits.palette import png
from likeness.imaging.portraits.scheme import ACCENT, BODY, INK, PAPER, SHADE, scheme
from likeness.imaging.portraits.traits import Traits

Part = Callable[[Canvas], None]
Outline = tuple[Point, ...]
Hair = Callable[[Canvas, Outline], None]

_EYES_Y: Final = -0.06
_MOUTH_Y: Final = 0.36
_BROW_WIDTH: Final = 0.07
_TEMPLE_Y: Final = -0.28
_HAIR_GROWTH: Final = 1.05
"""Hair reaches so far beyond the head."""


def face(digest: str, side_px: int) -> bytes:
    """A PNG of `side_px` pixels square; the digest's face, within the inscribed circle."""
    traits = Traits(digest)
    palette = scheme(traits)
    canvas = Canvas(side_px, PAPER)
    traits.pick(_GROUNDS)(canvas)
    outline = traits.pick(_SHAPES)
    behind, hair = traits.pick(_HEADS)
    behind(canvas)
    canvas.blob(outline, BODY)
    hair(canvas, outline)
    for parts in (_CHEEKS, _BROWS, _NOSES):
        traits.pick(parts)(canvas)
    traits.pick(PAIRS)(canvas, _EYES_Y, 1.1)
    traits.pick(MOUTHS)(canvas, _MOUTH_Y, 1.05)
    return png(canvas.finished(), palette)


_SHAPES: Final[tuple[Outline, ...]] = (
    # Round.
    ((0, -0.68), (0.36, -0.58), (0.64, -0.2), (0.66, 0.15), (0.48, 0.55), (0.24, 0.71), (0, 0.75)),
    # A cushion.
    ((0, -0.64), (0.4, -0.62), (0.61, -0.42), (0.64, 0.05), (0.61, 0.5), (0.4, 0.7), (0, 0.72)),
    # An egg.
    ((0, -0.72), (0.3, -0.63), (0.53, -0.3), (0.6, 0.1), (0.5, 0.5), (0.27, 0.73), (0, 0.79)),
    # A pear.
    ((0, -0.66), (0.32, -0.58), (0.5, -0.3), (0.58, 0.05), (0.67, 0.35), (0.46, 0.68), (0, 0.75)),
    # A heart without its notch: broad above, with a chin.
    ((0, -0.64), (0.4, -0.6), (0.66, -0.3), (0.63, 0.1), (0.45, 0.48), (0.22, 0.72), (0, 0.8)),
    # Broad.
    ((0, -0.6), (0.42, -0.53), (0.68, -0.15), (0.7, 0.18), (0.5, 0.54), (0.25, 0.66), (0, 0.68)),
)
"""Right halves of outlines, from the top to the chin."""


def _nothing(canvas: Canvas) -> None:
    """Not having one is a trait, too."""


def _halo(canvas: Canvas) -> None:
    canvas.disc(0, 0, 0.93, ACCENT)


def _bubbles(canvas: Canvas) -> None:
    for x, y, r in (
        (-0.72, -0.42, 0.13),
        (0.62, -0.6, 0.09),
        (0.78, 0.36, 0.12),
        (-0.7, 0.5, 0.08),
    ):
        canvas.disc(x, y, r, ACCENT)


_GROUNDS: Final[tuple[Part, ...]] = (_nothing, _halo, _bubbles)


def _ears(canvas: Canvas) -> None:
    for x in (-0.68, 0.68):
        canvas.oval(x, 0.06, 0.15, 0.19, BODY)
        canvas.oval(x, 0.06, 0.075, 0.11, SHADE)


def _bear(canvas: Canvas) -> None:
    for x in (-0.5, 0.5):
        canvas.disc(x, -0.56, 0.2, BODY)
        canvas.disc(x, -0.56, 0.1, SHADE)


def _cat(canvas: Canvas) -> None:
    for ear in mirrored([(0.1, -0.5), (0.32, -0.74), (0.52, -0.8), (0.64, -0.5), (0.62, -0.1)]):
        canvas.petal(ear, BODY)
    for ear in mirrored([(0.3, -0.55), (0.5, -0.7), (0.55, -0.4)]):
        canvas.petal(ear, SHADE)


def _bun(canvas: Canvas) -> None:
    canvas.disc(0, -0.74, 0.18, SHADE)


def _long(canvas: Canvas) -> None:
    half = [(0, -0.8), (0.48, -0.7), (0.76, -0.28), (0.76, 0.3), (0.66, 0.6), (0.4, 0.56), (0, 0.4)]
    canvas.blob(half, SHADE)


def _bald(canvas: Canvas, outline: Outline) -> None:
    """Not having any is a trait, too."""


def _fringe(canvas: Canvas, outline: Outline) -> None:
    canvas.shape([*_crown(outline), *open_curve([(-0.5, -0.36), (0, -0.45), (0.5, -0.36)])], SHADE)


def _parting(canvas: Canvas, outline: Outline) -> None:
    line = open_curve([(-0.5, -0.34), (-0.1, -0.42), (0.2, -0.58), (0.5, -0.36)])
    canvas.shape([*_crown(outline), *line], SHADE)


def _peak(canvas: Canvas, outline: Outline) -> None:
    half = open_curve([(0.52, -0.3), (0.3, -0.5), (0, -0.38)])
    canvas.shape([*_crown(outline), *[(-x, y) for x, y in half], *reversed(half)], SHADE)


def _curls(canvas: Canvas, outline: Outline) -> None:
    right = _crown(outline)[: len(_crown(outline)) // 2]
    for x, y in right[::5]:
        canvas.disc(-x, y, 0.16, SHADE)
        canvas.disc(x, y, 0.16, SHADE)


def _cap(canvas: Canvas, outline: Outline) -> None:
    crown = _crown(outline)
    edge = crown[0][0]
    canvas.shape(crown, ACCENT)
    canvas.stroke([(-edge, -0.32), (0, -0.4), (edge, -0.32)], 0.1, SHADE)
    canvas.disc(0, -0.76, 0.09, SHADE)


def _crown(outline: Outline) -> list[Point]:
    """The upper edge of a head with hair on it, from the right temple over the top to the left."""
    right = [(x * _HAIR_GROWTH, y * _HAIR_GROWTH) for x, y in open_curve(outline) if y < _TEMPLE_Y]
    return [*reversed(right), *[(-x, y) for x, y in right]]


_HEADS: Final[tuple[tuple[Part, Hair], ...]] = (
    (_ears, _bald), (_bear, _bald), (_cat, _bald), (_ears, _fringe), (_ears, _parting),
    (_ears, _peak), (_ears, _curls), (_bun, _fringe), (_bun, _peak), (_long, _parting),
    (_long, _fringe), (_ears, _cap),
)  # fmt: skip
"""What is behind a face, and what upon it."""


def _round_cheeks(canvas: Canvas) -> None:
    for x in (-0.43, 0.43):
        canvas.disc(x, 0.2, 0.11, ACCENT)


def _freckles(canvas: Canvas) -> None:
    for x, y in ((0.34, 0.16), (0.44, 0.22), (0.5, 0.12)):
        canvas.disc(-x, y, 0.03, SHADE)
        canvas.disc(x, y, 0.03, SHADE)


_CHEEKS: Final[tuple[Part, ...]] = (_round_cheeks, _freckles, _nothing)


def _brows(canvas: Canvas, points: list[Point]) -> None:
    for brow in mirrored(points):
        canvas.stroke(brow, _BROW_WIDTH, INK)


def _arched(canvas: Canvas) -> None:
    _brows(canvas, [(0.14, -0.37), (0.27, -0.43), (0.42, -0.36)])


def _straight(canvas: Canvas) -> None:
    _brows(canvas, [(0.15, -0.38), (0.4, -0.38)])


def _raised(canvas: Canvas) -> None:
    _brows(canvas, [(0.13, -0.43), (0.26, -0.42), (0.4, -0.35)])


def _one_raised(canvas: Canvas) -> None:
    canvas.stroke([(-0.4, -0.38), (-0.15, -0.37)], _BROW_WIDTH, INK)
    canvas.stroke([(0.14, -0.42), (0.28, -0.47), (0.42, -0.4)], _BROW_WIDTH, INK)


_BROWS: Final[tuple[Part, ...]] = (_arched, _straight, _raised, _one_raised, _nothing)


def _button(canvas: Canvas) -> None:
    canvas.oval(0, 0.12, 0.1, 0.08, SHADE)


def _hook(canvas: Canvas) -> None:
    canvas.stroke([(0.0, 0.0), (0.06, 0.13), (-0.03, 0.15)], 0.05, SHADE)


def _nostrils(canvas: Canvas) -> None:
    for x in (-0.045, 0.045):
        canvas.disc(x, 0.13, 0.028, SHADE)


_NOSES: Final[tuple[Part, ...]] = (_button, _hook, _nostrils, _nothing)
