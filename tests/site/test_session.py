"""Sessions: whose they are, how they end, and what comes of rubbish."""

from pathlib import Path

import pytest

from likeness.accounts import new_token_text
from likeness.errors import NotAdmitted
from likeness.model import Secret, TokenKind
from likeness.scopes import ADMIN_SCOPE
from likeness.site.session import Visit, check_form_token
from support.browser import Visitor, visitor

pytestmark = pytest.mark.anyio

COOKIE = "likeness_session"
RUBBISH = [
    "x",
    "xoxp-" + "0" * 49,
    "\xff\xfe",
    "xoxp-" + "é" * 49,
    "x" * 4000,
    '"; Path=/evil',
    "a b",
    "%0d%0aSet-Cookie: x=1",
    "{}",
]


async def test_a_session_does_what_the_page_needs_and_no_more(browser: Visitor) -> None:
    """Its token may read and write one's own photo, for as long as the setting says."""
    await browser.sign_in()

    caller = await browser.work.service.accounts.authenticate(Secret(await browser.token()))

    assert caller.token.scopes == ("users.profile:read", "users.profile:write")
    assert caller.token.expires_at is not None
    assert (caller.token.expires_at - browser.work.clock()).total_seconds() == 12 * 3600


async def test_an_administrator_gets_the_scope_when_they_sign_in(browser: Visitor) -> None:
    """And loses every such session at once with the office."""
    people, accounts = browser.work.service.people, browser.work.service.accounts
    await people.set_admin("ada@example.org", is_admin=True)
    await browser.sign_in()
    secret = Secret(await browser.token())
    caller = await accounts.authenticate(secret)

    await people.set_admin("ada@example.org", is_admin=False)

    assert ADMIN_SCOPE in caller.token.scopes
    assert "This session was ended" in (await browser.get("/")).text


@pytest.mark.parametrize("value", RUBBISH)
async def test_rubbish_in_the_cookie_is_the_way_to_sign_in(browser: Visitor, value: str) -> None:
    """Said so, and the cookie is forgotten."""
    cookie = (b"cookie", f"{COOKIE}={value}".encode("latin-1"))
    answer = await browser.client.get("/", headers=[cookie])

    assert answer.status_code == 200
    assert "not known here" in answer.text
    assert len(answer.text) < 1000, "what was sent is not repeated"
    assert "max-age=0" in answer.headers["set-cookie"].lower()


async def test_a_token_that_is_well_formed_and_unknown_is_rubbish_too(browser: Visitor) -> None:
    """Its checksum is right and nobody has it."""
    stranger = new_token_text(TokenKind.USER).reveal()

    answer = await browser.client.get("/", headers={"Cookie": f"{COOKIE}={stranger}"})

    assert "not known here" in answer.text


async def test_without_a_cookie_nothing_is_said_and_nothing_is_forgotten(browser: Visitor) -> None:
    """A first visit."""
    answer = await browser.get("/")

    assert "Sign in" in answer.text
    assert 'role="status"' not in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_session_ends_when_its_time_is_over(tmp_path: Path) -> None:
    """With a sentence that says why, and without the cookie."""
    async with visitor(tmp_path, session_lifetime="1h") as browser:
        await browser.sign_in()
        browser.work.clock.advance(minutes=61)

        answer = await browser.get("/")

        assert "signed in for long enough" in answer.text
        assert "max-age=0" in answer.headers["set-cookie"].lower()


async def test_a_session_ends_with_the_account(browser: Visitor) -> None:
    """At once."""
    await browser.sign_in()
    await browser.work.service.people.deactivate("ada@example.org")

    assert "was deactivated" in (await browser.get("/")).text


async def test_signing_in_again_ends_the_session_before(browser: Visitor) -> None:
    """Nobody can leave a session of theirs in a browser that somebody else uses next."""
    await browser.sign_in()
    before = await browser.token()
    await browser.sign_in(browser.work.bob)

    answer = await browser.client.post(
        "/api/auth.test", headers={"Authorization": f"Bearer {before}"}
    )

    assert answer.json()["error"] == "token_revoked"
    assert "bob" in (await browser.get("/")).text


async def test_the_cookie_of_a_page_by_https_is_for_this_host_alone(tmp_path: Path) -> None:
    """By the public address, since a proxy speaks TLS for us."""
    async with visitor(tmp_path, home="https://likeness.invalid") as browser:
        await browser.sign_in()

        assert [f"__Host-{COOKIE}"] == list(browser.cookies)
        assert browser.work.ada.real_name in (await browser.get("/")).text


@pytest.mark.parametrize("sent", [None, "", "x", "é", "\ud800"])
async def test_a_form_of_another_session_is_refused(browser: Visitor, sent: str | None) -> None:
    """Whatever stands in it; so is one of nobody's."""
    issued = await browser.work.service.sessions.open(browser.work.ada)
    caller = await browser.work.service.accounts.authenticate(issued.secret)
    visit = Visit(caller, issued.secret)

    assert (caller, issued.secret) == check_form_token(visit, Secret(issued.secret.reveal()))
    with pytest.raises(NotAdmitted, match="Open the page again"):
        check_form_token(visit, Secret(sent) if sent is not None else None)
    with pytest.raises(NotAdmitted, match="not signed in"):
        check_form_token(Visit(), issued.secret)
