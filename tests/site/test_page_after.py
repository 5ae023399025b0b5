"""After a photo was set: undo, earlier photos, removing it, and all of it without JavaScript."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from support import web
from support.live import LiveServer, free_port
from support.pictures import jpeg
from support.screen import Visit, somebody, visit

OpenPage = Callable[..., Visit]

pytestmark = pytest.mark.slow


def have(seen: Visit, seed: int) -> str:
    """Set a photo on the page, and give its hash."""
    seen.choose(jpeg(700, 600, seed))
    seen.wait_until_ready()
    seen.set()
    expect(seen.page.locator("#undo")).to_be_visible()
    return str(seen.profile()["avatar_hash"])


@pytest.mark.parametrize("way", ["button", "keys"])
def test_undo_brings_the_photo_before_back(open_page: OpenPage, way: str) -> None:
    """By the button or by the keys that everybody knows."""
    seen = open_page()
    first = have(seen, 1)
    second = have(seen, 2)
    assert first != second
    if way == "button":
        seen.page.click("#undo")
    else:
        seen.page.keyboard.press("Control+z")

    expect(seen.page.locator("#notice-text")).to_have_text("Undone. All is as it was before.")
    assert seen.profile()["avatar_hash"] == first
    assert seen.page.get_attribute("#now", "src") == seen.profile()["image_192"]


def test_undo_of_the_first_photo_leaves_none(open_page: OpenPage) -> None:
    """And the page shows what people see then."""
    seen = open_page()
    have(seen, 1)
    seen.page.click("#undo")

    expect(seen.page.locator("#notice-text")).to_have_text("Undone. All is as it was before.")
    assert "is_custom_image" not in seen.profile()
    assert "/avatars/default/" in str(seen.page.get_attribute("#now", "src"))
    expect(seen.page.locator("#large")).to_be_hidden()


def test_the_same_picture_again_is_no_change(open_page: OpenPage) -> None:
    """There is nothing to undo."""
    seen = open_page()
    have(seen, 1)
    seen.choose(jpeg(700, 600, 1))
    seen.wait_until_ready()
    seen.set()

    assert seen.said() == "This is the photo already, framed like this."
    expect(seen.page.locator("#undo")).to_be_hidden()


def test_an_earlier_photo_can_be_restored(open_page: OpenPage) -> None:
    """From the strip, which shows those that are still kept."""
    seen = open_page()
    first = have(seen, 1)
    have(seen, 2)
    seen.page.locator("#past button").first.click()

    expect(seen.page.locator("#past li")).to_have_count(1)
    assert seen.profile()["avatar_hash"] == first
    seen.page.reload()
    expect(seen.page.locator("#past li")).to_have_count(1)


def test_a_photo_can_be_removed(open_page: OpenPage) -> None:
    """After one has seen what will be shown in its place; its addresses end."""
    seen = open_page()
    have(seen, 1)
    address = seen.page.input_value("#large")
    seen.page.click("summary")
    stand_in = seen.page.get_attribute(".swap img", "src")
    seen.page.click("text=Remove it for good")

    expect(seen.page.locator("#notice-text")).to_contain_text("Removed.")
    assert "is_custom_image" not in seen.profile()
    assert web.get(address).status_code == httpx.codes.NOT_FOUND
    assert web.get(str(stand_in)).status_code == httpx.codes.OK
    expect(seen.page.locator("#remove")).to_be_hidden()


def test_undoing_takes_back_only_what_was_set(open_page: OpenPage) -> None:
    """Not an earlier photo of the same file."""
    seen = open_page()
    first = have(seen, 1)
    have(seen, 2)
    seen.page.click("summary")
    seen.page.click("text=Remove it for good")
    expect(seen.page.locator("#notice-text")).to_contain_text("Removed.")
    seen.choose(jpeg(700, 600, 1))
    seen.wait_until_ready()
    seen.page.click("#rotate")
    seen.set()
    seen.page.click("#undo")

    expect(seen.page.locator("#notice-text")).to_have_text("Undone. All is as it was before.")
    expect(seen.page.locator("#past li")).to_have_count(1)
    seen.page.locator("#past button").first.click()
    expect(seen.page.locator("#past li")).to_have_count(0)
    assert seen.profile()["avatar_hash"] == first


def test_what_was_cut_from_the_same_file_goes_with_it(open_page: OpenPage) -> None:
    """As the page says; what came from another file can be restored."""
    seen = open_page()
    have(seen, 1)
    other = seen.page.input_value("#large")
    have(seen, 2)
    first = seen.page.input_value("#large")
    seen.choose(jpeg(700, 600, 2))
    seen.wait_until_ready()
    seen.page.click("#rotate")
    seen.set()
    expect(seen.page.locator("#past li")).to_have_count(2)
    seen.page.click("summary")
    expect(seen.page.locator("#remove")).to_contain_text("made from the same file")
    seen.page.click("text=Remove it for good")

    expect(seen.page.locator("#notice-text")).to_contain_text("Removed.")
    expect(seen.page.locator("#past li")).to_have_count(1)
    statuses = [web.get(url).status_code for url in (first, other)]
    assert statuses == [httpx.codes.NOT_FOUND, httpx.codes.OK]


def test_photos_of_a_cdn_are_shown(chrome: Browser, tmp_path: Path) -> None:
    """By another name of this machine, which is another origin."""
    port = free_port()
    there = f"http://localhost:{port}"
    with LiveServer(tmp_path / "data", {"CDN_URL": there}, port) as live:
        seen = visit(chrome, live, somebody(live, "cdn"))
        seen.forgiven += (f"request to {there}",)
        seen.choose(jpeg(700, 600))
        seen.wait_until_ready()
        seen.set()
        seen.page.reload()
        seen.page.wait_for_function("document.getElementById('now').complete")

        assert str(seen.page.get_attribute("#now", "src")).startswith(f"{there}/avatars/")
        assert seen.page.evaluate("document.getElementById('now').naturalWidth") > 0
        seen.check()
        seen.page.context.close()


def test_an_address_is_copied(open_page: OpenPage) -> None:
    """And the button says so for a moment, to everybody."""
    seen = open_page(permissions=["clipboard-read", "clipboard-write"])
    have(seen, 1)
    seen.page.click("[data-copies=medium]")

    expect(seen.page.locator("#spoken")).to_have_text("Copied")
    expect(seen.page.locator("[data-copies=medium]")).to_have_class(
        "button secondary icon live copied"
    )
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert copied == seen.profile()["image_192"]


def test_everything_works_without_javascript(open_page: OpenPage, tmp_path: Path) -> None:
    """A form with the file, what to keep of it, and small forms for what came before."""
    seen = open_page(java_script_enabled=False)
    for seed, choice in [(1, "centre"), (2, "whole")]:
        file = tmp_path / "me.jpg"
        file.write_bytes(jpeg(1400, 900, seed))
        seen.page.set_input_files("#file", file)
        seen.page.check(f"input[value={choice}]")
        seen.page.click("text=Set photo")
        expect(seen.page.locator("#notice-text")).to_have_text("The photo is set.")
    second = seen.profile()["avatar_hash"]
    seen.page.click("#past button")
    assert seen.profile()["avatar_hash"] != second

    seen.page.click("summary")
    seen.page.click("text=Remove it for good")
    expect(seen.page.locator("#notice-text")).to_have_text("The photo is removed.")
    assert "is_custom_image" not in seen.profile()


def test_without_javascript_a_refusal_is_a_sentence_as_well(
    open_page: OpenPage, tmp_path: Path
) -> None:
    """And the page is there again, for another picture."""
    seen = open_page(java_script_enabled=False)
    seen.forgiven += ("400",)
    file = tmp_path / "me.jpg"
    file.write_bytes(jpeg(300, 200))
    seen.page.set_input_files("#file", file)
    seen.page.click("text=Set photo")

    expect(seen.page.locator("#notice.error")).to_contain_text("300x200")
    expect(seen.page.locator("#file")).to_be_visible()
