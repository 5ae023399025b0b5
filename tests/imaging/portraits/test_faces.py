"""Faces: whole in a round frame, large enough to be seen, and enough of them."""

import math

import pytest

from likeness.imaging.portraits import faces as module
from likeness.imaging.portraits.faces import face
from likeness.imaging.portraits.features import MOUTHS, PAIRS
from support.portraits import digest, drawn_share, is_plain_outside


def test_a_round_frame_cuts_nothing_off() -> None:
    """Whatever parts come together."""
    assert all(is_plain_outside(face(digest(number), 96)) for number in range(300))


def test_a_picture_is_neither_crumbs_nor_crammed() -> None:
    """The figure takes a quarter of the frame at least, and leaves some of it."""
    for number in range(200):
        assert 0.25 < drawn_share(face(digest(number), 48)) < 0.75


@pytest.mark.slow
def test_there_are_enough() -> None:
    """Ten thousand shapes before colours come into it; of 2000 people hardly two share one."""
    parts = (
        module._GROUNDS,
        module._SHAPES,
        module._HEADS,
        module._CHEEKS,
        module._BROWS,
        module._NOSES,
        PAIRS,
        MOUTHS,
    )

    assert math.prod(len(part) for part in parts) >= 10_000
    assert len({face(digest(number), 48) for number in range(2000)}) > 1990
