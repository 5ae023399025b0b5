"""The page that says where somebody is seen, and hiding from look-ups."""

from pathlib import Path

import pytest
from sqlalchemy import update

from likeness.db.schema import users
from support.browser import ADDRESS, Visitor, visitor

pytestmark = pytest.mark.anyio


async def test_an_administrator_reads_where_somebody_is_seen(browser: Visitor) -> None:
    """From a link on the page of that person; others read it of themselves only."""
    work = browser.work
    await browser.sign_in()
    own, others = await browser.get("/explain"), await browser.get(f"/explain?user={work.bob.id}")
    await browser.administer()
    page = await browser.get(f"/?user={work.bob.id}")
    told = await browser.get(f"/explain?user={work.bob.id}")

    assert "WordPress (ada@example.org)" in own.text
    assert others.status_code == 403
    assert f'href="/explain?user={work.bob.id}"' in page.text
    assert "WordPress (bob@example.org)" in told.text
    assert "There is no photo" in told.text


async def test_nobody_reads_it_without_a_session(browser: Visitor) -> None:
    """They are offered to sign in."""
    assert "sign in" in (await browser.get("/explain")).text.lower()


async def test_people_hide_and_show_themselves(browser: Visitor) -> None:
    """The log says that it was they, and the page what it means."""
    work = browser.work
    await browser.sign_in()

    for listed, said in [("no", "Let me be found"), ("yes", "Let nobody find me")]:
        answer = await browser.post("/explain", token=await browser.token(), listed=listed)
        assert (answer.status_code, answer.headers["location"]) == (303, "/explain")
        assert said in (await browser.get("/explain")).text
        assert (await work.again(work.ada)).is_listed is (listed == "yes")

    newest = work.service.database.events(limit=2, user_id=work.ada.id)
    assert [event.verb for event in newest] == ["user.unhidden", "user.hidden"]
    assert {(event.actor, event.source) for event in newest} == {(work.ada.id, "self")}


async def test_behind_a_proxy_the_log_has_the_network_of_the_visitor(tmp_path: Path) -> None:
    """As for photos, and not that of the proxy."""
    async with visitor(tmp_path, proxy_addresses=f"{ADDRESS}/32") as browser:
        await browser.sign_in()
        browser.headers["X-Forwarded-For"] = "198.51.100.9"
        await browser.post("/explain", token=await browser.token(), listed="no")
        [newest] = browser.work.service.database.events(limit=1)

    assert (newest.verb, newest.origin) == ("user.hidden", "198.51.100.0/24")


async def test_who_is_locked_may_still_hide(browser: Visitor) -> None:
    """No lock forces a face to be public."""
    work = browser.work
    await browser.sign_in()
    token = await browser.token()
    with work.service.database._write() as connection:
        connection.execute(update(users).values(lock_reason="the badge shows it"))

    assert 'href="/explain"' in (await browser.get("/")).text
    await browser.post("/explain", token=token, listed="no")

    assert not (await work.again(work.ada)).is_listed


async def test_nobody_hides_somebody_else(browser: Visitor) -> None:
    """Neither without a session nor with a forged form; an administrator has the command line."""
    work = browser.work
    nobody = await browser.post("/explain", token="forged", listed="no")
    await browser.sign_in()
    forged = await browser.post("/explain", token="forged", listed="no")
    browser.headers["Origin"] = "http://elsewhere.invalid"
    strange = await browser.post("/explain", token=await browser.token(), listed="no")

    assert [nobody.status_code, forged.status_code, strange.status_code] == [403] * 3
    assert (await work.again(work.ada)).is_listed
