"""Shapes: where they are told to be, smooth at the edges, the same on both sides."""

import numpy as np
import pytest
from PIL import Image

from likeness.imaging.portraits.canvas import (
    Canvas,
    closed_curve,
    mirrored,
    open_curve,
    scale_of,
)

BLACK, WHITE = 0, 255


def tones(canvas: Canvas) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The finished picture's rows, from 0 for paper to 1 for ink."""
    return 1 - np.asarray(canvas.finished(), dtype=np.float64) / 255


def share(canvas: Canvas) -> float:
    """How much of the picture is ink, with a canvas of 2 x 2 units."""
    return float(tones(canvas).mean() * 4)


@pytest.mark.parametrize(("side", "scale"), [(1, 8), (80, 8), (512, 4), (1024, 2), (2048, 2)])
def test_small_pictures_are_drawn_larger(side: int, scale: int) -> None:
    """Eight times at most, twice at least."""
    assert scale == scale_of(side)
    assert (side, side) == Canvas(side, WHITE).finished().size


def test_areas_are_those_of_geometry() -> None:
    """To one part in a hundred."""
    disc, oval, slab, cap = (Canvas(200, WHITE) for _ in range(4))
    disc.disc(0.1, 0.0, 0.5, BLACK)
    oval.oval(0.0, -0.1, 0.6, 0.3, BLACK)
    slab.slab(0.0, 0.0, 0.5, 0.25, BLACK)
    cap.cap(0.0, 0.0, 0.8, 0.5, BLACK)

    assert share(disc) == pytest.approx(np.pi * 0.25, rel=0.01)
    assert share(oval) == pytest.approx(np.pi * 0.18, rel=0.01)
    assert share(slab) == pytest.approx(0.5, rel=0.01)
    assert share(cap) == pytest.approx(np.pi * 0.32, rel=0.01)


def test_round_corners_take_something_off() -> None:
    """And a radius that does not fit is taken for the largest that does."""
    sharp, rounded, pill = (Canvas(200, WHITE) for _ in range(3))
    sharp.slab(0.0, 0.0, 0.5, 0.25, BLACK)
    rounded.slab(0.0, 0.0, 0.5, 0.25, BLACK, corner=0.1)
    pill.slab(0.0, 0.0, 0.5, 0.25, BLACK, corner=9)

    assert share(sharp) > share(rounded) > share(pill) > 0.8 * share(sharp)


def test_edges_are_smooth() -> None:
    """There are tones between paper and ink, and few of them."""
    canvas = Canvas(80, WHITE)
    canvas.disc(0.0, 0.0, 0.7, BLACK)
    between = (tones(canvas) > 0.05) & (tones(canvas) < 0.95)

    assert 0 < between.mean() < 0.06


def test_what_is_too_small_to_be_seen_is_not_drawn() -> None:
    """Not even as the one pixel that a library would make of it."""
    canvas = Canvas(1, WHITE)
    canvas.disc(0.0, 0.0, 0.001, BLACK)
    canvas.slab(0.0, 0.0, 0.001, 0.5, BLACK)

    assert share(canvas) == 0


def test_a_blob_is_the_same_on_both_sides() -> None:
    """By half a pixel of the enlarged canvas."""
    canvas = Canvas(100, WHITE)
    canvas.blob([(0, -0.5), (0.4, 0.1), (0.2, 0.6), (0, 0.5)], BLACK)
    shown = tones(canvas)

    assert np.abs(shown - shown[:, ::-1]).max() < 0.2


def test_a_stroke_has_its_width_and_round_ends() -> None:
    """A line of length 1 and width 0.2, and a disc shared by its ends."""
    canvas = Canvas(200, WHITE)
    canvas.stroke([(-0.5, 0.0), (0.5, 0.0)], 0.2, BLACK)

    assert share(canvas) == pytest.approx(0.2 + np.pi * 0.01, rel=0.03)


def test_a_stamp_is_centred_and_made_to_fit() -> None:
    """A wide one reaches as far as it may, and one that fits is left alone."""
    wide, small = Canvas(100, WHITE, 2), Canvas(100, WHITE, 2)
    wide.stamp(Image.new("L", (400, 10), 255), 0.5, BLACK)
    small.stamp(Image.new("L", (20, 10), 255), 0.5, BLACK)

    columns = np.flatnonzero(tones(wide).max(axis=0) > 0.4)
    assert (columns[0], columns[-1]) == pytest.approx((25, 74), abs=1)
    assert share(small) == pytest.approx(4 * 200 / 200**2, rel=0.01)


def test_curves_pass_through_their_points() -> None:
    """Closed ones return, open ones begin and end where they are told to."""
    points = [(0.0, -0.5), (0.5, 0.0), (0.0, 0.5), (-0.5, 0.0)]

    assert set(points) <= set(closed_curve(points))
    assert set(points) <= set(open_curve(points))
    assert (points[0], points[-1]) == (open_curve(points)[0], open_curve(points)[-1])


def test_mirroring_keeps_heights() -> None:
    """The other side is the same with x turned round."""
    right, left = mirrored([(0.2, 0.1), (0.3, 0.4)])

    assert list(right) == [(0.2, 0.1), (0.3, 0.4)]
    assert list(left) == [(-0.2, 0.1), (-0.3, 0.4)]
