"""What a page says that was done to somebody."""

import pytest

from likeness.events import OPERATOR, Actor, Verb
from likeness.model import Source
from likeness.site import telling
from support.browser import Visitor
from support.pictures import jpeg

pytestmark = pytest.mark.anyio


def test_everything_that_is_done_to_people_has_its_words() -> None:
    """Workspaces have no page, and nobody reads the page of who was erased."""
    without = {verb for verb in Verb if verb.value.startswith("workspace.")} | {Verb.USER_ERASED}

    assert set(telling._WORDS) == set(Verb) - without


async def test_people_learn_who_changed_their_photo_and_why(browser: Visitor) -> None:
    """But not from where; what they did themselves is not told to them."""
    work = browser.work
    people, photos = work.service.people, work.service.photos
    by = Actor.on(work.ada, work.bob, "198.51.100.9")
    await photos.set(work.ada, jpeg(600, 600), None)
    await photos.set(work.ada, jpeg(600, 600, 2), None, by=by)
    await people.lock("ada@example.org", "the <b>badge</b> shows it", by=by)
    await people.unlock("ada@example.org")
    await browser.sign_in()
    page = (await browser.get("/")).text.partition('id="log"')[2].partition("</section>")[0]

    assert "What others did" in page
    assert page.count("<li>") == 3
    assert "<bdi>bob@example.org</bdi> set the photo" in page
    assert "locked the photo: <bdi>the &lt;b&gt;badge&lt;/b&gt; shows it</bdi>" in page
    assert "<bdi>The command line</bdi> unlocked the photo" in page
    assert "198.51.100" not in page
    assert "added the account" not in page


async def test_who_is_locked_reads_it_too(browser: Visitor) -> None:
    """On the page that they have in place of the other."""
    await browser.work.service.people.lock("ada@example.org", "the badge shows it")
    await browser.sign_in()
    page = (await browser.get("/")).text

    assert "locked the photo: <bdi>the badge shows it</bdi>" in page


async def test_administrators_read_all_of_it(
    browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From where, by which import, and page by page; the heading names whose photo it is."""
    monkeypatch.setattr(telling, "ENTRIES", 2)
    work = browser.work
    database, now = work.service.database, work.clock.now
    imported = Actor("cli", Source.IMPORT, batch_id="0badcafe")
    database.add_event(now, imported, work.bob.id, Verb.PHOTO_SET)
    database.add_event(
        now,
        Actor(work.ada.id, Source.ADMINISTRATOR, "198.51.100.0/24"),
        work.bob.id,
        Verb.USER_HIDDEN,
    )
    database.add_event(now, OPERATOR, work.bob.id, Verb.USER_UNHIDDEN)
    await browser.administer()
    page = (await browser.get(f"/?user={work.bob.id}")).text
    newest = page.partition('id="log"')[2]
    before = newest.partition("before=")[2].partition("#")[0]
    older = (await browser.get(f"/?user={work.bob.id}&before={before}")).text
    odd = (await browser.get(f"/?user={work.bob.id}&before=x")).text

    assert "<h1>Photo of <bdi>bob</bdi></h1>" in page
    assert "<bdi>bob@example.org</bdi>" in page
    assert "Frame the photo of <bdi>bob</bdi>" in page
    assert "<bdi>You</bdi> hid from look-ups" in newest
    assert "from 198.51.100.0/24" in newest
    assert "set the photo: <bdi>by import 0badcafe</bdi>" in older
    assert "added the account" in older
    assert "Older entries" not in older
    assert "Older entries" in odd
