"""Marks are read back from every file that the service makes of them, over their whole range."""

import random
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from support.developing import developed
from support.marked import PEOPLE_END, TURNS_END, Mark
from support.pictures import encode, opened
from support.reading import SIZES

LAST: Final = Mark(PEOPLE_END - 1, TURNS_END - 1)
MARKS: Final = st.builds(Mark, st.integers(0, PEOPLE_END - 1), st.integers(0, TURNS_END - 1))
SIDES: Final = st.integers(512, 600)

QUALITY_MIN: Final = 80
"""Below what the service writes, at colours of half the resolution."""


@settings(max_examples=15)
@given(mark=MARKS, side=SIDES, form=st.sampled_from(["JPEG", "PNG"]))
@example(mark=Mark(0, 0), side=512, form="PNG")
@example(mark=Mark(0, 992), side=552, form="JPEG")  # Where flat colours began to repeat.
@example(mark=LAST, side=592, form="JPEG")
def test_every_file_of_an_upload_shows_its_mark(mark: Mark, side: int, form: str) -> None:
    """By the very code that makes them."""
    files = developed(encode(mark.drawn(side), form))

    assert {"original", *map(str, SIZES[:-1])} <= files.keys()
    assert {mark} == {Mark.read(opened(data)) for data in files.values()}


@given(
    mark=MARKS,
    side=SIDES,
    size=st.integers(min(SIZES), 512),
    kernel=st.sampled_from([Image.Resampling.LANCZOS, Image.Resampling.BOX]),
)
def test_a_mark_outlives_any_size_kernel_and_jpeg(
    mark: Mark, side: int, size: int, kernel: Image.Resampling
) -> None:
    small = mark.drawn(side).resize((size, size), kernel)

    assert mark == Mark.read(small)
    assert mark == Mark.read(opened(encode(small, "JPEG", quality=QUALITY_MIN)))


@pytest.mark.parametrize(("number", "turn"), [(0, TURNS_END), (0, -1), (PEOPLE_END, 0), (-1, 0)])
def test_what_a_picture_cannot_say_is_refused(number: int, turn: int) -> None:
    with pytest.raises(AssertionError, match="marks end at"):
        Mark(number, turn)


@pytest.mark.parametrize("colour", ["black", "white", (128, 128, 128)])
def test_a_tile_that_is_missing_is_seen(colour: str | tuple[int, int, int]) -> None:
    """As a decoder leaves it where a file breaks off."""
    picture = LAST.drawn(512)
    picture.paste(colour, (384, 384, 512, 512))

    with pytest.raises(AssertionError, match="a tile is from"):
        Mark.read(picture)


def test_a_tear_through_a_tile_is_seen() -> None:
    one, other = Mark(1, 7), Mark(1, 8)
    picture = one.drawn(512)
    picture.paste(other.drawn(512).crop((0, 192, 512, 512)), (0, 192))

    with pytest.raises(AssertionError, match="a tile is from"):
        Mark.read(picture)


def test_halves_of_two_uploads_are_rarely_a_mark() -> None:
    """A whole file never holds parts of several; that is looked for all the same."""
    chance = random.Random(1)
    pairs = [chance.sample(range(TURNS_END), 2) for _ in range(1000)]

    assert sum(_is_a_mark(half_and_half(*pair)) for pair in pairs) < 10


def half_and_half(upper: int, lower: int) -> Image.Image:
    """The upper half of one turn's picture, the lower half of another one's."""
    picture = Mark(3, upper).drawn(64)
    picture.paste(Mark(3, lower).drawn(64).crop((0, 32, 64, 64)), (0, 32))
    return picture


def _is_a_mark(picture: Image.Image) -> bool:
    try:
        Mark.read(picture)
    except AssertionError:
        return False
    return True
