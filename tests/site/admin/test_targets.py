"""The page `/targets`, and the lines about other programs on everybody's own page."""

import pytest

from likeness.elsewhere import Target
from support.browser import Visitor
from support.pictures import jpeg

pytestmark = pytest.mark.anyio


def add(browser: Visitor, name: str, team_id: str | None = None) -> None:
    """A target that nobody brings anything."""
    database, now = browser.work.service.database, browser.work.clock()
    url = "https://h.example.org"
    database.add_target(Target(name, name, "webhook", url, now, team_id))


async def test_only_administrators_see_how_targets_stand(browser: Visitor) -> None:
    """None of another workspace, and no address or error."""
    work = browser.work
    other = await work.service.people.add_team("Other")
    add(browser, "intranet")
    add(browser, "theirs", team_id=other.id)
    await work.service.photos.set(work.ada, jpeg(600, 600), None)
    nobody = await browser.get("/targets")
    await browser.sign_in()
    refused = await browser.get("/targets")
    await browser.administer()
    page = await browser.get("/targets")

    assert "Ask whoever runs this service for a link" in nobody.text
    assert refused.status_code == 403
    assert "intranet" in page.text
    assert "theirs" not in page.text
    assert "h.example.org" not in page.text


async def test_an_installation_without_targets_says_so(browser: Visitor) -> None:
    await browser.administer()

    assert "There are none." in (await browser.get("/targets")).text
    assert "Also shown in" not in (await browser.get("/")).text


async def test_everybody_sees_where_their_photo_is_also_shown(browser: Visitor) -> None:
    work = browser.work
    add(browser, "intranet")
    await browser.sign_in(await work.again(work.ada))
    assert "Also shown in" not in (await browser.get("/")).text

    await work.service.photos.set(work.ada, jpeg(600, 600), None)
    page = (await browser.get("/")).text

    assert "Also shown in" in page
    assert "<bdi>intranet</bdi>: not yet; on its way" in page
