"""What a run would do, by what is kept here; real servers are read in test_run.py."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from likeness.directory.entries import Entry
from likeness.enrolling import Enrolling
from likeness.entries import Outcome
from likeness.events import Actor
from likeness.identities import Identity
from likeness.model import Source, Team
from likeness.precedence import Offer
from likeness.syncing.listing import Listing
from likeness.syncing.marks import mark_of
from likeness.syncing.plan import Plan, Planner, Terms, enrolled
from support.studio import Studio

pytestmark = pytest.mark.anyio

SOURCE = "ldap:example.org"
BY = Actor(SOURCE, Source.DIRECTORY)
TERMS = Terms(SOURCE, "(mail=*)", ("jpegPhoto",), Offer(Source.DIRECTORY, set_by=SOURCE))


def entry(number: int, stamp: str = "1", *, is_active: bool = True) -> Entry:
    email = f"person{number}@example.org"
    return Entry(f"uid=u{number}", str(number), (email,), "P", "u", is_active, stamp, True)


class Desk:
    """A service, and a directory of which only the listing is there."""

    def __init__(self, work: Studio, team: Team) -> None:
        self.team = team
        self._work = work
        self._enrolling: Enrolling = work.service.enrolling

    async def plan(self, *entries: Entry, with_photo: Sequence[str] = ()) -> Plan:
        """What a run would do that lists these."""
        planner = Planner(self._work.service.database, self._enrolling.consider, TERMS)
        found = Listing(entries, [], frozenset(with_photo), 0)
        return await planner.plan(self.team, found, await self.identities(), lambda: None)

    async def identities(self) -> list[Identity]:
        """What is kept of the directory's people."""
        return await self._enrolling.enrolled(self.team.id, SOURCE)

    async def take(self, *entries: Entry) -> None:
        """Have had these in a run before."""
        for each in entries:
            mark = mark_of(each, TERMS.asked_for)
            await self._enrolling.enrol(self.team, enrolled(each, SOURCE, mark), BY)


@pytest.fixture
async def desk(work: Studio) -> Desk:
    return Desk(work, await work.service.people.team())


async def test_who_is_noted_as_they_are_is_not_looked_at(desk: Desk) -> None:
    await desk.take(entry(1), entry(2))
    plan = await desk.plan(entry(1), entry(2, "2"), entry(3), with_photo="123")

    outcomes = [row.outcome for row in plan.rows]
    assert outcomes == [Outcome.UNCHANGED, Outcome.UPDATED, Outcome.ADDED]
    assert [row.wants_photo for row in plan.rows] == [False, True, True]
    assert [row.has_work for row in plan.rows] == [False, True, True]


async def test_where_nothing_tells_changes_photos_are_read_each_time(desk: Desk) -> None:
    silent = replace(entry(1), tells_changes=False)
    await desk.take(silent)
    [row] = (await desk.plan(silent, with_photo="1")).rows
    assert (row.outcome, row.wants_photo) == (Outcome.UNCHANGED, True)


async def test_locked_entries_count_only_where_they_are_known(desk: Desk) -> None:
    await desk.take(entry(1))
    plan = await desk.plan(entry(1, is_active=False), entry(2, is_active=False), with_photo="12")

    [row] = plan.rows
    assert (row.outcome, row.wants_photo) == (Outcome.DEACTIVATED, False)
    assert plan.counts()["ignored"] == 1
    assert plan.counts()["deactivated"] == 1


async def test_who_has_two_entries_stays_while_one_is_listed(desk: Desk, work: Studio) -> None:
    """As after two people turned out to be one."""
    await desk.take(entry(1), entry(2))
    service = work.service
    first, second = "person1@example.org", "person2@example.org"
    one, other = await service.people.find(first), await service.people.find(second)
    service.database.merge_users(one.id, other.id, work.clock(), BY)
    plan = await desk.plan(entry(2))

    assert [each.external_id for each in plan.vanished] == ["1"]
    assert plan.leaving == []


async def test_the_fuse_counts_those_who_are_here(desk: Desk) -> None:
    """Who has left already cannot leave once more."""
    await desk.take(*map(entry, range(14)))
    assert "11 of 14" in (await desk.plan(*map(entry, range(3)))).warning
    assert (await desk.plan(*map(entry, range(4)))).warning == ""
    locked = [entry(each, is_active=False) for each in range(11)]
    assert "11 of 14" in (await desk.plan(*locked, *map(entry, range(11, 14)))).warning


async def test_an_entry_that_cannot_be_taken_is_named(desk: Desk) -> None:
    wrong = replace(entry(1), emails=("no address",))
    plan = await desk.plan(wrong)
    [(dn, reason)] = plan.refused()
    assert (dn, plan.counts()["refused"]) == ("uid=u1", 1)
    assert "no address" in reason
