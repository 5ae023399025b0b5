"""Use case: import people from a file. First as a plan, then for good.

Who is there is read at once, and changes are written some hundred people at a time: 50,000 in a
transaction each would take ten times as long, and in one would keep others waiting for all of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from likeness.db import Arrivals, Database, Renewed
from likeness.errors import Mistake
from likeness.events import IMPORTER, Actor, Verb
from likeness.identities import Identity
from likeness.imports.outcomes import Outcome, Row
from likeness.imports.people_plan import (
    Change,
    Everybody,
    Planned,
    Somebody,
    fuse,
    missing,
    planned,
)
from likeness.imports.records import Record
from likeness.model import Address, Team, User
from likeness.people import new_id
from likeness.threads import in_thread

SOURCE: Final = "csv"
"""The source of `identities` that come from files."""

AT_ONCE: Final = 500
"""People whose changes are one transaction, which takes a tenth of a second."""

Told = Callable[[Row], None]
"""Hears of each row, in the order of rows, once it is done."""


@dataclass(frozen=True, slots=True)
class PeoplePlan:
    """What is to be done: rows, those who leave, and why they should not without another look."""

    rows: list[Planned]
    leaving: list[Somebody]
    warning: str
    everybody: Everybody


class PeopleImport:
    """People from files."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def plan(
        self, team: Team, records: Sequence[Record], *, deactivates: bool = False
    ) -> PeoplePlan:
        """What would become of each row; with `deactivates` those leave whom no row means.

        Raises Mistake for a workspace that was removed.
        """
        if team.deleted_at is not None:
            raise Mistake(f"the workspace {team.name!r} was removed; nobody can be added to it")
        return await in_thread(self._plan, team, records, deactivates)

    async def apply(
        self,
        team: Team,
        plan: PeoplePlan,
        told: Told,
        *,
        force: bool = False,
        by: Actor = IMPORTER,
    ) -> None:
        """Do it. Raises Mistake where a plan has a warning and `force` does not pass over it.

        Raises Mistake also where people are changed by somebody else meanwhile: what was told is
        done, and the rest comes when it is run again.
        """
        if plan.warning and not force:
            raise Mistake(f"nothing was done: {plan.warning}; --force does it all the same")
        for start in range(0, len(plan.rows), AT_ONCE):
            some = plan.rows[start : start + AT_ONCE]
            changes = [row.change for row in some if row.change and not row.change.is_empty]
            if changes:
                now = self._clock()
                arrivals = _arrivals(team, changes, plan.everybody, now)
                await in_thread(self._database.take_in, arrivals, now, by)
            for row in some:
                told(row_of(row))
        for each in plan.leaving:
            await in_thread(self._database.deactivate_user, each.id, self._clock(), by)
            told(left_row(each))

    def _plan(self, team: Team, records: Sequence[Record], deactivates: bool) -> PeoplePlan:  # noqa: FBT001 - As it is called in a thread.
        everybody = self._everybody(team.id)
        rows = planned(records, everybody)
        leaving = missing(rows, everybody) if deactivates else []
        return PeoplePlan(rows, leaving, fuse(len(leaving), rows, everybody), everybody)

    def _everybody(self, team_id: str) -> Everybody:
        by_external_id = self._database.team_identities(team_id, SOURCE)
        external_ids = {user_id: external_id for external_id, user_id in by_external_id.items()}
        people = {
            each.id: Somebody(
                each.id,
                each.email,
                each.name,
                each.real_name,
                each.is_bot,
                each.deleted_at is not None,
                external_ids.get(each.id, ""),
            )
            for each in self._database.team_members(team_id)
        }
        return Everybody(people, dict(self._database.team_emails(team_id)), by_external_id)


def rows_of(plan: PeoplePlan) -> Iterator[Row]:
    """All rows of a plan as they are told: those of the file, then those who leave."""
    yield from map(row_of, plan.rows)
    yield from map(left_row, plan.leaving)


def row_of(row: Planned) -> Row:
    """A row of the file as it is told."""
    return Row(row.record.number, row.record.key, row.person, row.outcome, row.reason)


def left_row(somebody: Somebody) -> Row:
    """Somebody whom no row means as they are told."""
    return Row(0, somebody.email, somebody.email, Outcome.DEACTIVATED, "missing in the file")


def _arrivals(
    team: Team, changes: Sequence[Change], everybody: Everybody, now: datetime
) -> Arrivals:
    users, renewed, done = list[User](), list[Renewed](), list[tuple[str, Verb]]()
    addresses, identities = list[Address](), list[Identity]()
    for change in changes:
        if change.user_id is None:
            user = _user(team, change, now)
            users.append(user)
        else:
            renewed.append(_renewed(everybody.people[change.user_id], change))
        user_id = change.user_id or user.id
        done += [(user_id, verb) for verb in _verbs(change)]
        addresses += [
            Address(team.id, user_id, email, entered.strip(), now)
            for email, entered in change.added
        ]
        if change.external_id:
            identities.append(
                Identity(team.id, SOURCE, change.external_id, user_id, now, now, change.name)
            )
    return Arrivals(users, renewed, addresses, identities, done)


def _user(team: Team, change: Change, now: datetime) -> User:
    return User(
        id=new_id("U"),
        team_id=team.id,
        email=change.added[0][0],
        name=change.name or "",
        real_name=change.real_name or "",
        is_bot=False,
        bot_id=None,
        created_at=now,
        updated_at=now,
    )


def _renewed(user: Somebody, change: Change) -> Renewed:
    email = change.added[0][0] if change.moves else user.email
    return Renewed(user.id, email, change.name or user.name, change.real_name or user.real_name)


def _verbs(change: Change) -> Iterator[Verb]:
    """The verbs under which the log has a change."""
    if change.user_id is None:
        yield Verb.USER_ADDED
    else:
        if change.name or change.real_name:
            yield Verb.USER_RENAMED
        if change.added:
            yield Verb.USER_ADDRESSED
    if change.external_id:
        yield Verb.IDENTITY_BOUND
