"""Tokens, over a real database: what is given out and what is refused.

Whom callers find with them: tests/test_accounts_finding.py.
"""

import hmac
import itertools
import re
import string
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from likeness.accounts import Accounts, IssuedToken, is_well_formed, new_token_text
from likeness.app.secret import digest_key
from likeness.db import open_database
from likeness.errors import (
    AccountInactive,
    InvalidAuth,
    Mistake,
    NotAuthed,
    Refusal,
    ServiceUnavailable,
    TokenExpired,
    TokenRevoked,
)
from likeness.keys import Keys
from likeness.model import Secret, TokenKind
from support.disks import fill, small_disk
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio

DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
HOUR: Final = timedelta(hours=1)
TOKENS: Final = st.sampled_from(TokenKind).map(lambda kind: new_token_text(kind).reveal())
WRONG_SCOPES: Final = ["", " ", "Users:read", "users:read,users:write", "a b", "1", "a" * 65, "é"]


@pytest.fixture
def accounts(work: Studio) -> Accounts:
    """What is tested."""
    return work.service.accounts


async def issue(
    accounts: Accounts, lifetime: timedelta | None = None, email: str = "ada@example.org"
) -> IssuedToken:
    """A token for Ada that may read."""
    return await accounts.issue_token(email, ("users:read",), lifetime)


@pytest.mark.parametrize("kind", list(TokenKind))
def test_a_token_has_slacks_prefix_and_a_checksum(kind: TokenKind) -> None:
    """43 random letters and digits, then the CRC-32 of all before it in base 62."""
    text = new_token_text(kind).reveal()

    assert re.fullmatch(rf"{kind.value}-[0-9A-Za-z]{{49}}", text)
    number = 0
    for digit in text[-6:]:
        number = number * 62 + DIGITS.index(digit)
    assert zlib.crc32(text[:-6].encode()) == number


def test_a_token_has_256_random_bits() -> None:
    """Every digit comes up at every place, and no text twice."""
    texts = [new_token_text(TokenKind.USER).reveal()[5:-6] for _ in range(2000)]

    assert 62 ** len(texts[0]) >= 2**256
    assert {62} == {len(set(column)) for column in zip(*texts, strict=True)}
    assert len(texts) == len(set(texts))


@given(text=TOKENS, place=st.integers(0, 53), digit=st.sampled_from(DIGITS + "-_ é"))
def test_one_wrong_letter_is_found(text: str, place: int, digit: str) -> None:
    """Wherever it is, in the checksum too."""
    wrong = text[:place] + digit + text[place + 1 :]

    assert (wrong == text) == is_well_formed(Secret(wrong))


@given(text=TOKENS, place=st.integers(0, 52))
def test_two_letters_the_wrong_way_round_are_found(text: str, place: int) -> None:
    """The commonest typing error."""
    wrong = text[:place] + text[place + 1] + text[place] + text[place + 2 :]

    assert (wrong == text) == is_well_formed(Secret(wrong))


@given(text=st.text())
@example("xoxp-" + "0" * 49)
@example("\ud800")
@example(new_token_text(TokenKind.BOT).reveal() + "\n")
@example(" " + new_token_text(TokenKind.BOT).reveal())
def test_other_texts_are_no_tokens(text: str) -> None:
    """Nor is a token with something around it."""
    assert not is_well_formed(Secret(text))


async def test_a_token_proves_who_is_calling(work: Studio, accounts: Accounts) -> None:
    """The user, their workspace and the token itself; again and again."""
    issued = await issue(accounts)

    caller = await accounts.authenticate(issued.secret)

    assert work.ada == caller.user
    assert [caller.team] == await work.service.people.teams()
    assert issued.token == caller.token
    assert caller == await accounts.authenticate(Secret(issued.secret.reveal()))


@pytest.mark.parametrize("secret", [None, Secret("")])
async def test_no_token_is_not_authed(accounts: Accounts, secret: Secret | None) -> None:
    """None and an empty one alike."""
    with pytest.raises(NotAuthed):
        await accounts.authenticate(secret)


@pytest.mark.parametrize("text", ["x", "xoxp-1-2-3", "xoxp-" + "0" * 49, "\ud800", "\0", " " * 60])
async def test_a_malformed_token_is_invalid(accounts: Accounts, text: str) -> None:
    """Whatever it is."""
    with pytest.raises(InvalidAuth):
        await accounts.authenticate(Secret(text))


async def test_only_well_formed_tokens_are_looked_up(work: Studio, tmp_path: Path) -> None:
    """The others are refused even while the database is away."""
    away = open_database(f"sqlite:///{tmp_path}/missing/likeness.db")
    accounts = Accounts(away, work.service.people, Keys(bytes(32)), work.clock)
    text = new_token_text(TokenKind.USER).reveal()

    with pytest.raises(InvalidAuth):
        await accounts.authenticate(Secret(text[:-1] + "~"))
    with pytest.raises(ServiceUnavailable):
        await accounts.authenticate(Secret(text))


async def test_a_token_that_was_never_issued_is_invalid(accounts: Accounts) -> None:
    """Though its shape is right."""
    with pytest.raises(InvalidAuth):
        await accounts.authenticate(new_token_text(TokenKind.USER))


ENDS: Final = ["user", "team", "revoked", "expired"]
REFUSED: Final[dict[str, type[Refusal]]] = {
    "user": AccountInactive,
    "team": AccountInactive,
    "revoked": TokenRevoked,
    "expired": TokenExpired,
}


@pytest.mark.parametrize(
    "ends", [ends for count in range(1, 5) for ends in itertools.combinations(ENDS, count)]
)
async def test_the_first_reason_is_told(work: Studio, ends: tuple[str, ...]) -> None:
    """Inactive before revoked before expired; and each works at once."""
    accounts, database = work.service.accounts, work.service.database
    issued = await issue(accounts, HOUR)
    await accounts.authenticate(issued.secret)
    if "user" in ends:
        await work.service.people.deactivate("ada@example.org")
    if "team" in ends:
        database.deactivate_team(work.ada.team_id, work.clock())
    if "revoked" in ends:
        await accounts.revoke_text(issued.secret)
    if "expired" in ends:
        work.clock.advance(hours=1)

    with pytest.raises(REFUSED[ends[0]]):
        await accounts.authenticate(issued.secret)


async def test_a_token_ends_at_its_very_moment(work: Studio, accounts: Accounts) -> None:
    """Valid until then to the microsecond, and never after."""
    issued = await issue(accounts, HOUR)

    work.clock.advance(hours=1, microseconds=-1)
    await accounts.authenticate(issued.secret)
    work.clock.advance(microseconds=1)

    assert work.clock() == issued.token.expires_at
    with pytest.raises(TokenExpired):
        await accounts.authenticate(issued.secret)


async def test_a_token_without_a_lifetime_lives_on(work: Studio, accounts: Accounts) -> None:
    """For a thousand years and more."""
    issued = await issue(accounts)

    work.clock.advance(days=400_000)

    assert issued.token == (await accounts.authenticate(issued.secret)).token


async def test_revoking_ends_one_token(work: Studio, accounts: Accounts) -> None:
    """The one that the caller used, and no other."""
    first, second = await issue(accounts), await issue(accounts)

    await accounts.revoke(await accounts.authenticate(first.secret))

    with pytest.raises(TokenRevoked):
        await accounts.authenticate(first.secret)
    await accounts.authenticate(second.secret)


async def test_an_operator_revokes_by_text(accounts: Accounts) -> None:
    """Twice is fine; an unknown text is a mistake."""
    issued = await issue(accounts)

    revoked = [await accounts.revoke_text(issued.secret) for _ in range(2)]

    assert [issued.token.id] * 2 == [token.id for token in revoked]
    for unknown in (new_token_text(TokenKind.USER), Secret("nonsense")):
        with pytest.raises(Mistake, match="nothing was revoked"):
            await accounts.revoke_text(unknown)


async def test_only_the_keyed_digest_is_kept(work: Studio, accounts: Accounts) -> None:
    """HMAC-SHA256 under the service's key; under another key the token is unknown."""
    issued, database = await issue(accounts), work.service.database
    key = digest_key(work.service.config)

    expected = hmac.digest(key, issued.secret.reveal().encode(), "sha256")

    assert expected == issued.token.digest
    assert database.caller(expected)
    with pytest.raises(InvalidAuth):
        await Accounts(database, work.service.people, Keys(b"x" * 32), work.clock).authenticate(
            issued.secret
        )


async def test_a_token_of_the_key_before_is_accepted_and_kept_under_the_new_one(
    work: Studio, accounts: Accounts
) -> None:
    """So that it is known when the key before is taken away; one that nobody used is not."""
    database, key = work.service.database, digest_key(work.service.config)
    used, unused = await issue(accounts), await issue(accounts)
    both = Accounts(database, work.service.people, Keys(b"n" * 32, key), work.clock)
    alone = Accounts(database, work.service.people, Keys(b"n" * 32), work.clock)

    callers = [await both.authenticate(used.secret) for _ in range(2)]

    assert [caller.token.id for caller in callers] == [used.token.id] * 2
    assert (await alone.authenticate(used.secret)).token.id == used.token.id
    for accounts_, issued in ((alone, unused), (accounts, used)):
        with pytest.raises(InvalidAuth):
            await accounts_.authenticate(issued.secret)


async def test_a_token_of_the_key_before_is_accepted_where_nothing_can_be_written(
    tmp_path: Path,
) -> None:
    """It is kept under the new one another time."""
    with small_disk(tmp_path / "disk", 2**22) as disk:
        async with studio(disk) as work:
            issued, key = await issue(work.service.accounts), digest_key(work.service.config)
            both = Accounts(
                work.service.database, work.service.people, Keys(b"n" * 32, key), work.clock
            )
            fill(disk)

            caller = await both.authenticate(issued.secret)

            assert caller == await work.service.accounts.authenticate(issued.secret)


async def test_an_issued_token_does_not_show_itself(accounts: Accounts) -> None:
    """Neither its text nor its digest is in what a log line would have."""
    issued = await issue(accounts)

    shown = f"{issued} {issued!r} {await accounts.authenticate(issued.secret)}"

    assert issued.secret.reveal()[5:] not in shown
    assert "digest" not in shown


async def test_bots_and_people_have_their_own_tokens(work: Studio, accounts: Accounts) -> None:
    """`xoxb-` and `xoxp-`."""
    await work.service.people.add_user("bot@example.org", is_bot=True)

    bot, person = await issue(accounts, email="bot@example.org"), await issue(accounts)

    assert (TokenKind.BOT, "xoxb-") == (bot.token.kind, bot.secret.reveal()[:5])
    assert (TokenKind.USER, "xoxp-") == (person.token.kind, person.secret.reveal()[:5])


async def test_scopes_are_kept_once_and_in_order(accounts: Accounts) -> None:
    """As they were given; none at all is possible."""
    given_scopes = ("users:read.email", "users:read", "users.profile:write")

    issued = await accounts.issue_token("ada@example.org", given_scopes, None)
    bare = await accounts.issue_token("ada@example.org", (), None)

    assert ("users:read.email", "users:read", "users.profile:write") == issued.token.scopes
    assert () == bare.token.scopes


@pytest.mark.parametrize("scope", WRONG_SCOPES)
async def test_a_wrong_scope_is_a_mistake(accounts: Accounts, scope: str) -> None:
    """The message shows it, and no token is issued."""
    with pytest.raises(Mistake, match=re.escape(f"{scope!r} is no scope")):
        await accounts.issue_token("ada@example.org", ("users:read", scope), None)
