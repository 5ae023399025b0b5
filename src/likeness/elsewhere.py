"""Nouns: programs that show our photos elsewhere, and what each of them shows of whom. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

TARGETS_MAX: Final = 50
"""Targets of one installation: each has a lane of its own in every server process, and each change
of a photo a row for every target."""

ERROR_LENGTH_MAX: Final = 300
"""Characters that are kept of why a copy is behind."""

ANSWER_LENGTH_MAX: Final = 1000
"""Characters that the log of deliveries keeps of an answer."""


class CopyState(StrEnum):
    """How one person's photo stands at one target.

    DUE is behind and will be tried again; CURRENT was brought there; REFUSED waits for the next
    change, or for `likeness target retry`; ABSENT is unknown there, and looked for again daily.
    """

    DUE = "due"
    CURRENT = "current"
    REFUSED = "refused"
    ABSENT = "absent"


class Result(StrEnum):
    """What became of one attempt."""

    DONE = "done"
    UNCHANGED = "unchanged"
    ABSENT = "absent"
    REFUSED = "refused"
    LATER = "later"
    AWAY = "away"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Target:
    """A program that shows our photos: told of changes, or given copies.

    `team_id` is the workspace that it gets, None for all. `options` belong to the kind and are no
    secrets. `secret_from` says where the credential is, `env:NAME` or `file:PATH`. `generation`
    counts the signing secrets, and the one before counts until a day after `rotated_at`.
    `failing_since` is when the first of its failures was after its last success.
    """

    id: str
    name: str
    kind: str
    url: str
    created_at: datetime
    team_id: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    secret_from: str | None = None
    generation: int = 1
    rotated_at: datetime | None = None
    failing_since: datetime | None = None
    paused_at: datetime | None = None
    pause_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """What one target shows of one person.

    `version` counts the changes, and `sent` is the one that was brought there last. `shown` is the
    avatar_hash of the photo there, "" for none, None before anything was brought. `marker` tells
    what we put there from what others did; `remote_id` is the person there. `reason` is why it is
    due where no change of the person is. `behind_since` is the first change that is not there.
    """

    target_id: str
    user_id: str
    version: int
    sent: int
    state: CopyState
    due_at: datetime | None
    attempts: int
    reason: str | None
    shown: str | None
    marker: str | None
    remote_id: str | None
    last_error: str | None
    behind_since: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt, as the log of deliveries keeps it; `detail` is the answer or the error."""

    at: datetime
    target_id: str
    user_id: str
    version: int
    result: Result
    milliseconds: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many copies of a target are in each state, and since when the oldest is behind."""

    counts: Mapping[CopyState, int]
    oldest_due: datetime | None
