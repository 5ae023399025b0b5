"""Patterns: mirrored, within the circle, full enough, and each somebody's own."""

import pytest

from likeness.imaging.portraits.patterns import pattern
from support.portraits import digest, drawn_share, is_mirrored, is_plain_outside


@pytest.mark.parametrize("side", [1, 7, 24, 48, 80, 100])
def test_a_pattern_is_the_same_from_left_and_right(side: int) -> None:
    """To the pixel."""
    for number in range(30):
        assert is_mirrored(pattern(digest(number), side))


def test_a_round_frame_cuts_nothing_off() -> None:
    """Five by five cells fit into the circle."""
    assert all(is_plain_outside(pattern(digest(number), 80)) for number in range(100))


def test_no_pattern_is_empty_or_full() -> None:
    """Even where the digest has nothing but zeros or ones."""
    digests = [digest(number) for number in range(300)] + ["0" * 32, "f" * 32, "f" * 64]

    for each in digests:
        assert 0.12 < drawn_share(pattern(each, 60)) < 0.5


def test_people_have_patterns_of_their_own() -> None:
    """2 to the 15th patterns in 16 colours: of 2000 people hardly two share one."""
    assert len({pattern(digest(number), 24) for number in range(2000)}) > 1990
