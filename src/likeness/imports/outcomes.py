"""The result of each row of an import, and the report: a line of JSON for each. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from likeness.precedence import Kept


class Outcome(StrEnum):
    """The result, done or planned, for a row: for its photo, or for its person."""

    NEW = "new"
    REPLACED = "replaced"
    UPDATED = "updated"
    DEACTIVATED = "deactivated"
    UNCHANGED = Kept.UNCHANGED.value
    LOCKED = Kept.LOCKED.value
    OWN = Kept.OWN.value
    REMOVED = Kept.REMOVED.value
    ADMINISTRATOR = Kept.ADMINISTRATOR.value
    OTHER_SOURCE = Kept.OTHER_SOURCE.value
    NOT_EMPTY = Kept.NOT_EMPTY.value
    NO_PHOTO = "row without a photo"
    UNKNOWN = "unknown person"
    AMBIGUOUS = "ambiguous"
    DUPLICATE = "two rows for one person"
    LEFT = "person has left"
    TOO_SMALL = "too small"
    TOO_LARGE = "too large"
    UNREADABLE = "unreadable"


SET: Final = frozenset({Outcome.NEW, Outcome.REPLACED})
"""The outcomes by which somebody looks different."""

FAILED: Final = frozenset(
    {
        Outcome.UNKNOWN,
        Outcome.AMBIGUOUS,
        Outcome.DUPLICATE,
        Outcome.LEFT,
        Outcome.TOO_SMALL,
        Outcome.TOO_LARGE,
        Outcome.UNREADABLE,
    }
)
"""The outcomes that somebody has to do something about."""


def outcome_of(kept: Kept) -> Outcome:
    """The outcome for a photo that is not set, by the reason, whose word it has."""
    return Outcome(kept.value)


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row. `person` is the address of who is meant, where that is known.

    `width` and `height` are pixels of the upright picture, `photo` the id of the photo that is
    shown by it now.
    """

    row: int
    key: str
    person: str | None
    outcome: Outcome
    reason: str = ""
    bytes: int | None = None
    width: int | None = None
    height: int | None = None
    photo: int | None = None

    def document(self) -> dict[str, Any]:
        """The row for programs."""
        return asdict(self)


def counted(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows there are of each outcome, in the order of `Outcome`; none is left out."""
    counts = Counter(row.outcome for row in rows)
    return {outcome.value: counts[outcome] for outcome in Outcome if counts[outcome]}
