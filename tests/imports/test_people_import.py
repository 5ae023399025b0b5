"""People come in from a file, and leave by one."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import pytest

from likeness.errors import Mistake
from likeness.events import Verb
from likeness.imports.outcomes import Outcome, Row
from likeness.imports.people_import import PeopleImport, PeoplePlan, rows_of
from likeness.imports.records import Record
from likeness.model import Source
from support.studio import Studio

pytestmark = pytest.mark.anyio

FILE = [
    Record(2, "zoe", "Zoe@example.org", ("z@example.org",), "E1", "zoe", "Zoë"),
    Record(3, "ada", "ada@example.org", name="Ada Lovelace"),
    Record(4, "nobody", "nonsense"),
]


async def planned(
    work: Studio, records: Sequence[Record], *, deactivates: bool = False
) -> PeoplePlan:
    """What would be done."""
    people = PeopleImport(work.service.database, work.clock)
    team = await work.service.people.team()
    return await people.plan(team, records, deactivates=deactivates)


async def applied(
    work: Studio, records: Sequence[Record], *, deactivates: bool = False, force: bool = False
) -> list[Row]:
    """What was done."""
    plan, rows = await planned(work, records, deactivates=deactivates), list[Row]()
    people = PeopleImport(work.service.database, work.clock)
    await people.apply(await work.service.people.team(), plan, rows.append, force=force)
    assert rows == list(rows_of(plan))
    return rows


async def test_people_are_added_and_changed(work: Studio) -> None:
    """And a plan has said so before."""
    rows = await applied(work, FILE)

    zoe = await work.service.people.find("zoe@example.org")
    ada = await work.again(work.ada)
    assert [row.outcome for row in rows] == [Outcome.NEW, Outcome.UPDATED, Outcome.UNREADABLE]
    assert (zoe.email, zoe.name, zoe.real_name) == ("zoe@example.org", "zoe", "Zoë")
    assert ada.real_name == "Ada Lovelace"
    addresses = await work.service.people.addresses("zoe@example.org")
    assert {each.entered for each in addresses} == {"Zoe@example.org", "z@example.org"}


async def test_they_are_found_by_the_hashes_of_all_their_addresses(work: Studio) -> None:
    """As typed, too."""
    await applied(work, FILE)

    for text in ("zoe@example.org", "Zoe@example.org", "z@example.org"):
        found = work.service.database.listed(sha256(text.encode()).digest())
        assert found
        assert found.name == "zoe"


async def test_the_log_has_each_change(work: Studio) -> None:
    """In the transaction of the change."""
    await applied(work, FILE)
    zoe = await work.service.people.find("zoe@example.org")

    events = [
        event
        for user in (zoe, work.ada)
        for event in work.service.database.events(user_id=user.id, limit=10)
        if event.source is Source.IMPORT
    ]

    assert [event.verb for event in events] == [
        Verb.IDENTITY_BOUND,
        Verb.USER_ADDED,
        Verb.USER_RENAMED,
    ]


async def test_a_second_run_changes_nothing(work: Studio) -> None:
    """Not even the time of the change."""
    await applied(work, FILE)
    before = await work.service.people.find("zoe@example.org")
    work.clock.advance(hours=1)

    rows = await applied(work, FILE)

    assert [row.outcome for row in rows[:2]] == [Outcome.UNCHANGED] * 2
    assert await work.service.people.find("zoe@example.org") == before


async def test_an_id_brings_somebody_to_another_address(work: Studio) -> None:
    """Their photos and the old address stay theirs."""
    await applied(work, FILE)
    before = await work.service.people.find("zoe@example.org")

    await applied(work, [replace(FILE[0], email="zoe@new.example", also=())])

    after = await work.service.people.find("zoe@new.example")
    assert (after.id, after.email) == (before.id, "zoe@new.example")
    assert len(await work.service.people.addresses("zoe@new.example")) == 3
    assert [row.outcome for row in await applied(work, FILE[:1])] == [Outcome.UNCHANGED]


async def test_who_is_missing_leaves_if_that_is_asked_for(work: Studio) -> None:
    """With all that they could do by their account."""
    issued = await work.service.accounts.issue_token("bob@example.org", ("users:read",), None)

    assert len(await applied(work, FILE[:2])) == 2
    rows = await applied(work, FILE[:2], deactivates=True)

    assert [(row.outcome, row.person) for row in rows[2:]] == [
        (Outcome.DEACTIVATED, "bob@example.org")
    ]
    bob = await work.again(work.bob)
    assert bob.deleted_at == work.clock()
    [token] = work.service.database.tokens_of(bob.id)
    assert (token.id, token.revoked_at) == (issued.token.id, work.clock())


async def test_the_fuse_holds_before_anything_is_done(work: Studio) -> None:
    """Unless somebody has looked and says so."""
    many = [Record(each, "x", f"p{each}@example.org") for each in range(20)]
    await applied(work, many)
    work.clock.advance(minutes=1)

    plan = await planned(work, FILE[:1], deactivates=True)
    assert "22 of 22 people are missing" in plan.warning
    with pytest.raises(Mistake, match="nothing was done: 22 of 22"):
        await applied(work, FILE[:1], deactivates=True)
    assert (await work.again(work.bob)).deleted_at is None
    with pytest.raises(Mistake, match="nobody has the address"):
        await work.service.people.find("zoe@example.org")

    rows = await applied(work, FILE[:1], deactivates=True, force=True)
    assert len(rows) == 23


async def test_what_somebody_else_does_meanwhile_is_told(work: Studio) -> None:
    """Nothing of what was to be written with it is."""
    plan = await planned(work, FILE)
    await work.service.people.add_user("zoe@example.org")
    work.clock.advance(minutes=1)
    people = PeopleImport(work.service.database, work.clock)
    rows = list[Row]()

    with pytest.raises(Mistake, match="run the same command again"):
        await people.apply(await work.service.people.team(), plan, rows.append)

    assert rows == []
    assert (await work.again(work.ada)).real_name == "ada"
    assert (await applied(work, FILE))[0].outcome is Outcome.UPDATED


async def test_nobody_comes_into_a_workspace_that_was_removed(work: Studio) -> None:
    """As nobody is added to it by hand."""
    await work.service.people.remove_team("Acme", "Acme")
    team = await work.service.people.team("Acme")

    with pytest.raises(Mistake, match="was removed"):
        await PeopleImport(work.service.database, work.clock).plan(team, FILE)
