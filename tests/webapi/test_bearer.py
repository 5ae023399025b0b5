"""The token in a header: which it is, and how often it is asked about."""

import pytest
from starlette.datastructures import Headers

from likeness.accounts import new_token_text
from likeness.errors import InvalidAuth, NotAuthed, TokenRevoked
from likeness.model import Secret, TokenKind, User
from likeness.webapi.bearer import Presented, bearer
from support.studio import Studio

pytestmark = pytest.mark.anyio


async def issued(work: Studio, user: User) -> Secret:
    """A new token of somebody's."""
    return (await work.service.accounts.issue_token(user.email, (), None)).secret


@pytest.mark.parametrize(
    ("lines", "token"),
    [
        ([], None),
        (["Bearer t"], "t"),
        (["bearer  t "], "t"),
        (["Bearer"], None),
        (["Bearer "], None),
        (["Basic t"], None),
        (["Bearer null"], "null"),
        (["Bearer t", "Bearer u"], "t, Bearer u"),
    ],
)
def test_the_token_of_a_header(lines: list[str], token: str | None) -> None:
    """Two headers hold none that anybody has, whichever of them another reader would take."""
    headers = Headers(raw=[(b"authorization", line.encode()) for line in lines])
    assert bearer(headers) == (None if token is None else Secret(token))


async def test_a_header_tells_whose_the_body_will_be(work: Studio) -> None:
    secret = await issued(work, work.ada)
    sender = await Presented(work.service.accounts, secret).sender()
    assert sender is not None
    assert sender.user == work.ada


async def test_a_token_that_is_good_for_nothing_is_nobodys(work: Studio) -> None:
    """And is not refused yet: the body may have another one."""
    accounts = work.service.accounts
    revoked = await issued(work, work.ada)
    await accounts.revoke_text(revoked)
    unknown = new_token_text(TokenKind.USER)
    for token in (None, Secret("xoxp-1"), unknown, revoked):
        assert await Presented(accounts, token).sender() is None


async def test_the_answer_is_used_again_while_it_is_fresh(work: Studio) -> None:
    """Asked about again, the token would be revoked."""
    accounts, secret = work.service.accounts, await issued(work, work.ada)
    presented = Presented(accounts, secret, fresh_s=3600)
    sender = await presented.sender()
    await accounts.revoke_text(secret)
    assert await presented.caller(secret) is sender


async def test_a_body_that_took_long_is_asked_about_again(work: Studio) -> None:
    """So that a token which was revoked meanwhile does nothing more."""
    accounts, secret = work.service.accounts, await issued(work, work.ada)
    presented = Presented(accounts, secret, fresh_s=0)
    await presented.sender()
    await accounts.revoke_text(secret)
    with pytest.raises(TokenRevoked):
        await presented.caller(secret)


async def test_another_token_in_the_body_is_asked_about(work: Studio) -> None:
    accounts = work.service.accounts
    of_ada, of_bob = await issued(work, work.ada), await issued(work, work.bob)
    presented = Presented(accounts, of_ada)
    await presented.sender()
    assert (await presented.caller(of_bob)).user == work.bob
    with pytest.raises(InvalidAuth):
        await presented.caller(Secret("xoxp-1"))


async def test_without_an_early_look_the_token_is_asked_about_late(work: Studio) -> None:
    accounts, secret = work.service.accounts, await issued(work, work.ada)
    assert (await Presented(accounts, secret).caller(secret)).user == work.ada
    with pytest.raises(NotAuthed):
        await Presented(accounts, None).caller(None)
