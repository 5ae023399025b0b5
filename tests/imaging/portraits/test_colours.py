"""Colours: as OKLCH defines them, read by everybody, and told from each other."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging.portraits.colours import (
    HUES_DEGREES,
    WHITE,
    Rgb,
    contrast,
    hue_of,
    oklch,
    plain_colour,
)
from likeness.imaging.portraits.traits import Traits
from support.portraits import digest

CONTRAST_MIN = 4.5
"""WCAG's level AA for text of any size."""


def test_white_letters_are_read_on_everybodys_colour() -> None:
    """Over thousands of digests, which between them have every colour."""
    colours = {plain_colour(Traits(digest(number))) for number in range(4000)}

    assert len(colours) == 2 * len(HUES_DEGREES)
    assert min(contrast(colour, WHITE) for colour in colours) >= CONTRAST_MIN


def test_no_two_colours_are_alike() -> None:
    """Twelve levels of some channel lie between any two; about three can be seen."""
    colours = {plain_colour(Traits(digest(number))) for number in range(4000)}

    for one, other in itertools.combinations(colours, 2):
        assert max(abs(a - b) for a, b in zip(one, other, strict=True)) >= 12


@pytest.mark.parametrize(
    ("lightness", "chroma", "hue", "colour"),
    [
        (0.0, 0.0, 0.0, (0, 0, 0)),
        (1.0, 0.0, 0.3, (255, 255, 255)),
        (0.62796, 0.25768, 29.234 / 360, (255, 0, 0)),
        (0.86644, 0.29483, 142.495 / 360, (0, 255, 0)),
        (0.45201, 0.31321, 264.052 / 360, (0, 0, 255)),
    ],
)
def test_known_colours(lightness: float, chroma: float, hue: float, colour: Rgb) -> None:
    """Black, white and the primaries of sRGB; a level less where the chroma was just too much."""
    made = oklch(lightness, chroma, hue)

    assert all(abs(a - b) <= 3 for a, b in zip(made, colour, strict=True))


@given(st.floats(0, 1), st.floats(0, 0.4), st.floats(-1, 2))
def test_every_colour_can_be_shown(lightness: float, chroma: float, hue: float) -> None:
    """Whatever is asked for, bytes come out."""
    assert all(0 <= part <= 255 for part in oklch(lightness, chroma, hue))


def test_contrast_is_that_of_wcag() -> None:
    """Its two ends, and the grey that is known to be just enough on white."""
    assert contrast((0, 0, 0), WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == pytest.approx(1)
    assert contrast((118, 118, 118), WHITE) == pytest.approx(4.54, abs=0.01)


def test_hues_are_in_turns() -> None:
    """From 0 to 1, and every one of them is somebody's."""
    hues = {hue_of(Traits(digest(number))) for number in range(1000)}

    assert hues == {degrees / 360 for degrees in HUES_DEGREES}
