"""How to show what is stored or prepared: a square in another size or format, a crop to suggest.

Integers only, as in `plan.py`, which decides what is stored.
"""

from dataclasses import dataclass
from typing import Final

from likeness.imaging.formats import Probe
from likeness.imaging.plan import Colour, Output, Plan, WorkingPlan
from likeness.model import Crop, Format

VIEW_NAME: Final = "view"
"""The rendition name of a view, which is never stored under it."""

FOCUS_WHOLE: Final = 1000
"""The side of a picture in the unit in which a worker says where its focus is."""

VIEW_SIDE_PX_MAX: Final = 2048
"""The largest picture that Gravatar's clients ask for."""


@dataclass(frozen=True, slots=True)
class ViewPlan:
    """How to show one stored square to somebody who wants another side or another format."""

    source: Probe
    format: Format
    side: int
    background: Colour | None

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The one file to make."""
        return (Output(VIEW_NAME, self.format, self.side, self.side),)


AnyPlan = Plan | WorkingPlan | ViewPlan
"""What a worker is given beside the bytes of a picture."""


def plan_view(probe: Probe, side: int, form: Format, *, matte: Colour) -> ViewPlan:
    """A view of a stored square; it may be larger than what is stored, since pages rely on it.

    Transparent parts take the colour `matte` where the format has none. Raises ValueError for what
    is no still square and for a side that nobody may ask for.
    """
    if probe.frames > 1 or probe.width != probe.height or not 1 <= side <= VIEW_SIDE_PX_MAX:
        raise ValueError(f"no view of {side} pixels can be made of {probe}")
    is_opaque = form is Format.JPEG or not probe.has_alpha
    return ViewPlan(probe, form, side, matte if is_opaque else None)


def suggestion(width: int, height: int, focus: tuple[int, int]) -> Crop:
    """The largest square of a picture with `focus`, in thousandths of its sides, near its middle.

    Whatever `focus` says, the square lies inside.
    """
    side = min(width, height)
    middles = (width * focus[0] // FOCUS_WHOLE, height * focus[1] // FOCUS_WHOLE)
    x, y = (
        min(max(middle - side // 2, 0), length - side)
        for middle, length in zip(middles, (width, height), strict=True)
    )
    return Crop(x, y, side)
