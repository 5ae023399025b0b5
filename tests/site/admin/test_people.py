"""The page `/people`, without scripts: who sees it, whom it has, and in which order."""

import re
from pathlib import Path

import pytest

from likeness.roster import ROWS
from support.browser import Visitor, visitor
from support.pictures import jpeg

pytestmark = pytest.mark.anyio


def names(page: str) -> list[str]:
    """Whom the table names, in its order."""
    return re.findall(r'<th scope="row"><a href="[^"]*"><bdi>([^<]*)</bdi>', page)


async def test_only_administrators_see_it(browser: Visitor) -> None:
    """Nobody signs in first; others are told whom to ask, and have no link to it."""
    nobody = await browser.get("/people")
    await browser.sign_in()
    other, home = await browser.get("/people"), await browser.get("/")
    await browser.administer()
    page, theirs = await browser.get("/people"), await browser.get("/")

    assert "Ask whoever runs this service for a link" in nobody.text
    assert other.status_code == 403
    assert "Ask them for what you need" in other.text
    assert 'href="/people"' not in home.text
    assert names(page.text) == ["ada", "bob"]
    assert 'href="/people"' in theirs.text
    assert f'href="/?user={browser.work.bob.id}"' in page.text


async def test_a_row_says_what_is_so_of_somebody(browser: Visitor) -> None:
    """Photo, source, pixels, day and state; a name that is markup is text."""
    work = browser.work
    people = work.service.people
    await people.rename("bob@example.org", "<script>alert(1)</script>")
    await people.lock("bob@example.org", "so")
    await people.set_listed("bob@example.org", is_listed=False)
    await work.service.photos.set(work.ada, jpeg(600, 600), None)
    await people.add_user("robot@example.org", is_bot=True)
    await people.deactivate("robot@example.org")
    await browser.administer()
    page = (await browser.get("/people")).text
    ada = await work.again(work.ada)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "Locked, Hidden" in page
    assert "Bot, Left" in page
    assert ada.photo
    assert work.service.photos.url(ada.photo, 72) in page
    assert "Own choice" in page
    assert "600 × 600" in page
    assert f'<time datetime="{ada.photo.set_at:%Y-%m-%d}">' in page


async def test_a_search_and_a_state_narrow_it_together(browser: Visitor) -> None:
    """What was typed stays in the box; what is unknown is not asked; counts stand in the select."""
    work = browser.work
    await work.service.people.rename("bob@example.org", "Jürgen Müller")
    await work.service.people.lock("ada@example.org", "so")
    await browser.administer()
    found = (await browser.get("/people?q=M%C3%9CLL&state=no-photo")).text
    locked = (await browser.get("/people?state=locked")).text
    none = (await browser.get("/people?q=m%C3%BCll&state=locked")).text
    odd = (await browser.get("/people?state=%00&after=%00")).text

    assert names(found) == ["Jürgen Müller"]
    assert 'value="MÜLL"' in found
    assert '<option value="no-photo" selected>Without a photo (2)</option>' in found
    assert names(locked) == ["ada"]
    assert names(none) == []
    assert "Nobody matches" in none
    assert names(odd) == ["ada", "Jürgen Müller"]


async def test_pages_go_on_behind_the_last_one(browser: Visitor) -> None:
    """Fifty at a time, and all of a search can be chosen only where the page has not all."""
    work = browser.work
    for number in range(ROWS + 3):
        await work.service.people.add_user(f"p{number:03}@crowd.example")
    await browser.administer()
    first = (await browser.get("/people?q=crowd")).text
    [following] = re.findall(r'href="(/people\?[^"]*after=[^"]*)"', first)
    second = (await browser.get(following.replace("&amp;", "&"))).text
    everybody = (await browser.get("/people")).text

    assert len(names(first)) == ROWS
    assert names(first) + names(second) == [f"p{number:03}" for number in range(ROWS + 3)]
    assert "after=" not in second
    assert f"All {ROWS + 3} that match" in first
    assert f"All {ROWS + 3} that match" in second
    assert f"All {ROWS + 5} that match" in everybody
    behind = (await browser.get(f"/people?q=crowd&after={work.bob.id}")).text
    assert names(behind) == [f"p{number:03}" for number in range(ROWS)]


async def test_the_last_page_may_be_empty_by_now(browser: Visitor) -> None:
    """Then it says so, and leads to the first one."""
    await browser.administer()
    page = (await browser.get(f"/people?after={browser.work.bob.id}")).text

    assert "nobody behind the page before" in page
    assert '<a href="/people">First page</a>' in page


async def test_faces_are_for_administrators_unless_it_is_set(browser: Visitor) -> None:
    """With their states, and the way back to the table."""
    await browser.work.service.people.set_listed("bob@example.org", is_listed=False)
    await browser.administer()
    page = (await browser.get("/people?view=faces&state=hidden")).text

    assert f'<a href="/?user={browser.work.bob.id}"><bdi>bob</bdi></a>' in page
    assert "Hidden" in page
    assert 'href="/people?state=hidden">Table' in page
    assert "Nobody matches" in (await browser.get("/people?view=faces&q=zzz")).text


async def test_where_it_is_set_everybody_sees_the_faces_of_others(tmp_path: Path) -> None:
    """Names and photos alone, of nobody who is hidden, gone, or a bot; found by name alone."""
    async with visitor(tmp_path, people_page="everybody") as browser:
        people = browser.work.service.people
        for name in ("hidden", "gone", "shown"):
            await people.add_user(f"{name}@example.org")
        await people.set_listed("hidden@example.org", is_listed=False)
        await people.deactivate("gone@example.org")
        await people.add_user("robot@example.org", is_bot=True)
        await browser.sign_in()
        page = (await browser.get("/people?state=left&view=table")).text
        by_name = (await browser.get("/people?q=SHO")).text
        by_address = (await browser.get("/people?q=example")).text
        home = (await browser.get("/")).text

    assert re.findall(r"<bdi>([^<]*)</bdi>", page.partition("<main")[2]) == ["ada", "bob", "shown"]
    assert "@example.org" not in page.partition("<main")[2]
    assert "/?user=" not in page
    assert "shown" in by_name.partition("<main")[2]
    assert "Nobody matches" in by_address
    assert 'href="/people"' in home
