"""Nouns of `likeness explain`: which photo a program shows of a user, and why."""

from dataclasses import dataclass
from enum import StrEnum

from likeness.model import Address, User


class Showing(StrEnum):
    """The kind of picture that a program gets."""

    PHOTO = "the photo"
    DEFAULT = "a default picture"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Shown:
    """What one program gets: by which request, and for how long it may keep the answer.

    `status` is that of the answer. `max_age_s` is None for an answer without an end, whose URL
    changes with the photo.
    """

    program: str
    url: str
    status: int
    showing: Showing
    max_age_s: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that decides what is shown of somebody. `reasons` are sentences."""

    user: User
    addresses: tuple[Address, ...]
    reasons: tuple[str, ...]
    shown: tuple[Shown, ...]
