"""The pictures of people without a photo."""

import hashlib

import pytest

from likeness.avatars.defaults import identicon
from likeness.model import SIZES
from support.pictures import opened


def digest(text: str) -> str:
    """32 hex digits, as an address gives."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("size", [*SIZES, 1, 7, 100])
def test_a_picture_opens_and_has_its_size(size: int) -> None:
    """Another decoder agrees that it is a PNG of that many pixels."""
    picture = opened(identicon(digest("ada"), size))

    assert picture.format == "PNG"
    assert picture.size == (size, size)


def test_the_pattern_is_the_same_from_left_and_right() -> None:
    """Mirrored about the middle, on paper with a margin."""
    picture = opened(identicon(digest("grace"), 70)).convert("RGB")
    pixels = [[picture.getpixel((x, y)) for x in range(70)] for y in range(70)]

    assert all(row == row[::-1] for row in pixels)
    assert len({pixel for row in pixels[:10] for pixel in row}) == 1


def test_the_same_person_always_looks_the_same_and_others_do_not() -> None:
    """Drawn from the digits alone."""
    people = [identicon(digest(f"person {number}"), 72) for number in range(50)]

    assert identicon(digest("person 7"), 72) == people[7]
    assert len(set(people)) == 50
