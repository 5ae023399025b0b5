"""Default pictures: every style, at every size, the same each time."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from likeness.imaging.portraits.drawn import SIDE_PX_MAX, draw, is_as_asked
from likeness.model import FORMATS_MADE, DefaultStyle, Format
from support.portraits import DIGESTS, digest, is_plain_outside

ROUND = [
    DefaultStyle.IDENTICON,
    DefaultStyle.MONSTERID,
    DefaultStyle.WAVATAR,
    DefaultStyle.RETRO,
    DefaultStyle.ROBOHASH,
    DefaultStyle.INITIALS,
    DefaultStyle.COLOR,
]
"""Styles that lose nothing to a round frame. The silhouette's shoulders are meant to be cut."""

SIDES = st.one_of(st.integers(1, 200), st.sampled_from([256, 512]))


@given(st.sampled_from(DefaultStyle), DIGESTS, SIDES, st.text(max_size=12))
def test_a_picture_opens_has_its_side_and_is_the_same_again(
    style: DefaultStyle, text: str, side: int, letters: str
) -> None:
    """A PNG of a palette, with nothing in it but pixels."""
    data = draw(style, text, side, letters)
    picture = Image.open(io.BytesIO(data))

    assert (picture.format, picture.size, picture.mode) == ("PNG", (side, side), "P")
    assert set(picture.info) <= {"transparency"}
    assert data == draw(style, text.swapcase(), side, letters)


@given(st.sampled_from(ROUND), DIGESTS, st.integers(16, 128))
def test_a_round_frame_cuts_nothing_off(style: DefaultStyle, text: str, side: int) -> None:
    """All that is outside of the circle is of one colour."""
    assert is_plain_outside(draw(style, text, side, "WM"))


@pytest.mark.parametrize("style", DefaultStyle)
@pytest.mark.parametrize("side", [1, 2, 3, 2047, SIDE_PX_MAX])
def test_the_ends_of_the_range(style: DefaultStyle, side: int) -> None:
    """One pixel is a picture, too, and the largest takes less than 100 kB."""
    data = draw(style, digest("ada"), side, "AL")

    assert Image.open(io.BytesIO(data)).size == (side, side)
    assert len(data) < 100_000


@pytest.mark.parametrize("style", DefaultStyle)
def test_only_digests_make_a_difference(style: DefaultStyle) -> None:
    """Two of the styles are the same for everybody; letters matter to one."""
    one, other = (draw(style, digest(name), 64) for name in ("ada", "grace"))
    same = {DefaultStyle.MP, DefaultStyle.BLANK, DefaultStyle.INITIALS}

    assert (one == other) == (style in same)
    assert (one != draw(style, digest("ada"), 64, "A")) == (style is DefaultStyle.INITIALS)


def test_somebody_has_one_colour_in_all_styles() -> None:
    """The plain picture's is the ground of the initials."""
    plain = draw(DefaultStyle.COLOR, digest("ada"), 32)
    letters = draw(DefaultStyle.INITIALS, digest("ada"), 32, "AL")
    corners = [
        Image.open(io.BytesIO(each)).convert("RGB").getpixel((0, 0)) for each in (plain, letters)
    ]

    assert corners[0] == corners[1]


def test_initials_of_nobody_are_a_silhouette() -> None:
    """As with "" so with text that has no letter."""
    silhouette = draw(DefaultStyle.MP, digest("ada"), 64)

    for nothing in ("", " ", "🙂", "\0\u202e", "\ue000"):
        assert draw(DefaultStyle.INITIALS, digest("ada"), 64, nothing) == silhouette


@pytest.mark.parametrize("style", DefaultStyle)
def test_only_initials_may_want_for_a_font(style: DefaultStyle) -> None:
    """No other style has letters."""
    assert is_as_asked(style, "AL")
    assert is_as_asked(style, "ཀ") == (style is not DefaultStyle.INITIALS)


@pytest.mark.parametrize("form", FORMATS_MADE)
def test_a_picture_has_the_format_that_is_asked_for(form: Format) -> None:
    """PNG where none is."""
    drawn = draw(DefaultStyle.RETRO, digest("ada"), 40, form=form)

    assert Image.open(io.BytesIO(drawn)).format == form.name
