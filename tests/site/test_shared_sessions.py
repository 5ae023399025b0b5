"""The session that requests share which bring none: its life, its rights, and whose it is."""

import asyncio
from pathlib import Path

import pytest

from likeness.errors import TokenRevoked
from likeness.model import Secret
from likeness.scopes import ADMIN_SCOPE
from likeness.site import shared_sessions
from likeness.site.shared_sessions import SharedSessions
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio


@pytest.fixture
def shared(work: Studio) -> SharedSessions:
    """What is tested."""
    return SharedSessions(work.service.accounts, work.service.sessions)


async def text(shared: SharedSessions, work: Studio) -> str:
    """The token that Ada has now."""
    caller, secret = await shared.of(await work.again(work.ada))
    assert caller.user.id == work.ada.id
    assert caller == await work.service.accounts.authenticate(secret)
    return secret.reveal()


async def test_it_is_the_same_for_half_its_life(work: Studio, shared: SharedSessions) -> None:
    """So that whoever gets it last still has hours."""
    first = await text(shared, work)
    work.clock.advance(hours=5, minutes=59)
    assert first == await text(shared, work)

    work.clock.advance(minutes=1)
    second = await text(shared, work)

    assert first != second == await text(shared, work)
    assert (await work.service.accounts.authenticate(Secret(first))).user.id == work.ada.id


async def test_of_many_requests_at_once_one_opens_it(work: Studio, shared: SharedSessions) -> None:
    """As when a browser restores its windows."""
    texts = await asyncio.gather(*(text(shared, work) for _ in range(16)))

    assert 1 == len(set(texts))


async def test_after_its_end_there_is_another(work: Studio, shared: SharedSessions) -> None:
    """Who signed out is signed in again by the proxy; the old token stays ended."""
    first = await text(shared, work)
    await work.service.sessions.close(Secret(first))

    assert first != await text(shared, work)
    with pytest.raises(TokenRevoked):
        await work.service.accounts.authenticate(Secret(first))


async def test_it_has_the_rights_that_its_owner_has_by_now(
    work: Studio, shared: SharedSessions
) -> None:
    """Who was promoted or demoted since gets another."""
    seen = []
    for is_admin in (False, True, False):
        await work.service.people.set_admin("ada@example.org", is_admin=is_admin)
        caller, secret = await shared.of(await work.again(work.ada))
        assert is_admin == (ADMIN_SCOPE in caller.token.scopes)
        seen.append(secret.reveal())

    assert 3 == len(set(seen))


async def test_each_person_has_their_own(work: Studio, shared: SharedSessions) -> None:
    """Nobody gets anybody else's."""
    ada, bob = [(await shared.of(user))[0] for user in (work.ada, work.bob)]

    assert (ada.user.id, bob.user.id) == (work.ada.id, work.bob.id)


async def test_only_so_many_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were asked for last."""
    monkeypatch.setattr(shared_sessions, "KEPT_MAX", 1)
    async with studio(tmp_path) as work:
        shared = SharedSessions(work.service.accounts, work.service.sessions)
        first = await text(shared, work)
        assert first == await text(shared, work)
        await shared.of(work.bob)

        assert first != await text(shared, work)
