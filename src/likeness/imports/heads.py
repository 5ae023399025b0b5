"""Probes a picture of an import and checks it against the limits, without decoding it."""

from dataclasses import dataclass, field

from likeness.errors import BadImage, TooLarge, TooManyFrames
from likeness.imaging.plan import Limits, check_length, plan_working_copy
from likeness.imaging.probe import probe
from likeness.imports.outcomes import Outcome
from likeness.imports.records import Picture, Unusable, shown


@dataclass(frozen=True, slots=True)
class Head:
    """A picture that was read. `width` and `height` are pixels of it upright."""

    data: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a picture cannot be taken."""

    outcome: Outcome
    reason: str


def look(picture: Picture, limits: Limits) -> Head | Trouble:
    """Read a picture, and judge it by its head as the picture workers' plan would. It blocks."""
    try:
        data = picture.read()
        check_length(len(data), limits)
        seen = probe(data)
        # Nothing is drawn, so that the colour of bars does not matter.
        plan_working_copy(seen, limits, letterbox_rgb=(0, 0, 0))
    except Unusable as fault:
        return Trouble(Outcome.UNREADABLE, str(fault))
    except (BadImage, TooLarge, TooManyFrames) as refusal:
        return trouble_of(refusal)
    return Head(data, *seen.upright)


def trouble_of(refusal: BadImage | TooLarge | TooManyFrames) -> Trouble:
    """A refusal of the engine as the outcome of a row."""
    if not isinstance(refusal, BadImage):
        return Trouble(Outcome.TOO_LARGE, shown(refusal.message))
    # Only those have the sides of the picture with them that are about them.
    outcome = Outcome.TOO_SMALL if "dims" in refusal.details else Outcome.UNREADABLE
    return Trouble(outcome, shown(refusal.message))
