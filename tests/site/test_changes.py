"""The form without JavaScript: each thing it can ask for, by the methods that scripts call."""

import pytest

from likeness.scopes import ADMIN_SCOPE
from likeness.site.changes import sentences
from support.browser import Visitor
from support.pictures import jpeg, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(browser: Visitor) -> Visitor:
    """Ada, signed in."""
    await browser.sign_in()
    return browser


async def shown(browser: Visitor) -> tuple[int, int]:
    """The sides of the whole picture that Ada shows."""
    photo = (await browser.work.again(browser.work.ada)).photo
    assert photo
    return photo.width, photo.height


@pytest.mark.parametrize("crop", ["", "whole", "centre"])
@pytest.mark.parametrize(("width", "height"), [(640, 600), (1500, 1100)])
async def test_a_photo_is_set_whole_or_from_its_middle(
    ada: Visitor, crop: str, width: int, height: int
) -> None:
    """In one step or, where it is too big for that, from a prepared copy."""
    answer = await ada.change(jpeg(width, height), crop=crop)

    assert (answer.status_code, answer.headers["location"]) == (303, "/?done=set")
    photo = (await ada.work.again(ada.work.ada)).photo
    assert photo
    data = await ada.work.service.delivery.read(photo.key("512"))
    assert data
    picture = opened(data).convert("RGB")
    assert picture.size == (512, 512)
    # A letterboxed picture has a bar along its upper edge; one cut from the middle has none.
    assert (crop != "centre") == (picture.getpixel((256, 2)) == (0, 0, 0))


async def test_a_photo_is_removed_and_an_earlier_one_comes_back(ada: Visitor) -> None:
    """By the id in the list that the page shows."""
    await ada.change(jpeg(600, 600, 1))
    ada.work.clock.advance(seconds=1)
    await ada.change(jpeg(700, 600, 2))
    first = (await ada.work.service.photos.history(ada.work.ada))[1]

    restored = await ada.change(action="restore", photo=str(first.id))
    sides = await shown(ada)
    removed = await ada.change(action="remove")

    assert restored.headers["location"] == "/?done=restore"
    assert sides == (600, 600)
    assert removed.headers["location"] == "/?done=remove"
    assert (await ada.work.again(ada.work.ada)).photo is None


@pytest.mark.parametrize(
    ("image", "fields", "status", "code"),
    [
        (b"", {}, 400, "bad_image"),
        (b"no picture", {"crop": "centre"}, 400, "bad_image"),
        (jpeg(300, 300), {}, 400, "bad_image"),
        (jpeg(300, 300), {"crop": "centre"}, 400, "bad_image"),
        (None, {}, 400, "bad_image"),
        (None, {"action": "restore", "photo": "7"}, 400, "not_found"),
        (None, {"action": "explode"}, 400, "invalid_arguments"),
    ],
)
async def test_what_cannot_be_is_told_on_the_page(
    ada: Visitor, image: bytes | None, fields: dict[str, str], status: int, code: str
) -> None:
    """The page again, with its form; nothing has changed."""
    await ada.change(jpeg(600, 600))
    before = (await ada.work.again(ada.work.ada)).photo

    answer = await ada.change(image, **fields)

    assert status == answer.status_code
    assert 'name="token"' in answer.text
    assert before == (await ada.work.again(ada.work.ada)).photo
    assert code in ("bad_image", "not_found", "invalid_arguments")


async def test_an_administrator_changes_what_is_anothers(browser: Visitor) -> None:
    """Also from a picture that has to be prepared; back to the page of that person."""
    work = browser.work
    await work.service.people.set_admin("ada@example.org", is_admin=True)
    await browser.sign_in()

    for picture, crop in ((jpeg(600, 600), ""), (jpeg(1500, 1100), "centre")):
        answer = await browser.change(picture, crop=crop, user=work.bob.id)
        assert answer.headers["location"] == f"/?done=set&user={work.bob.id}"

    assert (await work.again(work.bob)).photo is not None
    assert (await work.again(work.ada)).photo is None
    assert ADMIN_SCOPE


async def test_nobody_else_does(ada: Visitor) -> None:
    """The field is there for anybody to add."""
    answer = await ada.change(jpeg(600, 600), user=ada.work.bob.id)

    assert answer.status_code == 403
    assert (await ada.work.again(ada.work.bob)).photo is None
    assert (await ada.work.again(ada.work.ada)).photo is None


@pytest.mark.parametrize("crop", ["whole", "centre"])
async def test_how_the_picture_was_changed_is_told_on_the_page(ada: Visitor, crop: str) -> None:
    """In the same answer, since no address may carry what the page says; it shows the new photo."""
    answer = await ada.change(jpeg(640, 600)[:-2], crop=crop)

    assert answer.status_code == 200
    told = "The photo is set. The file is cut off or a checksum in it is wrong; all its pixels were"
    assert told in answer.text
    photo = (await ada.work.again(ada.work.ada)).photo
    assert photo
    assert ada.work.service.photos.url(photo, 192) in answer.text


def test_messages_are_sentences_for_people() -> None:
    """Without the marks that are for programs, of one level; an answer may have none."""
    said = ["[ERROR] picture is 300x200 pixels [json-pointer:/image]", "[WARN] it was turned"]
    answer = {"response_metadata": {"messages": said}}

    assert sentences("ERROR", answer) == "Picture is 300x200 pixels."
    assert sentences("WARN", {"ok": True}, answer, answer) == "It was turned. It was turned."
