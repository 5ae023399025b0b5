"""The tones of figures: in order, far enough apart, and never hard to see."""

from itertools import pairwise

from likeness.imaging.portraits.colours import contrast
from likeness.imaging.portraits.scheme import ACCENT, BODY, INK, PAPER, SHADE, WHITE, scheme
from likeness.imaging.portraits.traits import Traits
from support.portraits import digest

TONES = (INK, SHADE, BODY, ACCENT, PAPER, WHITE)


def test_tones_are_in_order_and_apart() -> None:
    """Sixteen of 256 levels are seen by everybody."""
    assert list(TONES) == sorted(TONES)
    assert all(light - dark >= 16 for dark, light in pairwise(TONES))


def test_figures_stand_out_in_everybodys_colours() -> None:
    """The figure from its ground, its lines from the figure, and the white of eyes from it."""
    for number in range(1000):
        palette = scheme(Traits(digest(number)))
        assert contrast(palette.line[BODY], palette.line[PAPER]) >= 1.6
        assert contrast(palette.line[INK], palette.line[BODY]) >= 4.5
        assert contrast(palette.line[WHITE], palette.line[BODY]) >= 1.9


def test_trimmings_have_a_colour_of_their_own() -> None:
    """No edge between two other tones passes through it."""
    palette = scheme(Traits(digest("ada")))
    indices = palette.indices()

    assert indices.count(indices[ACCENT]) == 1
    assert ACCENT not in palette.line
