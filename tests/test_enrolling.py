"""People and photos as directories bring them, over a real service."""

import asyncio
from dataclasses import replace
from typing import Final

import pytest
from structlog.testing import capture_logs

from likeness.db import Enrolment
from likeness.enrolling import ATTEMPTS_MAX, Enrolling
from likeness.entries import Entry, NotEnrolled, Outcome, Why, is_named
from likeness.events import Verb
from likeness.identities import Sought
from likeness.model import Source, Team
from support.enrolled import ADA, LDAP, SCIM
from support.studio import Studio

pytestmark = pytest.mark.anyio

EVE: Final = replace(ADA, external_id="8", user_name="eve", name="Eve", emails=("eve@x.example",))


async def refused(enrolling: Enrolling, team: Team, entry: Entry) -> NotEnrolled:
    """The refusal of an entry, which changes nothing and is also said beforehand."""
    with pytest.raises(NotEnrolled) as foreseen:
        await enrolling.consider(team, entry)
    with pytest.raises(NotEnrolled) as told:
        await enrolling.enrol(team, entry, SCIM)
    assert str(foreseen.value) == str(told.value)
    return told.value


async def test_somebody_new_is_added(work: Studio, enrolling: Enrolling, team: Team) -> None:
    """With names as they can be shown, and every address."""
    entry = replace(EVE, name=" Eve\n of Eden", emails=("Eve@x.example", "e@x.example"))

    assert await enrolling.consider(team, entry) is Outcome.ADDED
    eve = await enrolling.enrol(team, entry, SCIM)

    assert eve.outcome is Outcome.ADDED
    assert (eve.user.email, eve.user.name) == ("eve@x.example", "eve")
    assert eve.user.real_name == "Eve of Eden"
    addresses = await work.service.people.addresses("e@x.example")
    assert ["Eve@x.example", "e@x.example"] == [each.entered for each in addresses]
    assert eve.identity.document == entry.document
    assert is_named(eve.identity)
    told = work.service.database.events(user_id=eve.user.id, limit=9)
    assert {(each.actor, each.source) for each in told} == {("scim", Source.DIRECTORY)}
    assert await enrolling.consider(team, entry) is Outcome.UNCHANGED
    assert await enrolling.enrolled(team.id, "scim") == [replace(eve.identity, document=None)]


async def test_names_are_those_of_the_mailbox_where_none_are_said(
    enrolling: Enrolling, team: Team
) -> None:
    """And a directory that has no id for somebody is told ours."""
    eve = await enrolling.enrol(team, Entry("scim", "", emails=("eve@x.example",)), SCIM)

    assert (eve.user.name, eve.user.real_name) == ("eve", "eve")
    assert not is_named(eve.identity)
    assert eve.identity.user_name is None


async def test_somebody_here_is_bound_once_by_an_address(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """Then the id alone says who they are, whatever address comes."""
    bound = await enrolling.enrol(team, ADA, SCIM)
    assert (bound.user.id, bound.outcome) == (work.ada.id, Outcome.UPDATED)
    assert bound.identity.user_name == "ada@example.org"

    moved = replace(ADA, emails=("countess@example.org", "ada@example.org"))
    countess = (await enrolling.enrol(team, moved, SCIM)).user

    assert (countess.id, countess.email) == (work.ada.id, "countess@example.org")
    assert 2 == len(await work.service.people.addresses("ada@example.org"))


async def test_an_address_that_is_not_said_any_more_stays_a_further_one(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """Mail that is under way and faces in old threads lead there."""
    await enrolling.enrol(team, ADA, SCIM)
    changed = await enrolling.enrol(team, replace(ADA, emails=("a@new.example",)), SCIM)
    silent = await enrolling.enrol(team, replace(ADA, emails=()), SCIM)

    assert changed.user == silent.user == await work.service.people.find("ada@example.org")
    assert silent.user.email == "a@new.example"


async def test_who_is_unchanged_is_not_written(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """Fifty thousand rows an hour would be; a new stamp alone is written."""
    first = await enrolling.enrol(team, ADA, SCIM)
    work.clock.advance(days=1)
    again = await enrolling.enrol(team, ADA, SCIM)
    stamped = await enrolling.enrol(team, replace(ADA, stamp="2"), SCIM)

    assert again.outcome is Outcome.UNCHANGED
    assert again.user == first.user
    assert stamped.outcome is Outcome.UPDATED
    [kept] = work.service.database.identities_of(work.ada.id)
    assert (kept.stamp, kept.seen_at) == ("2", work.clock.now)


async def test_a_name_alone_is_a_change(work: Studio, enrolling: Enrolling, team: Team) -> None:
    """Also where an operator renamed somebody: the directory says the name."""
    await enrolling.enrol(team, ADA, SCIM)
    await work.service.people.rename("ada@example.org", "Another Name")

    renamed = await enrolling.enrol(team, ADA, SCIM)

    assert (renamed.outcome, renamed.user.real_name) == (Outcome.UPDATED, "Ada Lovelace")


async def test_who_left_in_the_directory_has_left_here(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """And comes back with it; addresses and photo are theirs all the while."""
    await enrolling.enrol(team, ADA, SCIM)

    left = await enrolling.enrol(team, replace(ADA, is_active=False), SCIM)
    assert left.outcome is Outcome.DEACTIVATED
    assert left.user.deleted_at == work.clock.now
    again = await enrolling.enrol(team, replace(ADA, is_active=False), SCIM)
    assert again.outcome is Outcome.UNCHANGED
    back = await enrolling.enrol(team, ADA, SCIM)
    assert (back.outcome, back.user.deleted_at) == (Outcome.REACTIVATED, None)


async def test_somebody_can_come_as_a_leaver(enrolling: Enrolling, team: Team) -> None:
    """Directories keep them for a while."""
    eve = await enrolling.enrol(team, replace(EVE, is_active=False), SCIM)

    assert eve.outcome is Outcome.ADDED
    assert eve.user.deleted_at is not None


async def test_who_is_ended_comes_back_by_the_same_id(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """As LDAP does, where somebody is absent."""
    known = (await enrolling.enrol(team, ADA, LDAP)).identity

    assert [True, False] == [await enrolling.end(known, LDAP) for _ in range(2)]
    assert (await work.again(work.ada)).deleted_at
    assert (await enrolling.enrol(team, ADA, LDAP)).outcome is Outcome.REACTIVATED
    gone = replace(known, user_id="U0")
    assert not await enrolling.end(gone, LDAP)


async def test_who_is_forgotten_comes_back_by_an_address(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """As somebody whom SCIM deleted and brings again, even by another id."""
    known = (await enrolling.enrol(team, ADA, SCIM)).identity

    assert [True, False] == [await enrolling.forget(known, SCIM) for _ in range(2)]
    assert (await work.again(work.ada)).deleted_at
    back = await enrolling.enrol(team, replace(ADA, external_id="9"), SCIM)
    assert (back.user.id, back.outcome) == (work.ada.id, Outcome.REACTIVATED)


async def test_a_directory_may_change_its_own_name_for_somebody(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """Where it says whom it means by ours; never to a name that is another's."""
    known = (await enrolling.enrol(team, replace(ADA, external_id=""), SCIM)).identity
    await enrolling.enrol(team, EVE, SCIM)

    named = await enrolling.enrol(team, ADA, SCIM, known)
    assert [named.identity] == work.service.database.identities_of(work.ada.id)
    with pytest.raises(NotEnrolled) as told:
        await enrolling.enrol(team, replace(ADA, external_id="8"), SCIM, named.identity)
    assert told.value.why is Why.TAKEN
    await enrolling.enrol(team, replace(ADA, external_id=""), SCIM, named.identity)
    [kept] = work.service.database.identities_of(work.ada.id)
    assert not is_named(kept)


async def test_an_address_of_somebody_else_is_refused(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """Of a leaver's too, and of two people's none can be chosen; a bot is not a person."""
    await enrolling.enrol(team, ADA, SCIM)
    taken = await refused(enrolling, team, replace(ADA, emails=("bob@example.org",)))
    assert (taken.why, str(taken)) == (
        Why.TAKEN,
        f"bob@example.org belongs to somebody else here ({work.bob.id})",
    )
    await work.service.people.deactivate("bob@example.org")
    left = await refused(enrolling, team, replace(ADA, emails=("bob@example.org",)))
    assert "who was deactivated" in str(left)

    both = replace(EVE, emails=("ada@example.org", "bob@example.org"))
    assert "several people" in str(await refused(enrolling, team, both))
    await work.service.people.add_user("robot@example.org", is_bot=True)
    robot = replace(EVE, emails=("robot@example.org",))
    assert "a bot" in str(await refused(enrolling, team, robot))


async def test_who_has_another_id_of_the_same_directory_is_refused_and_logged(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """An address that was given to a successor does not give them the account. Another may."""
    await enrolling.enrol(team, ADA, SCIM)

    with capture_logs() as lines:
        told = await refused(enrolling, team, replace(ADA, external_id="9"))
    assert told.why is Why.BOUND
    assert [("identity_refused", work.ada.id)] == [(line["event"], line["user"]) for line in lines]
    [event] = work.service.database.events(user_id=work.ada.id, limit=1)
    assert (event.verb, event.detail) == (Verb.IDENTITY_REFUSED, "scim")
    other = await enrolling.enrol(team, replace(ADA, source="ldap:staff", external_id="9"), LDAP)
    assert other.user.id == work.ada.id

    await work.service.people.unbind("ada@example.org", from_directory=True)
    again = await enrolling.enrol(team, replace(ADA, external_id="9"), SCIM)
    assert again.user.id == work.ada.id


async def test_somebody_new_needs_an_address(enrolling: Enrolling, team: Team) -> None:
    """By which they can be found here."""
    told = await refused(enrolling, team, replace(EVE, emails=()))
    assert (told.why, str(told)) == (Why.UNREADABLE, "somebody new needs an e-mail address")


async def test_a_further_address_that_went_to_a_successor_is_named(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """It stays with who had it, until an operator takes it from them."""
    await enrolling.enrol(team, ADA, SCIM)
    await enrolling.enrol(team, replace(ADA, emails=("countess@example.org",)), SCIM)
    successor = replace(EVE, emails=("ada@example.org",))

    told = await refused(enrolling, team, successor)
    assert told.why is Why.TAKEN
    assert "`likeness address remove`" in str(told)
    await work.service.people.remove_address("countess@example.org", "ada@example.org")
    assert (await enrolling.enrol(team, successor, SCIM)).outcome is Outcome.ADDED


async def test_the_id_of_somebody_else_is_refused(enrolling: Enrolling, team: Team) -> None:
    """Whoever is found by another way than it."""
    known = (await enrolling.enrol(team, ADA, SCIM)).identity
    await enrolling.enrol(team, EVE, SCIM)

    with pytest.raises(NotEnrolled, match="the id 8 is somebody else's"):
        await enrolling.enrol(team, replace(ADA, external_id="8"), SCIM, known)


async def test_who_was_changed_since_they_were_read_is_not_written_over(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """Whoever read them reads them again."""
    known = (await enrolling.enrol(team, ADA, SCIM)).identity
    work.clock.advance(seconds=1)
    await enrolling.enrol(team, replace(ADA, name="Countess"), SCIM)

    with pytest.raises(NotEnrolled) as told:
        await enrolling.enrol(team, replace(ADA, name="Late"), SCIM, known)
    assert told.value.why is Why.OVERTAKEN


async def test_a_directory_finds_its_own_people(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """Page by page, leavers too."""
    ada = await enrolling.enrol(team, ADA, SCIM)
    eve = await enrolling.enrol(team, replace(EVE, is_active=False), SCIM)

    total, [first] = await enrolling.page(team.id, "scim", (), 0, 1)
    assert (total, first.identity) == (2, ada.identity)
    condition = (Sought.ACTIVE, False)
    assert (1, [replace(eve, outcome=Outcome.UNCHANGED)]) == await enrolling.page(
        team.id, "scim", (condition,), 0, 9
    )


async def test_to_a_workspace_that_was_removed_nobody_comes(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """A token of a bot there is refused before; a job may go on for a moment."""
    ended = await work.service.people.remove_team("Acme", "Acme")

    assert "was removed" in str(await refused(enrolling, ended, EVE))


async def test_somebody_who_comes_twice_at_once_is_added_once(
    enrolling: Enrolling, team: Team
) -> None:
    """A client that got no answer sends again."""
    came = await asyncio.gather(*(enrolling.enrol(team, EVE, SCIM) for _ in range(8)))

    assert 1 == len({each.user.id for each in came})


async def test_who_always_comes_second_is_told_so(
    work: Studio, enrolling: Enrolling, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few attempts."""
    asked = list[Enrolment]()

    def overtaken(change: Enrolment, *_: object) -> bool:
        asked.append(change)
        return False

    monkeypatch.setattr(work.service.database, "enrol", overtaken)
    with pytest.raises(NotEnrolled, match="send it once more"):
        await enrolling.enrol(team, EVE, SCIM)
    assert len(asked) == ATTEMPTS_MAX


async def test_who_is_erased_meanwhile_is_refused(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """By a name that is read before and used after."""
    known = (await enrolling.enrol(team, ADA, SCIM)).identity

    with pytest.raises(NotEnrolled, match="erased just now"):
        await enrolling.enrol(team, ADA, SCIM, replace(known, user_id="U0"))
