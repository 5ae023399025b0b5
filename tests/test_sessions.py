"""Signing in, over a real database: links, and sessions with their ends."""

from datetime import timedelta

import pytest

from likeness.app.secret import digest_key
from likeness.errors import Mistake, NotAdmitted, TokenExpired, TokenRevoked
from likeness.keys import Keys
from likeness.model import Secret
from likeness.scopes import ADMIN_SCOPE
from likeness.sessions import SESSION_SCOPES, Sessions
from support.studio import Studio

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)


@pytest.fixture
def sessions(work: Studio) -> Sessions:
    """What is tested."""
    return work.service.sessions


async def test_a_link_is_for_one_person_once_and_not_for_long(
    work: Studio, sessions: Sessions
) -> None:
    """Looking does not use it up; using does, and a fresh one is another."""
    issued = await sessions.issue_link("ada@example.org", MINUTE)
    other = await sessions.issue_link("ada@example.org", MINUTE)

    assert issued.expires_at == work.clock() + MINUTE
    assert issued.code.reveal() != other.code.reveal()
    assert work.ada == await sessions.link_user(issued.code)
    assert work.ada == (await sessions.use_link(issued.code)).user
    for ask in (sessions.link_user, sessions.use_link):
        with pytest.raises(NotAdmitted, match="used already"):
            await ask(issued.code)
    work.clock.advance(seconds=60)
    with pytest.raises(NotAdmitted, match="too old"):
        await sessions.use_link(other.code)


@pytest.mark.parametrize("code", ["", "x", "é" * 43, "A" * 43, "A" * 44, "\x00" * 43])
async def test_what_is_no_code_lets_nobody_in(sessions: Sessions, code: str) -> None:
    """Of the right shape or not."""
    with pytest.raises(NotAdmitted):
        await sessions.use_link(Secret(code))


async def test_those_who_left_get_no_link(work: Studio, sessions: Sessions) -> None:
    """Nor do bots."""
    await work.service.people.deactivate("bob@example.org")
    await work.service.people.add_user("bot@example.org", is_bot=True)

    for email in ("bob@example.org", "bot@example.org"):
        with pytest.raises(Mistake, match="only active"):
            await sessions.issue_link(email, MINUTE)


async def test_a_code_is_kept_as_a_digest_alone(work: Studio, sessions: Sessions) -> None:
    """And is not shown by printing what was issued."""
    issued = await sessions.issue_link("ada@example.org", MINUTE)
    code = issued.code.reveal()

    kept = b"".join(path.read_bytes() for path in work.service.config.data.glob("likeness.db*"))

    assert code.encode() not in kept
    assert code not in repr(issued)


async def test_a_link_of_the_key_before_signs_in_once(work: Studio, sessions: Sessions) -> None:
    """As long as that key is accepted."""
    link = await sessions.issue_link("ada@example.org", timedelta(minutes=15))
    key = digest_key(work.service.config)
    with_old, without = (
        Sessions(
            work.service.database,
            work.service.people,
            work.service.accounts,
            Keys(b"n" * 32, old),
            work.clock,
            lifetime=sessions.lifetime,
        )
        for old in (key, None)
    )

    with pytest.raises(NotAdmitted):
        await without.use_link(link.code)
    assert (await with_old.use_link(link.code)).user.email == "ada@example.org"
    with pytest.raises(NotAdmitted):
        await with_old.use_link(link.code)


async def test_a_session_is_a_token_with_an_end(work: Studio, sessions: Sessions) -> None:
    """Of the scopes that the page needs."""
    session = await sessions.open(work.ada)
    caller = await work.service.accounts.authenticate(session.secret)

    assert caller.user == work.ada
    assert caller.token.scopes == SESSION_SCOPES
    work.clock.advance(hours=12)
    with pytest.raises(TokenExpired):
        await work.service.accounts.authenticate(session.secret)


async def test_closing_ends_it_and_closing_nothing_is_no_error(
    work: Studio, sessions: Sessions
) -> None:
    """A session that is over already, that of nobody, and no session."""
    session = await sessions.open(work.ada)

    for secret in (session.secret, session.secret, Secret("x"), Secret(""), None):
        await sessions.close(secret)

    with pytest.raises(TokenRevoked):
        await work.service.accounts.authenticate(session.secret)


async def test_an_administrators_sessions_say_so_until_they_are_demoted(
    work: Studio, sessions: Sessions
) -> None:
    """Those that say less go on."""
    people, accounts = work.service.people, work.service.accounts
    before = await sessions.open(work.ada)
    after = await sessions.open(await people.set_admin("ada@example.org", is_admin=True))
    scopes = (await accounts.authenticate(after.secret)).token.scopes

    await people.set_admin("ada@example.org", is_admin=False)

    assert scopes == (*SESSION_SCOPES, ADMIN_SCOPE)
    assert (await accounts.authenticate(before.secret)).user.is_admin is False
    with pytest.raises(TokenRevoked):
        await accounts.authenticate(after.secret)


async def test_what_has_been_over_for_long_is_forgotten(work: Studio, sessions: Sessions) -> None:
    """Tokens and links a month after their end; those without an end never."""
    accounts = work.service.accounts
    session = await sessions.open(work.ada)
    endless = await accounts.issue_token("ada@example.org", SESSION_SCOPES, None)
    await sessions.issue_link("ada@example.org", MINUTE)
    work.clock.advance(days=30)
    await sessions.forget()
    with pytest.raises(TokenExpired):
        await accounts.authenticate(session.secret)

    work.clock.advance(days=1)
    await sessions.forget()

    assert work.ada == (await accounts.authenticate(endless.secret)).user
    assert (await accounts._caller(session.secret)) is None


async def test_keys_for_two_purposes_are_two(sessions: Sessions) -> None:
    """And stay what they are."""
    assert sessions.key("a") != sessions.key("b")
    assert sessions.key("a") == sessions.key("a")
    assert len(sessions.key("a")) == 32
