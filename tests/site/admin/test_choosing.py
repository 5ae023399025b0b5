"""The page that asks before something is done to many, and what comes of its form."""

import csv
import io

import pytest

from likeness.site.admin import choosing
from support.browser import Visitor, field_of
from support.pictures import jpeg

pytestmark = pytest.mark.anyio

CHANGE = "/people/change"


async def test_the_page_names_those_who_are_meant(browser: Visitor) -> None:
    """And does nothing yet; strangers among them are left out."""
    work = browser.work
    await work.service.people.add_team("Other")
    stranger = await work.service.people.add_user("x@example.org", "Other", name="Stranger")
    await browser.administer()
    path = f"{CHANGE}?do=hide&chosen={work.bob.id}&chosen={stranger.id}&chosen=U404"
    page = (await browser.get(path)).text

    assert "Hide from look-ups: 1 person?" in page
    assert field_of(page, "chosen") == work.bob.id
    assert "Stranger" not in page
    assert (await work.again(work.bob)).is_listed


async def test_many_are_named_in_part(browser: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others as a number."""
    monkeypatch.setattr(choosing, "NAMED_MAX", 1)
    await browser.administer()

    page = (await browser.get(f"{CHANGE}?do=lock&all=yes")).text

    assert "Lock the photo: 2 people?" in page
    assert "and 1 more" in page
    assert 'name="reason"' in page


async def test_the_form_changes_those_who_were_chosen(browser: Visitor) -> None:
    """And says how many; counts are counted again."""
    work = browser.work
    token = await browser.administer()
    await browser.get("/people")
    answer = await browser.post(
        CHANGE, token=token, do="lock", chosen=f"{work.bob.id} U404", reason="the badge shows it"
    )
    [event] = work.service.database.events(limit=1, user_id=work.bob.id)
    counted = (await browser.get("/people")).text

    assert "1 person is locked." in answer.text
    assert (await work.again(work.bob)).lock_reason == "the badge shows it"
    assert (event.verb, event.actor, event.origin) == (
        "user.locked",
        work.ada.id,
        "192.0.2.0/24",
    )
    assert '<option value="locked">Locked (1)</option>' in counted


async def test_all_that_match_are_changed_if_their_number_is_what_was_told(
    browser: Visitor,
) -> None:
    """Else the page asks again, with the number of now."""
    work = browser.work
    for name in ("p1", "p2"):
        await work.service.people.add_user(f"{name}@crowd.example")
    token = await browser.administer()
    asked = (await browser.get(f"{CHANGE}?do=hide&all=yes&q=crowd&state=no-photo")).text
    assert [field_of(asked, name) for name in ("q", "state", "count")] == ["crowd", "no-photo", "2"]
    await work.service.people.add_user("p3@crowd.example")
    fields = {"token": token, "do": "hide", "all": "yes", "q": "crowd", "state": "no-photo"}
    again = (await browser.post(CHANGE, None, **fields, count="2")).text
    hidden = [user.is_listed for user in [await work.again(work.bob)]]
    odd = (await browser.post(CHANGE, None, **fields, count="many")).text
    done = (await browser.post(CHANGE, None, **fields, count="3")).text

    assert "The number has changed" in again
    assert field_of(again, "count") == "3"
    assert "The number has changed" in odd
    assert hidden == [True]
    assert "3 people are hidden." in done
    assert (await work.again(work.bob)).is_listed


async def test_what_could_not_be_done_is_named(
    browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some by name, the others as a number."""
    monkeypatch.setattr(choosing, "NAMED_MAX", 1)
    token = await browser.administer()
    page = (await browser.post(CHANGE, token=token, do="lock", all="yes", count="2")).text

    assert "0 people are locked." in page
    assert "Could not be done" in page
    assert "one sentence why" in page
    assert "and 1 more" in page


async def test_photos_are_removed_for_good(browser: Visitor) -> None:
    """By an administrator."""
    work = browser.work
    await work.service.photos.set(work.bob, jpeg(600, 600), None)
    token = await browser.administer()
    asked = (await browser.get(f"{CHANGE}?do=remove&chosen={work.bob.id}")).text
    done = (await browser.post(CHANGE, token=token, do="remove", chosen=work.bob.id)).text

    assert "cannot be undone" in asked
    assert "1 person is without a photo now." in done
    bob = await work.again(work.bob)
    assert (bob.photo, bob.photo_source) == (None, "administrator")


async def test_links_come_as_a_file(browser: Visitor) -> None:
    """For spreadsheets, which take nothing in it for a formula; each signs one person in."""
    work = browser.work
    await work.service.people.rename("bob@example.org", "=1+1")
    token = await browser.administer()
    asked = (await browser.get(f"{CHANGE}?do=links&all=yes")).text
    answer = await browser.post(CHANGE, token=token, do="links", all="yes", count="2", days="3")
    rows = {row["email"]: row for row in csv.DictReader(io.StringIO(answer.text))}

    assert 'name="days"' in asked
    assert answer.headers["content-disposition"] == 'attachment; filename="sign-in-links.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert rows["bob@example.org"]["name"] == "'=1+1"
    assert rows["bob@example.org"]["link"].startswith("http://likeness.invalid/sign-in?code=")
    assert rows["bob@example.org"]["expires_at"].startswith("2026-11-26T12:00:00")
    assert rows["ada@example.org"]["link"] == ""
    assert "command line" in rows["ada@example.org"]["trouble"]
    page = await browser.get(rows["bob@example.org"]["link"])
    assert "Sign in as =1+1?" in page.text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"{CHANGE}?do=hide", "Nobody was chosen"),
        (f"{CHANGE}?do=hide&all=yes&q=zzz", "Nobody was chosen"),
        (f"{CHANGE}?do=erase&all=yes", "Say what is to be done"),
    ],
)
async def test_without_a_choice_or_an_act_nothing_is_asked(
    browser: Visitor, path: str, said: str
) -> None:
    """It says what is missing."""
    await browser.administer()
    answer = await browser.get(path)

    assert answer.status_code == 403
    assert said in answer.text


async def test_a_request_names_a_bounded_number_of_people(
    browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of more, none is changed."""
    monkeypatch.setattr(choosing, "CHOSEN_MAX", 1)
    token = await browser.administer()
    both = f"{browser.work.ada.id} {browser.work.bob.id}"
    asked = await browser.get(f"{CHANGE}?do=hide&all=yes")
    sent = await browser.post(CHANGE, token=token, do="hide", chosen=both)

    assert "More than 1 people match" in asked.text
    assert "More than 1 people match" in sent.text
    assert (await browser.work.again(browser.work.bob)).is_listed


async def test_nobody_else_changes_anything(browser: Visitor) -> None:
    """Neither without a session, nor without the right, nor with a forged form or origin."""
    work = browser.work
    fields = {"do": "hide", "chosen": work.bob.id}
    nobody = await browser.post(CHANGE, None, token="forged", **fields)
    asked = await browser.get(f"{CHANGE}?do=hide&all=yes")
    await browser.sign_in()
    other = await browser.post(CHANGE, None, token=await browser.token(), **fields)
    asked_other = await browser.get(f"{CHANGE}?do=hide&all=yes")
    token = await browser.administer()
    forged = await browser.post(CHANGE, None, token="forged", **fields)
    browser.headers["Origin"] = "http://elsewhere.invalid"
    strange = await browser.post(CHANGE, None, token=token, **fields)

    answers = [nobody, other, asked_other, forged, strange]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert "Ask whoever runs" in asked.text
    assert (await work.again(work.bob)).is_listed


async def test_people_of_other_workspaces_stay_as_they_are(browser: Visitor) -> None:
    """Whatever ids an administrator of this one sends."""
    work = browser.work
    await work.service.people.add_team("Other")
    stranger = await work.service.people.add_user("x@example.org", "Other")
    token = await browser.administer()
    answer = await browser.post(
        CHANGE, token=token, do="hide", chosen=f"{stranger.id} {work.bob.id}"
    )

    assert "1 person is hidden." in answer.text
    assert (await work.again(stranger)).is_listed
