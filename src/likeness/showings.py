"""Use case: where else somebody's photo is shown, in words for them; and how each target stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from likeness.db import Database
from likeness.elsewhere import Copy, CopyState, Standing, Target
from likeness.model import User
from likeness.threads import in_thread

_TOLD: Final = frozenset({"webhook", "slack_events"})
"""Kinds that are told, and of which nobody knows what they show."""


@dataclass(frozen=True, slots=True)
class Showing:
    """One program beside somebody's photo: what it shows of them, in words, and since when."""

    name: str
    words: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One target as administrators see it: how many copies are there, behind, refused, unknown."""

    name: str
    kind: str
    current: int
    due: int
    refused: int
    absent: int
    oldest_due: datetime | None
    state: str


class Showings:
    """Reads what targets show. Nothing here changes anything, or asks a target."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, user: User) -> list[Showing]:
        """Each target that somebody is at, or is to be at."""
        return await in_thread(self._of, user)

    async def lines(self, team_id: str) -> list[TargetLine]:
        """Each target that a workspace is brought to. Counts are those of all its workspaces."""
        return await in_thread(self._lines, team_id)

    def _of(self, user: User) -> list[Showing]:
        targets = {each.id: each for each in self._database.targets()}
        if not targets:
            return []
        copies = self._database.copies_of_user(user.id)
        told = [(targets[copy.target_id], copy) for copy in copies if copy.target_id in targets]
        shown = [pair for pair in told if pair[1].shown or user.photo is not None]
        return sorted((_showing(*pair) for pair in shown), key=lambda showing: showing.name)

    def _lines(self, team_id: str) -> list[TargetLine]:
        standings = self._database.standings()
        return [
            _line(each, standings.get(each.id, Standing({}, None)))
            for each in self._database.targets()
            if each.team_id in {None, team_id}
        ]


def _showing(target: Target, copy: Copy) -> Showing:
    if copy.state is CopyState.CURRENT:
        if copy.shown == "":
            return Showing(target.name, "nothing of you", copy.sent_at)
        words = "was told of your photo" if target.kind in _TOLD else "your photo"
        return Showing(target.name, words, copy.sent_at)
    if copy.state is CopyState.ABSENT:
        return Showing(target.name, "not you: it does not know your address", None)
    what = "an older photo" if copy.sent and copy.shown else "not yet"
    return Showing(target.name, f"{what}; {_why(target, copy)}", copy.behind_since)


def _why(target: Target, copy: Copy) -> str:
    """Why a copy is behind, in words for anybody: what programs answer is for administrators."""
    if target.paused_at is not None:
        return "it is paused"
    if copy.state is CopyState.REFUSED:
        return "it does not take this one"
    return "it does not answer" if copy.attempts else "on its way"


def _line(target: Target, standing: Standing) -> TargetLine:
    state = "well"
    if target.paused_at is not None:
        state = f"paused: {target.pause_reason}"
    elif target.failing_since is not None:
        state = f"does not answer since {target.failing_since:%Y-%m-%d %H:%M}"
    counts = {each: standing.counts.get(each, 0) for each in CopyState}
    return TargetLine(
        name=target.name,
        kind=target.kind,
        current=counts[CopyState.CURRENT],
        due=counts[CopyState.DUE],
        refused=counts[CopyState.REFUSED],
        absent=counts[CopyState.ABSENT],
        oldest_due=standing.oldest_due,
        state=state,
    )
