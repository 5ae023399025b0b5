"""From a picture in somebody's hands to the photo that everybody sees: the short journeys."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from support import web
from support.pictures import gif, jpeg, png
from support.screen import Visit

OpenPage = Callable[..., Visit]


def crop(seen: Visit) -> dict[str, int]:
    """The box of the last photo that was set."""
    return {key: int(text) for key, text in seen.sent("users.setPhoto")[-1].items() if key != "id"}


def test_a_chosen_picture_becomes_the_photo(open_page: OpenPage) -> None:
    """As it was framed; the page shows it from its new address, and offers that to be copied."""
    seen = open_page()
    seen.choose(jpeg(1600, 1200))
    seen.wait_until_ready()
    seen.set()

    assert crop(seen) == {"crop_x": 200, "crop_y": 0, "crop_w": 1200}
    assert seen.said() == "The photo is set. Everybody sees it from now on."
    profile = seen.profile()
    assert seen.page.get_attribute("#now", "src") == profile["image_192"]
    assert seen.page.input_value("#large") == profile["image_1024"]
    assert web.get(seen.page.input_value("#newest")).status_code == httpx.codes.OK


@pytest.mark.slow
def test_how_a_picture_was_changed_is_told(open_page: OpenPage) -> None:
    """In sentences, where screen readers are told that the photo is set."""
    seen = open_page()
    seen.choose(jpeg(640, 600)[:-2])
    seen.wait_until_ready()
    seen.set()

    assert seen.said() == (
        "The photo is set. Everybody sees it from now on. The file is cut off or a checksum in it "
        "is wrong; all its pixels were there and were used."
    )
    assert seen.page.get_attribute("#notice", "role") == "status"
    seen.choose(jpeg(640, 600, 2))
    seen.wait_until_ready()
    seen.set()
    assert seen.said() == "The photo is set. Everybody sees it from now on."


@pytest.mark.slow
@pytest.mark.parametrize("way", ["drop", "paste"])
def test_it_can_be_dropped_anywhere_or_pasted(open_page: OpenPage, way: str) -> None:
    """While it hangs over the page, the page says so."""
    seen = open_page()
    {"drop": seen.drop, "paste": seen.paste}[way](jpeg(640, 600))
    seen.wait_until_ready()
    seen.set()

    assert seen.profile()["is_custom_image"] is True
    assert way == "paste" or seen.page.evaluate("window.sawVeil") is True


def test_the_keyboard_is_enough(open_page: OpenPage) -> None:
    """Open the chooser, move by a pixel and by ten, zoom, turn, take back, set: no mouse."""
    seen = open_page()
    page = seen.page
    seen.choose(png(900, 800))
    seen.wait_until_ready()
    expect(page.locator("#stage")).to_be_focused()
    for key in ["ArrowRight", "Shift+ArrowRight", "+", "r", "Control+z"]:
        page.keyboard.press(key)
    expect(page.locator("#spoken")).to_have_text("Taken back")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "set":
            break
    page.keyboard.press("Enter")

    assert seen.said().startswith("The photo is set.")
    # A step is a pixel of the screen, of which the square has 377: two of the picture.
    assert crop(seen) == {"crop_x": 50 + 11 * 2 + 37, "crop_y": 37, "crop_w": 727}


@pytest.mark.slow
def test_a_bad_file_is_refused_in_words_and_another_can_be_chosen_at_once(
    open_page: OpenPage,
) -> None:
    """The server's sentence says what was found and what is allowed; its code is in small print."""
    seen = open_page()
    seen.choose(jpeg(300, 200))

    assert seen.said().startswith("Picture is 300x200 pixels;")
    assert seen.page.inner_text("#notice-code") == "bad_image"

    seen.choose(jpeg(700, 600))
    seen.wait_until_ready()
    seen.set()
    assert seen.said().startswith("The photo is set.")


def test_what_only_looks_like_a_picture_is_refused(open_page: OpenPage) -> None:
    """The browser cannot show it, so that the server is asked what it is."""
    seen = open_page()
    seen.choose(b"%PDF-1.7 not a picture at all", "me.heic", "image/heic")

    assert seen.said()
    assert seen.page.inner_text("#notice-code") == "bad_image"
    assert seen.page.is_visible("#home")


@pytest.mark.slow
def test_a_picture_that_moves_moves_while_it_is_framed(open_page: OpenPage) -> None:
    """An image element moves; a canvas would not."""
    seen = open_page()
    seen.choose(gif(600, 512), "me.gif", "image/gif")
    seen.wait_until_ready()

    assert seen.page.locator(".view > img").count() == seen.page.locator(".view").count()
    seen.set()
    assert seen.profile()["image_192"].endswith(".gif")
