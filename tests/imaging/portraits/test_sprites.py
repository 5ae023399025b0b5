"""Faces of few pixels: square ones, mirrored, within the circle."""

import math

import numpy as np
import pytest

from likeness.imaging.portraits import sprites as module
from likeness.imaging.portraits.sprites import sprite
from support.portraits import digest, is_mirrored, is_plain_outside, pixels


@pytest.mark.parametrize("side", [16, 32, 48, 80, 192])
def test_pixels_are_sharp_where_they_can_be(side: int) -> None:
    """Each of 16 by 16 is a square of one colour."""
    shown = pixels(sprite(digest("ada"), side))
    cell = side // 16

    assert (shown == np.repeat(np.repeat(shown[::cell, ::cell], cell, 0), cell, 1)).all()


@pytest.mark.parametrize("side", [1, 24, 48, 72, 100])
def test_a_face_is_the_same_on_both_sides(side: int) -> None:
    """Also where the side is no multiple of 16."""
    for number in range(30):
        assert is_mirrored(sprite(digest(number), side))


def test_a_round_frame_cuts_nothing_off() -> None:
    """Not of the widest head, nor of the highest comb."""
    assert all(is_plain_outside(sprite(digest(number), 96)) for number in range(300))


@pytest.mark.slow
def test_there_are_faces_enough() -> None:
    """Ten thousand shapes before colours come into it."""
    parts = (
        module._HEADS,
        module._TOPS,
        module._MARKS,
        module._CHEEKS,
        module._EYES,
        module._MOUTHS,
    )

    assert math.prod(map(len, parts)) >= 10_000
    assert len({sprite(digest(number), 16) for number in range(2000)}) > 1990
