"""Whose photo a page is about."""

import pytest

from likeness.errors import NotAdmitted, UserNotFound, UsersNotFound
from likeness.model import Caller, User
from likeness.scopes import ADMIN_SCOPE
from likeness.site.owners import owner_of
from support.browser import Visitor

pytestmark = pytest.mark.anyio


async def caller(browser: Visitor, *scopes: str) -> Caller:
    """Ada by a token with these scopes."""
    accounts = browser.work.service.accounts
    issued = await accounts.issue_token_for(browser.work.ada, scopes, None)
    return await accounts.authenticate(issued.secret)


async def named(browser: Visitor, name: str, *scopes: str) -> User:
    """The owner of a page that names somebody."""
    return await owner_of(browser.work.service.accounts, await caller(browser, *scopes), name)


@pytest.mark.parametrize("name", ["", "ada@example.org", "ADA@Example.org"])
async def test_people_see_their_own(browser: Visitor, name: str) -> None:
    """By whatever name of theirs."""
    assert (await named(browser, name)).id == browser.work.ada.id
    assert (await named(browser, browser.work.ada.id)).id == browser.work.ada.id


async def test_administrators_see_those_of_others(browser: Visitor) -> None:
    """By id or address; others are told that they may not."""
    bob = browser.work.bob
    for name in (bob.id, "bob@example.org"):
        assert (await named(browser, name, ADMIN_SCOPE)).id == bob.id
        with pytest.raises(NotAdmitted, match="Only administrators"):
            await named(browser, name)


async def test_whoever_is_not_there_is_no_owner(browser: Visitor) -> None:
    """Nor is somebody who has left."""
    await browser.work.service.people.deactivate("bob@example.org")

    with pytest.raises(UserNotFound):
        await named(browser, "U0", ADMIN_SCOPE)
    with pytest.raises(UsersNotFound):
        await named(browser, "bob@example.org", ADMIN_SCOPE)
    with pytest.raises(NotAdmitted, match="deactivated"):
        await named(browser, browser.work.bob.id, ADMIN_SCOPE)
