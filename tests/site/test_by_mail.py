"""The pages around letters: asking for a link, and addresses of one's own."""

from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from likeness.mailing import Mailing
from likeness.model import User
from support.browser import Visitor, visitor
from support.live import free_port

pytestmark = pytest.mark.anyio

COUNTESS = "countess@example.org"


@pytest.fixture
async def mailed(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody at a service with a mail server, which nobody asks here."""
    settings = {"smtp_url": f"smtp://127.0.0.1:{free_port()}", "mail_from": "photos@example.org"}
    async with visitor(tmp_path, contact="Grace, room 7", **settings) as opened:
        yield opened


def mailing_of(browser: Visitor) -> Mailing:
    """The mailing of a service, which signs as that of the page does."""
    from likeness.app.post_office import post_offices  # noqa: PLC0415 - with its settings

    [office] = post_offices(browser.work.service)
    return office.mailing


def code_for(browser: Visitor, user: User, address: str = COUNTESS) -> str:
    """What a letter to an address has in it."""
    return mailing_of(browser)._code(user, address).reveal()


async def test_the_way_in_asks_for_an_address_and_says_whom_to_ask(mailed: Visitor) -> None:
    page = (await mailed.get("/")).text

    assert 'action="/sign-in/mail"' in page
    assert "Ask Grace, room 7." in page


async def test_without_a_mail_server_only_somebody_is_named(tmp_path: Path) -> None:
    """And the pages of letters are none."""
    async with visitor(tmp_path, contact="Grace") as browser:
        page = (await browser.get("/")).text
        answers = [await browser.post("/sign-in/mail", email=COUNTESS)]
        answers += [await browser.get("/addresses")]

    assert "/sign-in/mail" not in page
    assert "Ask Grace for a link" in page
    assert {each.status_code for each in answers} == {404}


async def test_everybody_gets_the_same_answer(mailed: Visitor) -> None:
    """Whether they are known or not."""
    known = await mailed.post("/sign-in/mail", email="ada@example.org")
    unknown = await mailed.post("/sign-in/mail", email="eve@example.org")

    assert (known.status_code, unknown.status_code) == (200, 200)
    assert known.text.replace("ada@", "eve@") == unknown.text
    assert "works for 15 minutes" in known.text


async def test_what_is_no_address_is_told_on_the_way_in(mailed: Visitor) -> None:
    answer = await mailed.post("/sign-in/mail", email="<ada>")

    assert answer.status_code == 400
    assert "is no e-mail address" in unescape(answer.text)
    assert "<ada>" not in answer.text


async def test_another_site_cannot_have_letters_sent(mailed: Visitor) -> None:
    mailed.headers = {"Origin": "https://evil.example"}

    assert (await mailed.post("/sign-in/mail", email="ada@example.org")).status_code == 403


async def test_who_asks_too_often_is_told_when_to_come_again(mailed: Visitor) -> None:
    for _ in range(20):
        await mailed.post("/sign-in/mail", email="ada@example.org")

    answer = await mailed.post("/sign-in/mail", email="ada@example.org")

    assert answer.status_code == 429
    assert "try again in 1 min" in answer.text


async def test_addresses_are_added_by_a_letter_and_taken_away(mailed: Visitor) -> None:
    """From the page that says where one is seen."""
    await mailed.sign_in()
    assert 'href="/addresses"' in (await mailed.get("/explain")).text
    token = await mailed.token()
    asked = await mailed.post("/addresses", token=token, email=COUNTESS)
    code = code_for(mailed, mailed.work.ada)
    question = await mailed.get(f"/addresses/confirm?code={code}")
    before = (await mailed.get("/addresses")).text
    added = await mailed.post("/addresses/confirm", token=token, code=code)
    after = (await mailed.get("/addresses")).text
    removed = await mailed.post("/addresses", token=token, remove=COUNTESS)

    assert f"on its way to {COUNTESS}" in asked.text
    assert f"<strong>{COUNTESS}</strong>" in question.text
    assert COUNTESS not in before
    assert (added.status_code, removed.status_code) == (303, 303)
    assert COUNTESS in after
    assert COUNTESS not in (await mailed.get("/addresses")).text


async def test_what_cannot_be_is_told_on_the_page_of_addresses(mailed: Visitor) -> None:
    """The first address stays, that of somebody else is theirs, and none is added twice."""
    await mailed.sign_in()
    token = await mailed.token()
    theirs = code_for(mailed, mailed.work.ada, "bob@example.org")

    answers = [
        await mailed.post("/addresses", token=token, remove="ada@example.org"),
        await mailed.post("/addresses", token=token, email="ada@example.org"),
        await mailed.post("/addresses/confirm", token=token, code=theirs),
    ]

    assert {each.status_code for each in answers} == {400}
    assert all('role="alert"' in each.text for each in answers)
    assert "yours already" in answers[1].text
    assert "bob@example.org" in answers[2].text


async def test_a_link_for_somebody_else_is_refused(mailed: Visitor) -> None:
    await mailed.sign_in()
    code = code_for(mailed, mailed.work.bob)

    answer = await mailed.get(f"/addresses/confirm?code={code}")

    assert answer.status_code == 403
    assert "not for the account" in answer.text


@pytest.mark.parametrize(
    ("path", "back"), [("/addresses", "/addresses"), ("/addresses/confirm?code=x", "/")]
)
async def test_whoever_is_nobody_is_led_in(mailed: Visitor, path: str, back: str) -> None:
    """And back; of a letter no code is kept, and its link can be opened once more."""
    sent = await mailed.post(path.partition("?")[0], email=COUNTESS)
    asked = await mailed.get(path)
    entered = await mailed.post("/sign-in", code=await mailed.link())

    assert "Sign in" in asked.text
    assert sent.status_code == 403
    assert entered.headers["location"] == back
