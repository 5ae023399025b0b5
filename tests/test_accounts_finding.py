"""Whom callers find: by id, by address, and page by page."""

from base64 import b64encode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from likeness.accounts import Accounts
from likeness.errors import BotNotFound, InvalidCursor, UserNotFound, UsersNotFound
from likeness.model import User
from support.studio import Studio

pytestmark = pytest.mark.anyio


@pytest.fixture
def accounts(work: Studio) -> Accounts:
    """What is tested."""
    return work.service.accounts


async def test_a_user_is_found_by_id_in_their_workspace(work: Studio, accounts: Accounts) -> None:
    """Elsewhere, and under another id, there is nobody; a long id is not repeated whole."""
    other = await work.service.people.add_team("Other")

    assert work.ada == await accounts.user(work.ada.team_id, work.ada.id)
    for team_id, user_id in [(other.id, work.ada.id), (work.ada.team_id, "U" * 5000)]:
        with pytest.raises(UserNotFound) as caught:
            await accounts.user(team_id, user_id)
        assert "user" == caught.value.argument
        assert len(caught.value.message) < 200


async def test_a_bot_is_found_by_its_own_id(work: Studio, accounts: Accounts) -> None:
    """Deactivated or not; a long id is not repeated whole."""
    bot = await work.service.people.add_user("bot@example.org", is_bot=True)
    await work.service.people.deactivate("bot@example.org")

    found = await accounts.bot(bot.team_id, bot.bot_id or "")

    assert (found.id, found.deleted_at is None) == (bot.id, False)
    with pytest.raises(BotNotFound) as caught:
        await accounts.bot(bot.team_id, "B" * 5000)
    assert len(caught.value.message) < 200


async def test_several_users_are_found_by_their_ids(work: Studio, accounts: Accounts) -> None:
    """In the order of the ids, one also twice; the first who is not there is named."""
    ada, bob = work.ada, work.bob
    other = await work.service.people.add_team("Other")

    assert await accounts.users_among(ada.team_id, [bob.id, ada.id, bob.id]) == [bob, ada, bob]
    assert await accounts.users_among(ada.team_id, []) == []
    for team_id, ids, missing in [
        (other.id, [ada.id], ada.id),
        (ada.team_id, [bob.id, "U1", "U2"], "U1"),
    ]:
        with pytest.raises(UserNotFound, match=missing):
            await accounts.users_among(team_id, ids)


@pytest.mark.parametrize("email", ["ada@example.org", " ADA@Example.org\n", "Ada@EXAMPLE.ORG"])
async def test_a_user_is_found_by_address(work: Studio, accounts: Accounts, email: str) -> None:
    """Whatever the case, and spaces around it."""
    assert work.ada == await accounts.user_by_email(work.ada.team_id, email)
    assert work.ada == await work.service.people.find(email)


async def test_nobody_active_has_an_unknown_or_ended_address(work: Studio) -> None:
    """Nor one of another workspace."""
    accounts = work.service.accounts
    other = await work.service.people.add_team("Other")
    ended = await work.service.people.deactivate("bob@example.org")

    assert work.clock() == ended.deleted_at
    for team_id, email in [
        (work.ada.team_id, "nobody@example.org"),
        (work.ada.team_id, "bob@example.org"),
        (other.id, "ada@example.org"),
        (work.ada.team_id, "no address"),
        (work.ada.team_id, "\uff41da@example.org"),
    ]:
        with pytest.raises(UsersNotFound) as caught:
            await accounts.user_by_email(team_id, email)
        assert "email" == caught.value.argument


async def pages(accounts: Accounts, team_id: str, limit: int) -> list[list[User]]:
    """Every page, read the way clients read."""
    found: list[list[User]] = []
    cursor = ""
    while cursor or not found:
        page = await accounts.users(team_id, cursor, limit)
        assert bool(page.next_cursor) == bool(page.offset)
        found.append(page.users)
        cursor = page.next_cursor
    return found


@pytest.mark.parametrize(
    ("limit", "lengths"), [(1, [1] * 5), (2, [2, 2, 1]), (4, [4, 1]), (5, [5]), (100, [5])]
)
async def test_pages_have_everybody_once(work: Studio, limit: int, lengths: list[int]) -> None:
    """In the order of ids, deactivated ones included, and no empty page at the end."""
    accounts = work.service.accounts
    for number in range(3):
        await work.service.people.add_user(f"{number}@example.org")
    await work.service.people.deactivate("bob@example.org")

    found = await pages(accounts, work.ada.team_id, limit)

    ids = [user.id for page in found for user in page]
    assert lengths == [len(page) for page in found]
    assert sorted(set(ids)) == ids


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(min_size=1))
@example("dXNlcg==")
@example("dXNlcjpVMQ")
@example("dXNlcjpVMQ==\n")
@example("\ud800")
@example(b64encode("user:é".encode()).decode())
async def test_a_cursor_of_somebody_elses_is_refused(work: Studio, cursor: str) -> None:
    """Garbage, cut short, with something after it, or not of this method."""
    with pytest.raises(InvalidCursor) as caught:
        await work.service.accounts.users(work.ada.team_id, cursor, 10)

    assert "cursor" == caught.value.argument
