"""What the door and the protocol give each other. Nothing of scim2-server is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from likeness.enrolling import Enrolled
from likeness.events import Actor
from likeness.model import Team


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its path is below that of the door, `by` is in whose name things change."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Sequence[tuple[str, str]]
    body: bytes
    by: Actor
    team: Team | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a directory says of somebody's photo, `url` None: that there is none."""

    who: Enrolled
    url: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the photo of whom it is about, which is to be brought in step; None: as is."""

    status: int
    body: dict[str, Any] | None
    headers: Mapping[str, str]
    photo: Said | None = None
