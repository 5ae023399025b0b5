"""What is shown of a stored square, and which crop is suggested."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging.formats import Probe
from likeness.imaging.views import SIDES_PX_MAX, plan_view, suggestion
from likeness.model import FORMATS_MADE, Crop, Format

BLACK: Final = (0, 0, 0)


@pytest.mark.parametrize(
    ("probe", "form", "background"),
    [
        (Probe(Format.PNG, 192, 192, has_alpha=True), Format.PNG, None),
        (Probe(Format.PNG, 192, 192, has_alpha=True), Format.WEBP, None),
        (Probe(Format.PNG, 192, 192, has_alpha=True), Format.JPEG, BLACK),
        (Probe(Format.JPEG, 192, 192), Format.PNG, BLACK),
    ],
)
def test_a_view_keeps_alpha_where_its_format_can(
    probe: Probe, form: Format, background: tuple[int, int, int] | None
) -> None:
    """JPEG cannot, so that transparent parts take the matte."""
    side = SIDES_PX_MAX[form]
    made = plan_view(probe, side, form, matte=BLACK)

    assert made.background == background
    assert [(out.format, out.width, out.height) for out in made.outputs] == [(form, side, side)]


@pytest.mark.parametrize(
    ("probe", "side"),
    [
        (Probe(Format.GIF, 72, 72, frames=2), 80),
        (Probe(Format.JPEG, 72, 71), 80),
        (Probe(Format.JPEG, 72, 72), 0),
        (Probe(Format.JPEG, 72, 72), 2049),
    ],
)
def test_a_view_is_of_a_still_square_and_bounded(probe: Probe, side: int) -> None:
    """Nobody may ask for more; who does is a bug of ours, not a caller's."""
    with pytest.raises(ValueError, match="no view"):
        plan_view(probe, side, Format.JPEG, matte=BLACK)


@pytest.mark.parametrize("form", FORMATS_MADE)
def test_a_format_has_a_largest_side(form: Format) -> None:
    """One more is refused; two of them would take a second of CPU."""
    with pytest.raises(ValueError, match="no view"):
        plan_view(Probe(Format.JPEG, 72, 72), SIDES_PX_MAX[form] + 1, form, matte=BLACK)


@pytest.mark.parametrize(
    ("form", "quick", "costly"),
    [
        (Format.JPEG, 1011, 1012),
        (Format.PNG, 715, 716),
        (Format.WEBP, 320, 321),
        (Format.GIF, 252, 253),
    ],
)
def test_what_takes_long_is_told_beforehand(form: Format, quick: int, costly: int) -> None:
    """By format and side."""
    made = [
        plan_view(Probe(Format.JPEG, 72, 72), side, form, matte=BLACK) for side in (quick, costly)
    ]

    assert [plan.is_costly for plan in made] == [False, True]


@pytest.mark.parametrize(
    ("focus", "crop"),
    [
        ((500, 500), Crop(200, 0, 600)),
        ((0, 0), Crop(0, 0, 600)),
        ((1000, 1000), Crop(400, 0, 600)),
        ((400, 0), Crop(100, 0, 600)),
    ],
)
def test_the_suggestion_is_the_largest_square_around_the_focus(
    focus: tuple[int, int], crop: Crop
) -> None:
    """As near as the picture's edges allow."""
    assert suggestion(1000, 600, focus) == crop


@given(
    width=st.integers(1, 4096),
    height=st.integers(1, 4096),
    focus=st.tuples(st.integers(-(2**40), 2**40), st.integers(-(2**40), 2**40)),
)
def test_whatever_a_worker_says_the_suggestion_lies_inside(
    width: int, height: int, focus: tuple[int, int]
) -> None:
    """Its numbers are nothing but a hint."""
    crop = suggestion(width, height, focus)

    assert 0 <= crop.x <= width - crop.w
    assert 0 <= crop.y <= height - crop.w
    assert crop.w == min(width, height)
