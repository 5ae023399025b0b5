"""Figures about targets: what is brought to each kind, and how each target stands.

How they stand is read from the database when a monitor asks. Their names are the operator's, and
at most TARGETS_MAX, so that nobody else can make series.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from likeness.db import Database
from likeness.elsewhere import CopyState, Result, Target
from likeness.errors import ServiceUnavailable
from likeness.figures import Family, Kind, Labels
from likeness.targets.names import KIND_NAMES
from likeness.threads import in_thread

LOOK_TIMEOUT_S: Final = 3.0
"""How long a database has to say how targets stand."""

COPIES: Final = Family(
    "likeness_copies",
    "Copies of photos at a target: brought there, behind, refused, or of people unknown there.",
    Kind.SHARED,
    ("target", "state"),
    (),
)
OLDEST_DUE: Final = Family(
    "likeness_copies_oldest_due_seconds",
    "For how long the oldest change is not at a target; 0 where nothing is behind.",
    Kind.SHARED,
    ("target",),
    (),
)
PAUSED: Final = Family(
    "likeness_target_paused", "Whether a target is paused (0 or 1).", Kind.SHARED, ("target",), ()
)
DELIVERIES: Final = Family(
    "likeness_deliveries",
    "Attempts to bring a photo to targets of a kind, by what became of them.",
    Kind.COUNTER,
    ("kind", "result"),
    tuple((kind, result.value) for kind in KIND_NAMES for result in Result),
)
DELIVERY_SECONDS: Final = Family(
    "likeness_delivery_seconds",
    "How long attempts took that asked a target of a kind for something.",
    Kind.HISTOGRAM,
    ("kind",),
    tuple((kind,) for kind in KIND_NAMES),
    (0.05, 0.25, 1.0, 5.0, 15.0),
)
FAMILIES: Final = (COPIES, OLDEST_DUE, PAUSED, DELIVERIES, DELIVERY_SECONDS)

Standings = Mapping[str, Mapping[Labels, float]]


class TargetFigures:
    """Asks how targets stand; where the database does not say, nothing is told of them."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def look(self) -> Standings:
        """The figures of families whose series are the targets, by name and labels."""
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                return await in_thread(self._read)
        except (ServiceUnavailable, TimeoutError):
            return {}

    def _read(self) -> Standings:
        targets = self._database.targets()
        return self._figures(targets) if targets else {}

    def _figures(self, targets: list[Target]) -> Standings:
        standings = self._database.standings()
        copies: dict[Labels, float] = {}
        oldest: dict[Labels, float] = {}
        for target in targets:
            standing = standings.get(target.id)
            since = standing.oldest_due if standing else None
            behind_s = (self._clock() - since).total_seconds() if since else 0.0
            oldest[(target.name,)] = max(behind_s, 0.0)
            for state in CopyState:
                count = standing.counts.get(state, 0) if standing else 0
                copies[target.name, state.value] = count
        paused: dict[Labels, float] = {
            (each.name,): float(each.paused_at is not None) for each in targets
        }
        return {COPIES.name: copies, OLDEST_DUE.name: oldest, PAUSED.name: paused}
