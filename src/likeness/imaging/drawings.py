"""The request that a worker draws a default picture by; `portraits/` does the drawing."""

from dataclasses import dataclass
from typing import Final

from likeness.imaging.plan import Output
from likeness.model import DefaultStyle, Format

DRAWING_NAME: Final = "drawing"
"""The rendition name of a drawing, which is never stored."""


@dataclass(frozen=True, slots=True)
class DrawingPlan:
    """One picture to draw; `portraits.drawn.draw` explains the fields."""

    style: DefaultStyle
    digest: str
    side: int
    letters: str
    format: Format

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The one file to make."""
        return (Output(DRAWING_NAME, self.format, self.side, self.side),)
