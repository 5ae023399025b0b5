"""Patterns: mirrored, within the circle, full enough, and each somebody's own."""

import pytest

from likeness.imaging.portraits.colours import WHITE, plain_colour
from likeness.imaging.portraits.patterns import emblem, pattern
from likeness.imaging.portraits.traits import Traits
from support.portraits import digest, drawn_share, is_mirrored, is_plain_outside, pixels


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


def test_an_emblem_is_the_pattern_in_white_on_the_colour_of_the_letters() -> None:
    """So that it stands among initials as one of them."""
    shown = pixels(emblem(digest("ada"), 96))

    assert tuple(shown[0, 0]) == plain_colour(Traits(digest("ada")))
    assert tuple(shown.max(axis=(0, 1))) == WHITE
    assert is_mirrored(emblem(digest("ada"), 96))


@pytest.mark.parametrize("side", [1, 2, 24, 72, 500])
def test_an_emblem_leaves_room_around_it(side: int) -> None:
    """As letters do."""
    shares = [drawn_share(emblem(digest(number), side)) for number in range(50)]

    assert max(shares) < 0.35
    assert side < 24 or min(shares) > 0.05


def test_people_without_letters_are_told_apart() -> None:
    """By 2 to the 15th patterns in 32 colours."""
    assert len({emblem(digest(number), 24) for number in range(2000)}) > 1980
