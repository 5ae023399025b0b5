"""Pictures: what is taken, and the bars beside what is no square."""

import pytest

from likeness.config import load
from likeness.errors import UnusableSettings


def test_a_colour_is_three_numbers() -> None:
    """As a picture engine wants it."""
    assert load({"LIKENESS_LETTERBOX_COLOUR": "#fF8000"}).letterbox_rgb == (255, 128, 0)


@pytest.mark.parametrize("text", ["red", "#fff", "#12345g"])
def test_what_is_no_colour_is_a_mistake(text: str) -> None:
    """Names differ from one program to another."""
    with pytest.raises(UnusableSettings, match="LIKENESS_LETTERBOX_COLOUR: "):
        load({"LIKENESS_LETTERBOX_COLOUR": text})
