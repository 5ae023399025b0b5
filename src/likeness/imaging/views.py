"""How to show what is stored or prepared: a square in another size or format, a crop to suggest.

Integers only, as in `plan.py`, which decides what is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from likeness.imaging.drawings import DrawingPlan
from likeness.imaging.formats import Probe
from likeness.imaging.plan import Colour, Output, Plan, WorkingPlan
from likeness.model import SIZES, Crop, Format, Window

VIEW_NAME: Final = "view"
"""The rendition name of a view, which is never stored under it."""

FOCUS_WHOLE: Final = 1000
"""The side of a picture in the unit in which a worker says where its focus is."""

SIDES_PX_MAX: Final[Mapping[Format, int]] = {
    Format.JPEG: 2048,
    Format.PNG: 2048,
    Format.WEBP: 1024,
    Format.GIF: 1024,
}
"""2048 is the largest picture that Gravatar's clients ask for. WebP and GIF would take a core for
0.7 and 1.3 s then, for a photo that is no larger than 1024; a browser enlarges it as well."""

_PRICES: Final[Mapping[Format, int]] = {
    Format.JPEG: 1,
    Format.PNG: 2,
    Format.WEBP: 10,
    Format.GIF: 16,
}
"""What scaling and encoding a pixel costs, in some 20 ns of CPU."""

QUICK_PRICE_MAX: Final = _PRICES[Format.WEBP] * 320**2
"""What a WebP of 320 pixels costs, 20 ms: also a GIF of 252, a PNG of 715, a JPEG of 1011."""


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

    @property
    def is_costly(self) -> bool:
        """Whether it takes so long that others should not wait for it.

        What is larger than any square that is stored is an original, and takes long to decode.
        """
        is_original = self.source.width > SIZES[-1]
        return is_original or _PRICES[self.format] * self.side**2 > QUICK_PRICE_MAX


@dataclass(frozen=True, slots=True)
class MatchPlan:
    """Two stored files to compare: an original of `length` bytes, and after it a still square."""

    source: Probe
    format: Format
    square: Probe
    length: int
    background: Colour | None

    @property
    def outputs(self) -> tuple[Output, ...]:
        """Nothing is made."""
        return ()

    @property
    def whole(self) -> Plan:
        """How the square would be made if it showed all of the original."""
        width, height = self.source.width, self.source.height
        return Plan(
            source=self.source,
            format=self.format,
            window=Window(0, 0, width, height),
            side=max(width, height),
            background=self.background,
            sizes=(self.square.width,),
        )


PicturePlan = Plan | WorkingPlan | ViewPlan
"""What a worker is given beside the bytes of a picture, to make files of it."""

AnyPlan = PicturePlan | MatchPlan | DrawingPlan
"""What a worker is given; for a drawing there are no bytes beside it."""


def plan_view(probe: Probe, side: int, form: Format, *, matte: Colour) -> ViewPlan:
    """A view of a stored square; it may be larger than what is stored, since pages rely on it.

    Transparent parts take the colour `matte` where the format has none. Raises ValueError for what
    is no still square and for a side that is not made in this format.
    """
    if probe.frames > 1 or probe.width != probe.height or not 1 <= side <= SIDES_PX_MAX[form]:
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
