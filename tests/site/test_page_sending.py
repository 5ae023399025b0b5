"""Uploads that take long, break, are refused or are given up."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from support.patience import PATIENCE_S
from support.pictures import jpeg
from support.screen import Visit

OpenPage = Callable[..., Visit]

pytestmark = pytest.mark.slow


def hold(seen: Visit, method: str) -> list[Route]:
    """Keep the calls of a method from the server, until somebody lets them go."""
    held: list[Route] = []
    seen.page.route(f"**/api/{method}", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks the function, and a method takes no mark.
    return held


def wait_for(held: list[Route], seen: Visit) -> Route:
    """The first call that is held."""
    deadline = time.monotonic() + PATIENCE_S
    # Playwright calls back while it waits, and in no other thread.
    while not held and time.monotonic() < deadline:
        seen.page.wait_for_timeout(20)
    return held[0]


def test_framing_begins_before_the_upload_is_done(open_page: OpenPage) -> None:
    """And the button, pressed meanwhile, does its work when it can."""
    seen = open_page()
    held = hold(seen, "users.preparePhoto")
    seen.choose(jpeg(1200, 900))
    call = wait_for(held, seen)

    seen.page.wait_for_selector("#layer canvas")
    seen.page.click("#rotate")
    seen.page.click("#rotate")
    seen.page.click("#reset")
    seen.page.click("#closer")
    seen.page.click("#set")
    expect(seen.page.locator("#set")).to_be_disabled()
    assert seen.sent("users.setPhoto") == []

    call.continue_()
    assert seen.said().startswith("The photo is set.")
    assert seen.sent("users.setPhoto")[0]["crop_w"] == "818"


@pytest.mark.parametrize("way", ["button", "Escape"])
def test_an_upload_can_be_given_up(open_page: OpenPage, way: str) -> None:
    """Nothing is changed, and another picture can be chosen."""
    seen = open_page()
    held = hold(seen, "users.preparePhoto")
    seen.choose(jpeg(800, 600))
    wait_for(held, seen)
    seen.page.click("#set")
    if way == "button":
        seen.page.click("#cancel")
    else:
        seen.page.keyboard.press("Escape")

    expect(seen.page.locator("#home")).to_be_visible()
    expect(seen.page.locator("#file")).to_be_focused()
    assert "is_custom_image" not in seen.profile()

    seen.page.unroute("**/api/users.preparePhoto")
    seen.choose(jpeg(700, 600))
    seen.wait_until_ready()
    seen.set()
    assert seen.profile()["is_custom_image"] is True


def test_a_lost_connection_loses_nothing(open_page: OpenPage) -> None:
    """The same file goes again at a press of the button, for the upload as for the small call."""
    seen = open_page()
    seen.lose("users.preparePhoto")
    seen.choose(jpeg(800, 600))
    expect(seen.page.locator("#status")).to_have_text(
        "The connection is lost. Your picture is still here."
    )
    seen.page.click("#again")
    seen.wait_until_ready()

    seen.lose("users.setPhoto")
    seen.page.click("#set")
    seen.page.click("#again")

    assert seen.said().startswith("The photo is set.")
    assert len(seen.sent("users.setPhoto")) == 2


def test_it_goes_on_by_itself_when_the_network_is_back(open_page: OpenPage) -> None:
    """Nobody has to press anything."""
    seen = open_page()
    seen.lose("users.preparePhoto")
    seen.choose(jpeg(800, 600))
    expect(seen.page.locator("#again")).to_be_visible()
    seen.page.evaluate("window.dispatchEvent(new Event('online'))")

    seen.wait_until_ready()


def test_a_limit_is_waited_for(open_page: OpenPage) -> None:
    """As long as the server says; the page counts the seconds."""
    seen = open_page()
    answers = [
        {
            "status": 429,
            "headers": {"Retry-After": "4"},
            "json": {"ok": False, "error": "ratelimited"},
        }
    ]
    seen.forgiven += ("429",)
    seen.page.route(
        "**/api/users.preparePhoto",
        lambda route: route.fulfill(**answers.pop()) if answers else route.continue_(),
    )
    seen.choose(jpeg(800, 600))

    expect(seen.page.locator("#status")).to_contain_text(re.compile(r"Going on in \d seconds"))
    seen.wait_until_ready()


def test_a_picture_that_lay_too_long_is_brought_again(open_page: OpenPage) -> None:
    """The server forgets prepared pictures after an hour; nobody at the page has to know."""
    seen = open_page()
    answers = [{"ok": False, "error": "not_found"}]
    seen.page.route(
        "**/api/users.setPhoto",
        lambda route: route.fulfill(json=answers.pop()) if answers else route.continue_(),
    )
    seen.choose(jpeg(800, 600))
    seen.wait_until_ready()
    seen.set()

    assert len(seen.sent("users.preparePhoto")) == 2
    assert seen.profile()["is_custom_image"] is True


def test_too_many_bytes_are_not_even_sent(open_page: OpenPage) -> None:
    """The page knows the limit, and says what was found."""
    seen = open_page()
    seen.page.evaluate("document.getElementById('page').dataset.lengthMax = 100000")
    seen.choose(jpeg(1600, 1200))

    assert "up to 0.1 MB are allowed" in seen.said()
    assert seen.sent("users.preparePhoto") == []


def test_another_picture_takes_the_place_of_the_first(open_page: OpenPage) -> None:
    """The upload of the first ends, whatever state it is in."""
    seen = open_page()
    held = hold(seen, "users.preparePhoto")
    seen.choose(jpeg(800, 600))
    wait_for(held, seen)
    seen.page.unroute("**/api/users.preparePhoto")
    seen.choose(jpeg(1000, 520), "second.jpg")
    seen.wait_until_ready()
    seen.set()

    assert seen.sent("users.setPhoto")[0]["crop_w"] == "520"


def test_a_proxy_in_the_way_is_no_riddle(open_page: OpenPage) -> None:
    """Many proxies have a limit of their own, and answer with a page."""
    seen = open_page()
    seen.forgiven += ("413",)
    seen.page.route(
        "**/api/users.preparePhoto", lambda route: route.fulfill(status=413, body="<h1>413</h1>")
    )
    seen.choose(jpeg(800, 600))

    assert seen.said().startswith("This file is too large.")


def suggest(route: Route) -> None:
    """Answer as a server that has looked for a face."""
    reply = route.fetch()
    box = {"crop_x": 310, "crop_y": 20, "crop_w": 400}
    route.fulfill(response=reply, json=reply.json() | {"suggested": box})


def test_what_the_server_suggests_is_a_press_away(open_page: OpenPage) -> None:
    """It is never taken unasked; the turn that is told comes before the box."""
    seen = open_page()
    seen.page.route("**/api/users.preparePhoto", suggest)
    seen.choose(jpeg(1000, 700))
    seen.wait_until_ready()
    assert seen.page.locator("#outcome").inner_text().startswith("The photo will have 700")
    seen.page.click("#suggest")
    seen.page.click("#rotate")
    seen.set()

    sent = {key: text for key, text in seen.sent("users.setPhoto")[0].items() if key != "id"}
    box = {"crop_x": str(700 - 20 - 400), "crop_y": "310", "crop_w": "400"}
    assert sent == box | {"rotate": "90"}


def test_who_was_signed_out_is_told_so(open_page: OpenPage) -> None:
    """In words for people: the server's are for programs."""
    seen = open_page()
    answer = {
        "ok": False,
        "error": "token_revoked",
        "response_metadata": {"messages": ["[ERROR] x"]},
    }
    seen.page.route("**/api/users.preparePhoto", lambda route: route.fulfill(json=answer))
    seen.choose(jpeg(800, 600))

    assert seen.said() == "You are signed out. Reload this page to sign in again."


def test_a_picture_that_nobody_can_show_can_be_set(open_page: OpenPage) -> None:
    """The middle of it, where even the server's copy does not come through."""
    seen = open_page()
    seen.page.evaluate("() => { window.Image = class { set src(url) { this.onerror(); } } }")
    seen.choose(jpeg(900, 700))
    seen.wait_until_ready()
    seen.set()

    assert seen.sent("users.setPhoto")[0]["crop_x"] == "100"
