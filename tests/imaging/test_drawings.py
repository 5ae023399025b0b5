"""What a drawing's plan says of its file."""

from likeness.imaging.drawings import DRAWING_NAME, DrawingPlan
from likeness.model import DefaultStyle, Format


def test_one_file_of_the_side_and_format_that_are_asked_for() -> None:
    """A still one, so that the worker is allowed no more time than for any picture."""
    [out] = DrawingPlan(DefaultStyle.RETRO, "0f" * 16, 90, "", Format.GIF).outputs

    assert (out.name, out.format) == (DRAWING_NAME, Format.GIF)
    assert (out.width, out.height, out.frames) == (90, 90, 1)
