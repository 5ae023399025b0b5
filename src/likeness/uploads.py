"""Nouns: a file that an administrator uploaded for an import, and how far that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

PIECE_LENGTH: Final = 8 * 2**20
"""Bytes of one piece of a file in the store, and what receiving one takes of memory."""

_KEY: Final = "staged/{}{:04x}.part"


class Kind(StrEnum):
    """What a file brings."""

    PEOPLE = "people"
    PHOTOS = "photos"


class Stage(StrEnum):
    """How far an import is. `PLANNING` and `APPLYING` are work that somebody does."""

    PLANNING = "planning"
    PLANNED = "planned"
    APPLYING = "applying"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file of `pieces` pieces, which lie in the store until `expires_at`.

    `user_id` is who brought it, `wishes` how it is to be taken as JSON. `report` is the key of what
    became of each row, once that is known, and `counts` says it in numbers. `note` is what went
    wrong, or a warning of the plan. Work is going on where `beat_at` is young.
    """

    id: str
    team_id: str
    user_id: str
    name: str
    kind: Kind
    wishes: str
    key: str
    pieces: int
    length: int
    created_at: datetime
    expires_at: datetime
    beat_at: datetime
    stage: Stage = Stage.PLANNING
    rows_done: int = 0
    rows_total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    report: str | None = None

    @property
    def is_working(self) -> bool:
        """Whether somebody works on it, or stopped in the middle of that."""
        return self.stage in {Stage.PLANNING, Stage.APPLYING}

    @property
    def piece_keys(self) -> list[str]:
        """Where the file is in the store, in order."""
        return [piece_key(self.key, number) for number in range(self.pieces)]

    @property
    def keys(self) -> list[str]:
        """Everything of it in the store."""
        return [*self.piece_keys, *([self.report] if self.report else [])]


def piece_key(key: str, number: int) -> str:
    """Where a piece is: beside prepared pictures, which end as soon and by the same sweep.

    >>> piece_key("0badcafe", 1)
    'staged/0badcafe0001.part'
    """
    return _KEY.format(key, number)
