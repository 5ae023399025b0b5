"""Who is let in by the word of others, over a real database: as whom, and where."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from likeness.admission import Admission
from likeness.errors import NotAdmitted
from likeness.events import Verb
from likeness.identities import Claims
from likeness.model import Source, User
from likeness.scopes import ADMIN_SCOPE
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio

ISSUER = "https://id.example.org"
ADA = Claims(ISSUER, "subject-of-ada", "ada@example.org", is_email_verified=True)
BOB = Claims(ISSUER, "subject-of-bob", "bob@example.org", is_email_verified=True)


@pytest.fixture
def admission(work: Studio) -> Admission:
    """What is tested."""
    return work.service.admission


async def test_who_is_vouched_for_is_found_by_any_address_of_theirs(
    work: Studio, admission: Admission
) -> None:
    """In any capitals; what they are called here stays."""
    await work.service.people.add_address("ada@example.org", "Ada@Work.example")

    for email in ("ada@example.org", " ADA@Example.ORG ", "ada@work.example"):
        assert work.ada == await admission.by_address(email, "Another Name")


@pytest.mark.parametrize("added", ["ida@bücher.example", "ida@xn--bcher-kva.example"])
async def test_who_is_vouched_for_is_found_however_the_address_is_written(
    work: Studio, admission: Admission, added: str
) -> None:
    """Its domain in Unicode, decomposed, or in punycode: an operator and a provider may differ."""
    ida = await work.service.people.add_user(added)

    for email in ("ida@bücher.example", "Ida@BU\u0308CHER.example", "ida@XN--BCHER-KVA.example"):
        assert ida == await admission.by_address(email)


async def test_nobody_signs_in_by_a_letter_that_looks_like_another(
    work: Studio, admission: Admission
) -> None:
    """KELVIN SIGN is lower-cased to k, and kate's mailbox is no business of who has that letter."""
    await work.service.people.add_user("kate@example.org")

    for email in ("\u212aate@example.org", "ｋate@example.org"):
        with pytest.raises(NotAdmitted, match="only looks like"):
            await admission.by_address(email, "Mallory")

    assert 3 == len((await work.service.accounts.users(work.ada.team_id, "", 10)).users)


async def test_who_is_new_is_added_with_a_name_that_can_be_shown(admission: Admission) -> None:
    """On one line, without what moves a cursor."""
    eve = await admission.by_address("Eve@example.org", "  Eve\n\x1b[31m of\x00 Eden\u202e ")

    assert (eve.email, eve.real_name) == ("eve@example.org", "Eve [31m of Eden")
    assert eve == await admission.by_address("eve@example.org")


async def test_somebody_new_who_comes_twice_at_once_is_added_once(admission: Admission) -> None:
    """As from two windows that were open when the browser started."""
    came = await asyncio.gather(
        *(admission.by_address("eve@example.org", "Eve") for _ in range(16))
    )

    assert 1 == len({user.id for user in came})


@pytest.mark.parametrize("email", ["", "x", "a b@example.org", "a@b\x00.example", "@", "\n@x.y"])
async def test_what_is_no_address_stays_out(admission: Admission, email: str) -> None:
    """Whoever vouches for it."""
    with pytest.raises(NotAdmitted):
        await admission.by_address(email)


async def test_those_who_left_and_bots_stay_out(work: Studio, admission: Admission) -> None:
    """Nor is a second account made for them."""
    await work.service.people.deactivate("bob@example.org")
    await work.service.people.add_user("bot@example.org", is_bot=True)

    for email in ("bob@example.org", "bot@example.org"):
        with pytest.raises(NotAdmitted, match="deactivated"):
            await admission.by_address(email)


@pytest.mark.parametrize(
    ("setting", "email", "workspace"),
    [
        ("Acme", "eve@example.org", "Acme"),
        ("Other", "ada@example.org", "Other"),
        ("example.org=Acme,Other", "eve@Example.org", "Acme"),
        ("example.org=Acme,Other", "eve@x.example", "Other"),
        ("example.org=Acme,x.example=Other", "eve@x.example", "Other"),
        ("example.org=Acme", "eve@x.example", ""),
        ("example.org=Acme", "eve@example.org.evil.example", ""),
        ("example.org=Acme", "example.org@evil.example", ""),
        ("BÜCHER.example=Acme", "eve@xn--bcher-kva.example", "Acme"),
        ("xn--bcher-kva.example=Acme", "eve@bu\u0308cher.example", "Acme"),
        ("Nowhere", "eve@example.org", ""),
        ("", "eve@example.org", ""),
    ],
)
async def test_the_settings_say_which_workspace(
    tmp_path: Path, setting: str, email: str, workspace: str
) -> None:
    """By the whole domain; where nothing fits, or several do, nobody is let in."""
    async with studio(tmp_path, sign_in_workspaces=setting) as work:
        teams = {"Acme": work.ada.team_id}
        teams["Other"] = (await work.service.people.add_team("Other")).id
        if workspace:
            assert teams[workspace] == (await work.service.admission.by_address(email)).team_id
        else:
            with pytest.raises(NotAdmitted):
                await work.service.admission.by_address(email)


def verbs(work: Studio, user: User) -> list[Verb]:
    """What the log says of somebody, newest first."""
    return [event.verb for event in work.service.database.events(user_id=user.id, limit=10)]


def addresses(work: Studio, user: User) -> set[str]:
    """By which somebody is found."""
    return {each.email for each in work.service.database.addresses(user.id)}


async def test_the_first_sign_in_binds_and_the_next_ones_need_no_address(
    work: Studio, admission: Admission
) -> None:
    """People of before are bound as anybody: nothing has to be migrated."""
    assert work.ada == await admission.by_claims(ADA, "192.0.2.77")
    [bound] = work.service.database.identities_of(work.ada.id)
    [event] = work.service.database.events(user_id=work.ada.id, limit=1)
    work.clock.advance(hours=1)

    for claims in (ADA, replace(ADA, email=""), replace(ADA, is_email_verified=False)):
        assert work.ada == await admission.by_claims(claims)

    assert (bound.source, bound.external_id) == (f"oidc:{ISSUER}", "subject-of-ada")
    assert (event.verb, event.actor, event.source) == (
        Verb.IDENTITY_BOUND,
        "oidc",
        Source.PROVIDER,
    )
    assert event.origin == "192.0.2.0/24"
    [seen] = work.service.database.identities_of(work.ada.id)
    assert seen.seen_at == work.clock()
    assert seen.created_at < seen.seen_at


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (replace(ADA, is_email_verified=False), "has not verified"),
        (Claims(ISSUER, "somebody"), "did not say"),
        (replace(ADA, email="x"), "is no e-mail address"),
    ],
)
async def test_somebody_unknown_needs_an_address_that_is_verified(
    work: Studio, admission: Admission, claims: Claims, said: str
) -> None:
    """Anybody can type one."""
    with pytest.raises(NotAdmitted, match=said):
        await admission.by_claims(claims)

    assert [] == work.service.database.identities_of(work.ada.id)


async def test_the_same_address_with_another_subject_is_refused_and_logged(
    work: Studio, admission: Admission
) -> None:
    """The address was given to somebody else; they do not become whoever had it."""
    await admission.by_claims(ADA)
    other = replace(ADA, subject="subject-of-a-successor")

    for _ in range(2):
        with pytest.raises(NotAdmitted, match="another account of the same provider"):
            await admission.by_claims(other)

    assert verbs(work, work.ada)[:2] == [Verb.IDENTITY_REFUSED] * 2
    assert work.ada == await admission.by_claims(ADA)
    await work.service.people.unbind("ada@example.org")
    assert work.ada == await admission.by_claims(other)


async def test_a_successor_is_let_in_once_an_operator_gave_them_the_address(
    work: Studio, admission: Admission
) -> None:
    """As docs/troubleshooting.md has it; whoever left stays out by their own account."""
    await admission.by_claims(ADA)
    successor = replace(ADA, subject="subject-of-a-successor")
    people = work.service.people
    await people.deactivate("ada@example.org")
    with pytest.raises(NotAdmitted, match="deactivated"):
        await admission.by_claims(successor)

    added = await people.add_user("ada@example.org", succeeds=True)

    assert added.id == (await admission.by_claims(successor)).id != work.ada.id
    with pytest.raises(NotAdmitted, match="deactivated"):
        await admission.by_claims(replace(ADA, email=""))


async def test_whoever_an_operator_bound_needs_no_verified_address(
    work: Studio, admission: Admission
) -> None:
    """Where a provider says of all people of a directory that theirs are not."""
    await work.service.people.bind("ada@example.org", ISSUER, ADA.subject)

    assert work.ada == await admission.by_claims(replace(ADA, is_email_verified=False))
    assert work.ada == await admission.by_claims(ADA)


async def test_another_provider_binds_beside_the_first(work: Studio, admission: Admission) -> None:
    """An installation that moves to another one, or to another name of it."""
    await admission.by_claims(ADA)
    elsewhere = replace(ADA, issuer="https://other.example.org", subject="7")

    assert work.ada == await admission.by_claims(elsewhere)
    assert 2 == len(work.service.database.identities_of(work.ada.id))


async def test_who_changes_their_address_at_the_provider_stays_who_they_are(
    work: Studio, admission: Admission
) -> None:
    """The new one becomes the first, the old one goes on leading to them."""
    await admission.by_claims(ADA)

    renamed = await admission.by_claims(replace(ADA, email="Ada.Lovelace@example.org"))
    again = await admission.by_claims(replace(ADA, email="ada.lovelace@example.org"))

    assert renamed.id == work.ada.id
    assert renamed.email == "ada.lovelace@example.org"
    assert renamed == again
    assert addresses(work, work.ada) == {"ada@example.org", "ada.lovelace@example.org"}
    assert verbs(work, work.ada).count(Verb.USER_ADDRESSED) == 1


async def test_an_address_that_an_operator_made_the_first_stays_it(
    work: Studio, admission: Admission
) -> None:
    """Only what changes at the provider changes here."""
    await work.service.people.add_address("ada@example.org", "ada@work.example")
    other = replace(ADA, email="ada@work.example")

    for _ in range(2):
        assert (await admission.by_claims(other)).email == "ada@example.org"


async def test_a_new_address_that_is_somebody_elses_is_left_to_them(
    work: Studio, admission: Admission
) -> None:
    """Whoever is bound comes in as themselves, and operators are told."""
    await admission.by_claims(BOB)

    await admission.by_claims(ADA)
    came = await admission.by_claims(replace(ADA, email="bob@example.org"))

    assert came == work.ada
    assert addresses(work, work.bob) == {"bob@example.org"}
    assert verbs(work, work.bob)[0] is Verb.IDENTITY_REFUSED


async def test_of_two_subjects_with_one_address_that_come_at_once_one_is_bound(
    work: Studio, admission: Admission
) -> None:
    """The others are refused."""
    crowd = [replace(ADA, subject=f"subject {number}") for number in range(16)]

    came = await asyncio.gather(*map(admission.by_claims, crowd), return_exceptions=True)

    assert [work.ada] == [each for each in came if not isinstance(each, NotAdmitted)]
    assert 1 == len(work.service.database.identities_of(work.ada.id))


async def test_one_subject_that_comes_twice_at_once_is_bound_once(
    work: Studio, admission: Admission
) -> None:
    """As from two windows, also of somebody new."""
    eve = Claims(ISSUER, "eve", "eve@example.org", is_email_verified=True, name="Eve")

    came = await asyncio.gather(*(admission.by_claims(eve) for _ in range(16)))

    assert 1 == len({user.id for user in came})
    assert came[0].real_name == "Eve"
    assert 1 == len(work.service.database.identities_of(came[0].id))


async def test_whoever_left_stays_out_by_their_subject_too(
    work: Studio, admission: Admission
) -> None:
    """Whatever address they have by now; bots are never bound."""
    await admission.by_claims(BOB)
    await work.service.people.deactivate("bob@example.org")
    bot = await work.service.people.add_user("bot@example.org", is_bot=True)

    for claims in (
        BOB,
        replace(BOB, email=""),
        replace(BOB, email="robert@example.org"),
        replace(BOB, subject="bot", email="bot@example.org"),
    ):
        with pytest.raises(NotAdmitted, match="deactivated"):
            await admission.by_claims(claims)

    assert [] == work.service.database.identities_of(bot.id)
    assert addresses(work, work.bob) == {"bob@example.org"}


async def test_a_workspace_is_chosen_by_the_address_also_of_those_who_are_bound(
    tmp_path: Path,
) -> None:
    """Another domain, another workspace; without an address the only one where they are."""
    domains = "example.org=Acme,beta.example=Beta"
    async with studio(tmp_path, sign_in_workspaces=domains) as work:
        admission = work.service.admission
        beta = await work.service.people.add_team("Beta")
        await admission.by_claims(ADA)
        assert work.ada == await admission.by_claims(replace(ADA, email=""))

        moved = await admission.by_claims(replace(ADA, email="ada@beta.example"))

        assert moved.team_id == beta.id
        with pytest.raises(NotAdmitted, match="cannot sign in here"):
            await admission.by_claims(replace(ADA, email="ada@evil.example"))
        with pytest.raises(NotAdmitted, match="did not say"):
            await admission.by_claims(replace(ADA, email=""))


async def test_the_provider_makes_administrators_and_unmakes_its_own(
    work: Studio, admission: Admission
) -> None:
    """At each sign-in; a demotion ends what they could still do."""
    admin, nobody = replace(ADA, is_admin=True), replace(ADA, is_admin=False)

    promoted = await admission.by_claims(admin)
    session = await work.service.sessions.open(promoted)
    silent = await admission.by_claims(ADA)
    demoted = await admission.by_claims(nobody)

    assert (promoted.is_admin, promoted.admin_source) == (True, Source.PROVIDER)
    assert promoted == silent == replace(demoted, is_admin=True, admin_source=Source.PROVIDER)
    assert demoted == await work.again(work.ada) == work.ada
    [token] = work.service.database.tokens_of(work.ada.id)
    assert ADMIN_SCOPE in token.scopes
    assert token.revoked_at == work.clock()
    assert verbs(work, work.ada)[:2] == [Verb.USER_DEMOTED, Verb.USER_PROMOTED]
    assert session.user == promoted


async def test_who_was_promoted_by_hand_stays_what_they_are(
    work: Studio, admission: Admission
) -> None:
    """Whatever the provider says, also after it has said so too."""
    await work.service.people.set_admin("ada@example.org", is_admin=True)

    for is_admin in (False, True, False):
        came = await admission.by_claims(replace(ADA, is_admin=is_admin))
        assert (came.is_admin, came.admin_source) == (True, Source.ADMINISTRATOR)
