"""What administrators ask about people. The verbs are in tests/cli."""

from datetime import timedelta

import pytest

from likeness import roster
from likeness.errors import Mistake
from likeness.events import Verb
from likeness.roster import Search, State, Which
from support.studio import Studio

pytestmark = pytest.mark.anyio


async def test_everybody_is_met_once_on_pages_of_any_size(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of their addresses."""
    for name in ("cid", "aaron", "zoe"):
        await work.service.people.add_user(f"{name}@example.org")
    for size in (1, 2, 5, 100):
        monkeypatch.setattr(roster, "PAGE", size)
        pages = [page async for page in work.service.roster.pages(Which())]

        assert max(map(len, pages)) <= size
        names = [user.name for page in pages for user in page]
        assert names == ["aaron", "ada", "bob", "cid", "zoe"]


async def test_a_profile_has_the_tokens_that_are_valid(work: Studio) -> None:
    """Not those that were revoked or are over, nor anybody else's."""
    accounts = work.service.accounts
    for email, life in (
        ("ada@example.org", None),
        ("ada@example.org", timedelta(hours=1)),
        ("ada@example.org", timedelta(seconds=1)),
        ("bob@example.org", None),
    ):
        await accounts.issue_token(email, (), life)
    revoked = await accounts.issue_token("ada@example.org", (), None)
    await accounts.revoke_text(revoked.secret)
    work.clock.advance(seconds=2)

    profile = await work.service.roster.profile("ada@example.org")

    assert len(profile.tokens) == 2
    assert (profile.user, profile.team.name) == (work.ada, "Acme")
    assert [each.email for each in profile.addresses] == ["ada@example.org"]


async def test_an_entry_of_the_log_has_the_names_of_today(work: Studio) -> None:
    """Of who did it and of whom it was done to; an id where nobody has it."""
    people = work.service.people
    await people.change_email("ada@example.org", "king@example.org")

    [changed, added] = await work.service.roster.log("king@example.org", limit=9)

    assert (changed.event.verb, added.event.verb) == (Verb.USER_ADDRESSED, Verb.USER_ADDED)
    assert {changed.owner, added.owner} == {"king@example.org"}
    assert changed.actor == "cli"


@pytest.mark.parametrize("about", ["nobody@example.org", "U123", "u0123456789"])
async def test_nobody_has_no_log(work: Studio, about: str) -> None:
    """A text that is no id is an address."""
    with pytest.raises(Mistake):
        await work.service.roster.log(about, limit=1)


async def test_people_are_found_whatever_the_case_and_the_accents(work: Studio) -> None:
    """By name and by every address; administrators only are told of who is hidden."""
    people, roster = work.service.people, work.service.roster
    mueller = await people.add_user("m@example.org", name="Jürgen Müller")
    await people.add_address("m@example.org", "juergen@example.net")
    team = await people.team()

    async def found(query: str, *, is_public: bool = False) -> list[str]:
        search = Search(query, is_public=is_public)
        return [user.id for user in await roster.found(team, search)]

    for query in ("MÜLL", "muller", "  jürgen  M@example ", "JUERGEN@"):
        assert await found(query) == [mueller.id], query
    assert await found("müll", is_public=True) == [mueller.id]
    assert await found("juergen@", is_public=True) == []
    await people.set_listed("m@example.org", is_listed=False)
    assert await found("müll") == [mueller.id]
    assert await found("müll", is_public=True) == []


async def test_counts_are_remembered_for_a_while(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each workspace, and until something is changed here; not of any number of workspaces."""
    people, service = work.service.people, work.service.roster
    team = await people.team()
    assert (await service.counts(team))[State.ALL] == 2
    await people.add_user("cid@example.org")
    assert (await service.counts(team))[State.ALL] == 2
    assert await service.count(team, Search()) == 3
    work.clock.advance(seconds=roster.COUNTS_KEPT.total_seconds())
    assert (await service.counts(team))[State.ALL] == 3
    await people.deactivate("cid@example.org")
    service.forget_counts(team)
    counts = await service.counts(team)
    assert [counts[each] for each in (State.ALL, State.NO_PHOTO, State.LEFT)] == [3, 2, 1]

    monkeypatch.setattr(roster, "TEAMS_REMEMBERED_MAX", 1)
    other = await people.add_team("Other")
    await service.counts(other)
    await people.add_user("dan@example.org", "Acme")
    assert (await service.counts(team))[State.ALL] == 4


async def test_a_search_has_a_bounded_number_of_words() -> None:
    """Each of them is looked for in everybody's names."""
    assert len(Search("a " * 1000).which.words) == roster.WORDS_MAX
    assert sum(map(len, Search("x" * 1000).which.words)) == roster.QUERY_LENGTH_MAX


async def test_members_are_those_of_one_workspace(work: Studio) -> None:
    """Whatever ids are named."""
    people, team = work.service.people, await work.service.people.team()
    await people.add_team("Other")
    stranger = await people.add_user("x@example.org", "Other")

    found = await work.service.roster.members(team, [stranger.id, work.bob.id, "U404", work.ada.id])

    assert found == [work.ada, work.bob]
    assert await work.service.roster.found(team, Search("bob"), limit=9) == [work.bob]
