"""What administrators ask about people. The verbs are in tests/cli."""

from datetime import timedelta

import pytest

from likeness import roster
from likeness.errors import Mistake
from likeness.events import Verb
from likeness.roster import Which
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
