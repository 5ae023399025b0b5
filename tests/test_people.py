"""How operators add and name workspaces and people. Tokens and look-ups: tests/test_accounts.py."""

import re
from dataclasses import replace
from datetime import timedelta
from hashlib import md5
from pathlib import Path

import pytest

from likeness.app.service import open_service
from likeness.config import load
from likeness.errors import Mistake
from likeness.people import People
from support.studio import Studio

pytestmark = pytest.mark.anyio


@pytest.fixture
def people(work: Studio) -> People:
    """What is tested."""
    return work.service.people


@pytest.mark.parametrize(
    ("given", "name", "domain"),
    [
        ("Globex", "Globex", "globex"),
        ("  Globex Inc. & Co.\n", "Globex Inc. & Co.", "globex-inc-co"),
        ("--4 you--", "--4 you--", "4-you"),
        ("Zoë's", "Zoë's", "zoe-s"),
        ("\u202eÄrzte\x07", "Ärzte", "aerzte"),
        ("x" * 200, "x" * 200, "x" * 200),
    ],
)
async def test_a_workspace_has_a_name_and_a_domain(
    work: Studio, people: People, given: str, name: str, domain: str
) -> None:
    """The domain has small letters, digits and single hyphens."""
    team = await people.add_team(given)

    assert (name, domain) == (team.name, team.domain)
    assert re.fullmatch(r"T[0-9A-Z]{10}", team.id)
    assert work.clock() == team.created_at
    assert team in await people.teams()


@pytest.mark.parametrize(
    ("there", "alike"),
    [("Пример", "ПРИМЕР"), ("\u304c会社", "\u304b\u3099会社"), ("Straße 日", "STRASSE 日")],
)
async def test_names_that_are_alike_are_one_in_every_script(
    people: People, there: str, alike: str
) -> None:
    """Capitals, and accents apart from their letters, make no other name."""
    team, other = await people.add_team(there), await people.add_team("Other 日")

    with pytest.raises(Mistake, match=f"{there}.* already"):
        await people.add_team(alike)
    with pytest.raises(Mistake, match="already"):
        await people.rename_team(other.id, alike)
    assert (await people.rename_team(team.id, alike)).id == team.id


@pytest.mark.parametrize("name", ["日本語", "日本 Ltd", "Ωmega"])
async def test_a_workspace_of_any_script_has_a_domain_of_its_id(people: People, name: str) -> None:
    """Slack's is ASCII; what a name would lose on the way could make two of them one."""
    team = await people.add_team(name)

    assert (name, team.id.lower()) == (team.name, team.domain)
    assert team == await people.team(name) == await people.team(team.domain)


@pytest.mark.parametrize("name", ["", "   ", "!!!", "\u202e", "x" * 201])
async def test_a_workspace_needs_letters_or_digits(people: People, name: str) -> None:
    """And not too many of them."""
    with pytest.raises(Mistake, match="is no name for a workspace"):
        await people.add_team(name)


@pytest.mark.parametrize("name", ["Acme", "ACME", " acme!"])
async def test_a_workspace_is_added_once(people: People, name: str) -> None:
    """Another one with its name or its domain is a mistake."""
    with pytest.raises(Mistake, match=r"there is a workspace .* \(acme\) already"):
        await people.add_team(name)

    assert ["Acme"] == [team.name for team in await people.teams()]


@pytest.mark.parametrize(
    ("email", "name", "local", "real_name"),
    [
        ("grace@example.org", "Grace Hopper", "grace", "Grace Hopper"),
        (" Grace@Example.ORG ", "  ", "grace", "grace"),
        ("g.h+x@localhost", " Amazing Grace ", "g.h+x", "Amazing Grace"),
        ("grace@example.org", "日本 😀", "grace", "日本 😀"),
        ("grace@example.org", "x" * 300, "grace", "x" * 200),
        (f"{'l' * 64}@{'d' * 255}", "", "l" * 64, "l" * 64),
    ],
)
async def test_somebody_is_added(
    work: Studio, email: str, name: str, local: str, real_name: str
) -> None:
    """With a tidy address, a short name from it, and the full name or else the short one."""
    added = await work.service.people.add_user(email, name=name)

    assert (local, real_name) == (added.name, added.real_name)
    assert email.strip().lower() == added.email
    assert re.fullmatch(r"U[0-9A-Z]{10}", added.id)
    assert added == await work.service.accounts.user(added.team_id, added.id)


async def test_a_person_is_no_bot_and_a_bot_has_a_second_id(work: Studio, people: People) -> None:
    """Both are dated by the service's clock."""
    bot = await people.add_user("bot@example.org", is_bot=True)

    assert (False, None) == (work.ada.is_bot, work.ada.bot_id)
    assert bot.is_bot
    assert re.fullmatch(r"B[0-9A-Z]{10}", bot.bot_id or "")
    assert work.clock() == bot.created_at == bot.updated_at
    assert (None, None) == (bot.deleted_at, bot.photo)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@",
        "ada@",
        "@example.org",
        "ada@example@org",
        "ada lovelace@example.org",
        "ada@exa\nmple.org",
        f"{'l' * 65}@example.org",
        f"ada@{'d' * 256}",
    ],
)
async def test_a_wrong_address_is_a_mistake(people: People, email: str) -> None:
    """The message shows it."""
    with pytest.raises(Mistake, match=re.escape(f"{email!r} is no e-mail address")):
        await people.add_user(email)


@pytest.mark.parametrize("email", ["ada@example.org", " ADA@EXAMPLE.ORG"])
async def test_somebody_is_added_once(people: People, email: str) -> None:
    """In one workspace; in another the same address is somebody else."""
    await people.add_team("Other")

    with pytest.raises(Mistake, match=r"ada@example\.org is in that workspace already"):
        await people.add_user(email, "Acme")

    assert "ada@example.org" == (await people.add_user(email, "Other")).email


async def test_a_workspace_is_named_by_name_domain_or_id(people: People) -> None:
    """Any of the three finds it among several."""
    other = await people.add_team("Other & Sons")

    for number, name in enumerate([other.name, other.domain, other.id]):
        assert other.id == (await people.add_user(f"{number}@example.org", name)).team_id


async def test_with_several_workspaces_one_must_be_named(work: Studio, people: People) -> None:
    """The message lists them, oldest first, also when the name fits none."""
    work.clock.advance(seconds=1)
    await people.add_team("Other")

    for name in ("", "Third", "acme other"):
        with pytest.raises(Mistake, match=r"say which workspace .*: Acme, Other"):
            await people.add_user("new@example.org", name)


async def test_without_a_workspace_nobody_can_be_added(tmp_path: Path) -> None:
    """The message says how to add one."""
    service = open_service(load({"LIKENESS_DATA": str(tmp_path)}))
    service.database.migrate()

    with pytest.raises(Mistake, match="likeness workspace add"):
        await service.people.add_user("ada@example.org")

    assert [] == await service.people.teams()
    await service.close()


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("ida@bücher.example", "ida@xn--bcher-kva.example"),
        ("ida@xn--bcher-kva.example", "ida@bu\u0308cher.example"),
        ("zoe\u0308@example.org", "ZO\u00eb@Example.org"),
    ],
)
async def test_an_address_written_in_another_way_is_the_same(
    work: Studio, people: People, first: str, again: str
) -> None:
    """Nobody is added by it again, nor as a further address; everything finds who has it."""
    ida = await people.add_user(first)

    for attempt in (people.add_user(again), people.add_address("ada@example.org", again)):
        with pytest.raises(Mistake, match="in that workspace already"):
            await attempt
    assert (
        ida
        == await people.find(again)
        == await work.service.accounts.user_by_email(ida.team_id, again)
    )
    with pytest.raises(Mistake, match="is who they are"):
        await people.remove_address(first, again)


@pytest.mark.parametrize("kept", ["ida@xn--bcher-kva.example", "\uff41da@example.org"])
async def test_an_address_of_an_older_form_is_found_as_it_is_kept(
    work: Studio, people: People, kept: str
) -> None:
    """By operators, beside somebody who has its normal form, or where it has none."""
    await people.add_user("ida@bücher.example")
    old = replace(work.ada, id="U0000000001", email=kept)
    work.service.database.add_user(old)

    assert old == await people.find(kept)
    assert old.id == (await people.deactivate(kept)).id


async def test_an_unknown_address_is_a_mistake(work: Studio, people: People) -> None:
    """For every verb that names somebody."""
    for attempt in (
        people.find("nobody@example.org"),
        people.deactivate("nobody@example.org"),
        work.service.accounts.issue_token("nobody@example.org", (), None),
    ):
        with pytest.raises(Mistake, match=r"nobody has the address nobody@example\.org"):
            await attempt


async def test_an_address_in_two_workspaces_needs_the_workspace(
    work: Studio, people: People
) -> None:
    """With it each of the two is found."""
    await people.add_team("Other")
    twin = await people.add_user("ada@example.org", "Other")

    with pytest.raises(Mistake, match="in 2 workspaces; say which with --workspace"):
        await people.find("ada@example.org")

    assert work.ada == await people.find("ada@example.org", "acme")
    assert twin == await people.find("ada@example.org", "Other")
    with pytest.raises(Mistake, match="say which workspace"):
        await people.find("ada@example.org", "Third")


async def test_deactivating_is_for_one_workspace(work: Studio, people: People) -> None:
    """The twin in the other one goes on, and keeps working tokens."""
    await people.add_team("Other")
    twin = await people.add_user("ada@example.org", "Other")
    issued = await work.service.accounts.issue_token("ada@example.org", (), timedelta(1), "Other")

    ended = await people.deactivate("ada@example.org", "Acme")

    assert (work.ada.id, work.clock()) == (ended.id, ended.deleted_at)
    assert twin == (await work.service.accounts.authenticate(issued.secret)).user


async def test_an_address_is_hashed_as_it_is_kept(people: People) -> None:
    """So that Gravatar's and Slack's default pictures know it, however it was typed."""
    added = await people.add_user(" Grace@Example.ORG ")

    expected = md5(b"grace@example.org", usedforsecurity=False).hexdigest()
    assert expected == added.email_md5


async def test_somebody_is_given_further_addresses(work: Studio, people: People) -> None:
    """Kept in normal form, with what was typed; the first one stays the first."""
    added = await people.add_address("ada@example.org", " Countess@Example.org ")

    assert (added.email, added.entered) == ("countess@example.org", "Countess@Example.org")
    assert [each.email for each in await people.addresses("ada@example.org")] == [
        "ada@example.org",
        "countess@example.org",
    ]
    assert added == await people.remove_address("ada@example.org", "COUNTESS@example.org")
    assert len(await people.addresses("ada@example.org")) == 1


async def test_somebody_is_found_by_a_further_address_too(work: Studio, people: People) -> None:
    """Unless it is the first one of somebody else, elsewhere; with the workspace it is told."""
    await people.add_address("ada@example.org", "countess@example.org")
    assert work.ada == await people.find("Countess@example.org")

    await people.add_team("Other")
    first = await people.add_user("countess@example.org", "Other")

    assert first == await people.find("countess@example.org")
    assert work.ada == await people.find("countess@example.org", "Acme")


async def test_people_of_a_workspace_that_was_removed_are_in_nobodys_way(
    work: Studio, people: People
) -> None:
    """They are found where the workspace is named, or nobody else has their address."""
    other = await people.add_team("Other")
    twin = await people.add_user("ada@example.org", "Other")
    alone = await people.add_user("eve@example.org", "Other")
    await people.remove_team("Other", " Other ")

    assert work.ada == await people.find("ada@example.org")
    assert twin == await people.find("ada@example.org", "other")
    assert alone == await people.find("eve@example.org")
    assert other.id != (await people.team()).id
    with pytest.raises(Mistake, match="was removed"):
        await people.find_active("eve@example.org")


async def test_an_address_goes_to_a_successor_only_where_that_is_meant(people: People) -> None:
    """An import or a sign-in does not take an address from somebody by itself."""
    gone = await people.deactivate("ada@example.org")
    assert gone == await people.leaver("ada@example.org")
    assert await people.leaver("bob@example.org") is None
    with pytest.raises(Mistake, match="likeness user reactivate"):
        await people.add_user("ada@example.org")

    heir = await people.add_user("ada@example.org", succeeds=True)

    assert heir == await people.find("ada@example.org")
    assert await people.leaver("ada@example.org") is None


async def test_who_was_deactivated_is_not_added_again_and_the_reason_is_told(
    people: People,
) -> None:
    """Nothing else would say why somebody cannot sign in who is there already."""
    await people.deactivate("ada@example.org")

    with pytest.raises(Mistake, match=r"already, and was deactivated on \d{4}-\d\d-\d\d"):
        await people.add_user("Ada@Example.org")


async def test_addresses_that_cannot_be_given_or_taken(work: Studio, people: People) -> None:
    """With the reason."""
    for attempt, reason in (
        (people.add_address("ada@example.org", "no address"), "is no e-mail address"),
        (people.add_address("ada@example.org", "bob@example.org"), "in that workspace already"),
        (people.remove_address("ada@example.org", "ada@example.org"), "is who they are"),
        (people.remove_address("ada@example.org", "x@example.org"), "is no address of"),
        (people.remove_address("ada@example.org", "bob@example.org"), "is no address of"),
    ):
        with pytest.raises(Mistake, match=reason):
            await attempt


async def test_somebody_may_hide_from_the_hashes_of_addresses(work: Studio, people: People) -> None:
    """And come back."""
    hidden = await people.set_listed("ada@example.org", is_listed=False)

    assert not hidden.is_listed
    assert hidden == await people.find("ada@example.org")
    assert work.ada == await people.set_listed("ada@example.org", is_listed=True)
