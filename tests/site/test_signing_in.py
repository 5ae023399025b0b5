"""One-time links, and going out: what opens them, what uses them up, and who may ask."""

import asyncio

import httpx
import pytest

from support.browser import Visitor, field_of

pytestmark = pytest.mark.anyio


async def test_opening_a_link_asks_and_changes_nothing(browser: Visitor) -> None:
    """Mail programs open it, and some of them twice, and some ask for the head only."""
    code = await browser.link()
    for _ in range(2):
        assert (await browser.client.head(f"/sign-in?code={code}")).status_code == 200
        page = (await browser.get(f"/sign-in?code={code}")).text

    assert "Sign in as ada?" in page
    assert "ada@example.org" in page
    assert {} == browser.cookies
    assert code == field_of(page, "code")


async def test_the_button_signs_in_once(browser: Visitor) -> None:
    """Whoever has the link later is told so."""
    code = await browser.link()

    first = await browser.post("/sign-in", code=code)
    again = await browser.post("/sign-in", code=code)
    opened = await browser.get(f"/sign-in?code={code}")

    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert (again.status_code, opened.status_code) == (403, 403)
    assert "used already" in again.text
    assert "set-cookie" not in again.headers


async def test_of_many_who_press_it_at_once_one_is_signed_in(browser: Visitor) -> None:
    """The database decides."""
    code = await browser.link()
    answers = await asyncio.gather(*(browser.post("/sign-in", code=code) for _ in range(20)))

    assert 1 == sum(answer.status_code == 303 for answer in answers)


async def test_a_link_ends_by_time_and_with_the_account(browser: Visitor) -> None:
    """A minute here; at once there, and for good."""
    late, gone = await browser.link(), await browser.link(browser.work.bob)
    await browser.work.service.people.deactivate("bob@example.org")
    browser.work.clock.advance(seconds=59)
    in_time = await browser.get(f"/sign-in?code={late}")
    browser.work.clock.advance(seconds=1)

    assert in_time.status_code == 200
    assert (await browser.post("/sign-in", code=late)).status_code == 403
    assert (await browser.post("/sign-in", code=gone)).status_code == 403


@pytest.mark.parametrize(
    "code",
    ["x", "0" * 43, "é" * 43, "a" * 10_000, "<script>", "' OR 1=1 --", "\r\nSet-Cookie: x=1"],
)
async def test_a_code_of_nobodys_signs_in_nobody(browser: Visitor, code: str) -> None:
    """And is not repeated."""
    asked = await browser.client.get("/sign-in", params={"code": code})
    sent = await browser.post("/sign-in", code=code)

    for answer in (asked, sent):
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert len(answer.text) < 1000


async def test_another_site_cannot_press_the_button(browser: Visitor) -> None:
    """It would sign the visitor in as somebody else, who would see the photo that they set."""
    code = await browser.link()
    browser.headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    assert (await browser.post("/sign-in", code=code)).status_code == 403
    assert "Sign in as" in (await browser.get(f"/sign-in?code={code}")).text


async def test_signing_out_ends_the_session_here_and_there(browser: Visitor) -> None:
    """A copy of the cookie is worth nothing afterwards."""
    await browser.sign_in()
    token = await browser.token()

    answer = await browser.post("/sign-out", token=token)
    page = await browser.get(answer.headers["location"])
    copied = await browser.client.get("/", headers={"Cookie": f"likeness_session={token}"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?out")
    assert {} == browser.cookies
    assert "You are signed out" in page.text
    assert "This session was ended" in copied.text


async def test_another_site_cannot_sign_anybody_out(browser: Visitor) -> None:
    """Neither by a form nor by a link."""
    await browser.sign_in()
    token = await browser.token()

    by_link = await browser.get("/sign-out")
    without_token = await browser.post("/sign-out")
    browser.headers = {"Origin": "https://evil.example"}
    by_form = await browser.post("/sign-out", token=token)

    assert [405, 403, 403] == [a.status_code for a in (by_link, without_token, by_form)]
    assert token == await browser.token()


async def test_signing_out_twice_is_signing_out(browser: Visitor) -> None:
    """As from a second window."""
    await browser.sign_in()
    token = await browser.token()
    await browser.post("/sign-out", token=token)

    answer: httpx.Response = await browser.post("/sign-out", token=token)

    assert answer.headers["location"] == "/sign-in?out"


async def test_nobody_is_sent_to_another_site(browser: Visitor) -> None:
    """Whatever stands in the address or the form."""
    await browser.sign_in()
    token = await browser.token()
    evil = "https://evil.example/"

    answers = [
        await browser.post(f"/?next={evil}&user={evil}", token=token, action="remove"),
        await browser.post(f"/sign-in?next={evil}", code=await browser.link(), next=evil),
        await browser.post(f"/sign-out?next={evil}", token=await browser.token(), next=evil),
    ]

    for answer in answers:
        assert "evil" not in answer.headers.get("location", "")
