"""The page: whose it is, what it is given to show, and what its form has to bring."""

import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from likeness.db.schema import users
from likeness.model import SIZES
from likeness.site.views import Views
from support import web
from support.browser import Visitor, visitor
from support.live import LiveServer
from support.pictures import jpeg

pytestmark = pytest.mark.anyio


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What page.html is given, each time; it goes on being shown."""
    seen: list[dict[str, Any]] = []
    shown = Views.page

    def page(self: Views, name: str, context: dict[str, Any], status: int = 200) -> Any:
        if name == "page.html":
            seen.append(context)
        return shown(self, name, context, status)

    monkeypatch.setattr(Views, "page", page)
    return seen


async def test_the_page_is_given_everything_that_it_shows(
    browser: Visitor, contexts: list[dict[str, Any]]
) -> None:
    """By the names that its template uses."""
    await browser.sign_in()
    await browser.change(jpeg(600, 600))
    await browser.get("/?done=set")
    context = contexts[-1]
    ada = await browser.work.again(browser.work.ada)

    assert ada.photo
    assert {
        *("token", "viewer", "user", "team", "is_other", "urls", "default_urls", "by_hash_url"),
        *("facts", "sign_out_url", "message", "photos", "people_path", "log", "older_id"),
        "showings",
    } == set(context)
    assert (ada, ada, False) == (context["viewer"], context["user"], context["is_other"])
    assert context["team"].name == "Acme"
    assert context["urls"]["512"] == browser.work.service.photos.url(ada.photo, 512)
    assert list(context["default_urls"]) == [*SIZES]
    assert context["by_hash_url"].endswith(f"/avatar/{sha256(ada.email.encode()).hexdigest()}")
    assert context["facts"].side_px_min == 512
    assert context["sign_out_url"] == "/sign-out"
    assert context["message"] == {"kind": "ok", "text": "The photo is set.", "code": ""}
    assert [photo["state"] for photo in context["photos"]] == ["current"]
    assert context["photos"][0]["image_72"] == context["urls"]["72"]


async def test_a_refusal_is_a_message(browser: Visitor, contexts: list[dict[str, Any]]) -> None:
    """Its sentence for people, its code for those whom they ask."""
    await browser.sign_in()
    await browser.change(jpeg(300, 300))

    message = contexts[-1]["message"]
    assert (message["kind"], message["code"]) == ("error", "bad_image")
    assert "300x300" in message["text"]


@pytest.mark.parametrize("query", ["", "?done=", "?done=<script>", "?done=x&done=set", "?x=y"])
async def test_only_words_of_ours_become_messages(
    browser: Visitor, contexts: list[dict[str, Any]], query: str
) -> None:
    """Else a link could put any sentence on the page."""
    await browser.sign_in()
    await browser.get(f"/{query}")

    message = contexts[-1]["message"]
    assert message is None or message["text"] == "The photo is set."


@pytest.mark.parametrize("case", ["off", "hidden"])
async def test_who_is_not_found_by_hash_has_no_such_address(
    tmp_path: Path, contexts: list[dict[str, Any]], case: str
) -> None:
    """Where nobody is, or where they are hidden."""
    async with visitor(tmp_path, email_avatars="off" if case == "off" else "public") as browser:
        if case == "hidden":
            await browser.work.service.people.set_listed("ada@example.org", is_listed=False)
        await browser.sign_in()
        await browser.get("/")

    assert contexts[-1]["by_hash_url"] == ""


@pytest.mark.parametrize("by", ["id", "email"])
async def test_an_administrator_opens_the_page_of_others(
    browser: Visitor, contexts: list[dict[str, Any]], by: str
) -> None:
    """Of their own workspace; the photos are the other's."""
    work = browser.work
    await work.service.photos.set(work.bob, jpeg(600, 600), None)
    await work.service.people.set_admin("ada@example.org", is_admin=True)
    await browser.sign_in()

    answer = await browser.get(f"/?user={getattr(work.bob, by)}")

    assert answer.status_code == 200
    assert contexts[-1]["viewer"].id == work.ada.id
    assert contexts[-1]["user"].id == work.bob.id
    assert contexts[-1]["is_other"] is True
    assert 1 == len(contexts[-1]["photos"])


async def test_others_do_not(browser: Visitor) -> None:
    """But everybody may name themselves."""
    await browser.sign_in()
    ada, bob = browser.work.ada, browser.work.bob

    assert (await browser.get(f"/?user={bob.id}")).status_code == 403
    assert (await browser.get(f"/?user={ada.id}")).status_code == 200
    for named in (ada.email, ada.email.title()):
        assert (await browser.get(f"/?user={named}")).status_code == 200


async def test_an_administrator_is_told_who_is_not_there(browser: Visitor) -> None:
    """Nobody of this id or address, somebody who left, somebody of another workspace."""
    people = browser.work.service.people
    await people.set_admin("ada@example.org", is_admin=True)
    await people.add_team("Other")
    other = await people.add_user("eve@example.org", "Other")
    await people.deactivate("bob@example.org")
    await browser.sign_in()
    statuses = [
        (await browser.get(f"/?user={named}")).status_code
        for named in ("U000", "x@y.example", "bob@example.org", browser.work.bob.id, other.id)
    ]

    assert statuses == [404, 404, 404, 403, 404]


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", "http://likeness.invalid:1"]
)
async def test_a_form_from_elsewhere_changes_nothing(browser: Visitor, origin: str) -> None:
    """Even with the right token, which no other site can know."""
    await browser.sign_in()
    token = await browser.token()
    browser.headers = {"Origin": origin} if origin else {}

    answer = await browser.post("/", jpeg(600, 600), token=token)

    assert answer.status_code == 403
    assert (await browser.work.again(browser.work.ada)).photo is None


@pytest.mark.parametrize("token", ["", "x", "xoxp-" + "0" * 49])
async def test_a_form_without_the_sessions_token_changes_nothing(
    browser: Visitor, token: str
) -> None:
    """Even from our own origin."""
    await browser.sign_in()

    answer = await browser.post("/", jpeg(600, 600), token=token)

    assert answer.status_code == 403
    assert (await browser.work.again(browser.work.ada)).photo is None


async def test_a_form_of_a_session_that_is_over_leads_to_signing_in(browser: Visitor) -> None:
    """With a sentence that says why, and without the cookie."""
    await browser.sign_in()
    token = await browser.token()
    browser.work.clock.advance(hours=13)

    answer = await browser.post("/", jpeg(600, 600), token=token)

    assert answer.status_code == 403
    assert "signed in for long enough" in answer.text
    assert "max-age=0" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 400),
        (b"x" * 100, "multipart/form-data", 400),
        (b"{}", "application/xml", 400),
        (b"token=a&token=b", "application/x-www-form-urlencoded", 400),
        (b"a" * 3_000_000, "text/plain", 403),
    ],
)
async def test_what_is_no_form_is_refused_with_a_page(
    browser: Visitor, body: bytes, kind: str, status: int
) -> None:
    """As the API refuses it, with words for people."""
    await browser.sign_in()
    headers = {**browser.headers, "Content-Type": kind}

    answer = await browser.client.post("/", content=body, headers=headers)

    assert status == answer.status_code
    assert "text/html" in answer.headers["content-type"]


@pytest.mark.parametrize(
    ("kind", "length", "status"),
    [
        ("multipart/form-data; boundary=x", 3_000_000, 403),
        ("application/x-www-form-urlencoded", 6 * 2**20, 403),
        ("application/json", 10, 403),
        ("application/xml", 10, 400),
        ("multipart/form-data; boundary=x", 40 * 2**20, 413),
    ],
)
async def test_without_a_session_no_form_is_parsed(
    browser: Visitor, kind: str, length: int, status: int
) -> None:
    """What its head says is judged as always; the rest is read away, for nobody could use it.

    None of these bodies is a form.
    """
    headers = {**browser.headers, "Content-Type": kind}

    answer = await browser.client.post("/", content=b"%" * length, headers=headers)

    assert (status, "close") == (answer.status_code, answer.headers["connection"])
    assert ("sign in" in answer.text.lower()) == (status == 403)


async def test_who_is_locked_sees_the_photo_and_why(browser: Visitor) -> None:
    """Nothing on the page leads to a refusal; an old tab that sends its form is told the same."""
    await browser.sign_in()
    await browser.change(jpeg(600, 600))
    token = await browser.token()
    with browser.work.service.database._write() as connection:
        connection.execute(update(users).values(lock_reason="the badge shows it"))

    page = await browser.get("/")
    refused = await browser.post("/", jpeg(600, 600, seed=2), token=token)

    for answer in (page, refused):
        assert "the badge shows it; ask them." in answer.text
        assert 'enctype="multipart/form-data"' not in answer.text
        assert "_192.jpg" in answer.text
    assert "access_denied" in refused.text


async def test_an_administrator_sees_the_page_of_a_locked_person(browser: Visitor) -> None:
    """With everything on it."""
    await browser.work.service.people.set_admin("bob@example.org", is_admin=True)
    await browser.sign_in(await browser.work.again(browser.work.bob))
    with browser.work.service.database._write() as connection:
        connection.execute(update(users).values(lock_reason="the badge shows it"))

    page = await browser.get(f"/?user={browser.work.ada.id}")

    assert 'enctype="multipart/form-data"' in page.text


async def test_the_longest_picture_comes_through_the_form(browser: Visitor) -> None:
    """It is in memory twice: in the form, and in the call that the page makes with it."""
    await browser.sign_in()
    picture = jpeg(600, 600)
    padding = bytes(browser.work.service.config.prepared_bytes_max - len(picture))

    assert (await browser.change(picture + padding)).status_code == 303


async def test_an_upload_above_the_limit_is_refused_with_a_page(tmp_path: Path) -> None:
    """By its announced length."""
    async with visitor(tmp_path, prepared_bytes_max="2048") as browser:
        await browser.sign_in()
        answer = await browser.change(b"x" * 3_000_000)

    assert answer.status_code == 413
    assert "too_large" in answer.text


@pytest.mark.slow
def test_over_a_socket_a_browser_signs_in_and_sets_a_photo(tmp_path: Path) -> None:
    """From the link that the command line prints to the photo's URL; HEAD has no body."""
    with LiveServer(tmp_path / "data") as live:
        link = _link(live)
        with web.Client(base_url=live.url, headers={"Origin": live.url}) as browser:
            code = link.partition("code=")[2]
            assert "Sign in as" in browser.get(link).text
            assert browser.post("/sign-in", data={"code": code}).status_code == 303
            page = browser.get("/")
            token = re.search(r'name="token" value="([^"]+)"', page.text)
            assert token
            sent = browser.post("/", data={"token": token[1]}, files={"image": jpeg(600, 600)})
            assert sent.headers["location"] == "/?done=set"
            assert browser.head("/").content == b""
            profile = web.get(
                f"{live.api}users.profile.get", headers={"Authorization": f"Bearer {token[1]}"}
            ).json()["profile"]
        assert web.get(profile["image_512"]).status_code == 200
        assert code not in live.log()


def _link(live: LiveServer) -> str:
    """What `likeness user link` prints for Ada, who is added first."""
    likeness = [sys.executable, "-m", "likeness"]
    for words in (["workspace", "add", "Acme"], ["user", "add", "ada@example.org"]):
        subprocess.run([*likeness, *words], env=live.environment, check=True, capture_output=True)
    return subprocess.run(
        [*likeness, "user", "link", "ada@example.org"],
        env=live.environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
