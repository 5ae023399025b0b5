"""The page for everybody: by screen reader, in the dark, on a small screen, from right to left."""

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import expect

from support import web
from support.pictures import jpeg
from support.screen import COOKIE, PHONE, Visit, script_url, violations

OpenPage = Callable[..., Visit]

WEIGHT_MAX: Final = 60 * 1024
SCRIPTS: Final = (
    *("page", "album", "api", "desk", "frame", "gestures", "paint", "pick", "picture", "say"),
)


def framing(seen: Visit, seed: int = 1) -> None:
    """A picture is being framed."""
    seen.choose(jpeg(1400, 900, seed))
    seen.wait_until_ready()


def letterbox(seen: Visit) -> None:
    """The whole of it is kept, and seen in circles."""
    framing(seen)
    seen.page.click("#whole")
    seen.page.click("[value=circle] + span")


def soft(seen: Visit) -> None:
    """So little is kept that the page warns."""
    framing(seen)
    for _ in range(9):
        seen.page.click("#closer")


def lost(seen: Visit) -> None:
    """The connection is lost."""
    seen.lose("users.preparePhoto")
    seen.choose(jpeg(1400, 900))
    expect(seen.page.locator("#again")).to_be_visible()


def error(seen: Visit) -> None:
    """A picture was refused."""
    seen.choose(jpeg(300, 200))
    expect(seen.page.locator("#notice.error")).to_be_visible()


def done(seen: Visit) -> None:
    """Two photos were set, so that there is one to go back to, and one to remove."""
    for seed in (1, 2):
        framing(seen, seed)
        seen.set()
    expect(seen.page.locator("#past li")).to_have_count(1)
    seen.page.click("summary")


def empty(seen: Visit) -> None:
    """Nobody has done anything."""
    expect(seen.page.locator("#home")).to_be_visible()


def explained(seen: Visit) -> None:
    """They read where their photo is seen."""
    seen.page.goto(seen.page.url + "explain")
    expect(seen.page.locator("h1")).to_contain_text("seen")


STATES: Final = (empty, framing, letterbox, soft, lost, error, done, explained)


def name_of(state: Callable[[Visit], None]) -> str:
    return state.__name__


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES, ids=name_of)
def test_axe_finds_nothing(
    open_page: OpenPage, axe: str, state: Callable[[Visit], None], scheme: str
) -> None:
    """In every state, in both schemes."""
    seen = open_page(color_scheme=scheme, bypass_csp=True)
    state(seen)

    assert violations(seen.page, axe) == []


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("state", STATES, ids=name_of)
def test_nothing_is_wider_than_a_small_phone(
    open_page: OpenPage, state: Callable[[Visit], None], direction: str
) -> None:
    """320 pixels are also a desktop at 400 percent; it reads from either side."""
    seen = open_page(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    seen.page.evaluate(f"document.documentElement.dir = '{direction}'")
    state(seen)

    assert seen.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.slow
def test_targets_are_large_enough_for_fingers(open_page: OpenPage) -> None:
    """44 pixels, where a finger is what points."""
    seen = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    done(seen)
    expect(seen.page.locator("label[for=camera]")).to_be_visible()
    homes = small_targets(seen)
    framing(seen, 3)

    assert homes == []
    assert small_targets(seen) == []


def small_targets(seen: Visit) -> list[str]:
    """What can be pressed and is too small for it, with its size."""
    found: list[str] = seen.page.evaluate(
        """() => [...document.querySelectorAll("button, label.button, summary, .shapes span")]
          .map((element) => [element, element.getBoundingClientRect()])
          .filter(([, {width, height}]) => width && (width < 44 || height < 44))
          .map(([element, box]) => `${element.outerHTML} ${box.width}x${box.height}`)"""
    )
    return found


@pytest.mark.slow
def test_two_fingers_zoom_and_one_moves(open_page: OpenPage) -> None:
    """What happens on a touch screen, by the browser's own touch events."""
    seen = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    framing(seen)
    box = seen.page.locator("#square").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = seen.page.context.new_cdp_session(seen.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        session.send(
            "Input.dispatchTouchEvent",
            {
                "type": kind,
                "touchPoints": [{"x": a, "y": b, "id": i} for i, (a, b) in enumerate(points)],
            },
        )

    touch("touchStart", (x - 40, y), (x + 40, y))
    touch("touchMove", (x - 60, y), (x + 60, y))
    touch("touchEnd")
    touch("touchStart", (x, y))
    touch("touchMove", (x + 30, y))
    touch("touchEnd")
    seen.set()

    sent = seen.sent("users.setPhoto")[0]
    side = int(sent["crop_w"])
    assert side == 600
    assert int(sent["crop_x"]) == pytest.approx(400 - 30 * side / box["width"], abs=2)
    assert int(sent["crop_y"]) == 150


@pytest.mark.slow
def test_the_wheel_zooms_where_it_points(open_page: OpenPage) -> None:
    """And a drag by the mouse moves the picture under the frame."""
    seen = open_page()
    framing(seen)
    box = seen.page.locator("#square").bounding_box()
    assert box
    seen.page.mouse.move(box["x"], box["y"])
    seen.page.mouse.wheel(0, -300)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] - 50, box["y"] - 20, steps=4)
    seen.page.mouse.up()
    seen.set()

    sent = {key: int(value) for key, value in seen.sent("users.setPhoto")[0].items() if key != "id"}
    scale = sent["crop_w"] / box["width"]
    assert sent["crop_w"] == pytest.approx(900 * 2.718281828**-0.45, abs=2)
    assert sent["crop_x"] == pytest.approx(250 + 50 * scale, abs=2)
    assert sent["crop_y"] == pytest.approx(20 * scale, abs=2)


@pytest.mark.slow
def test_screen_readers_hear_where_the_frame_is(open_page: OpenPage) -> None:
    """Politely, and once the hands rest."""
    seen = open_page()
    framing(seen)
    seen.page.focus("#stage")
    for _ in range(3):
        seen.page.keyboard.press("ArrowRight")

    expect(seen.page.locator("#spoken")).to_have_text(
        "256 of 500 from the left, 0 of 0 from the top, zoom 100 percent"
    )


def test_the_page_weighs_little(open_page: OpenPage) -> None:
    """All that is ours, as it is sent without compression."""
    seen = open_page()
    cookie = {"Cookie": f"{COOKIE}={seen.person.token}"}
    html = len(web.get(f"{seen.server.url}/", headers=cookie).content)
    files = ["page.css", *(f"{name}.js" for name in SCRIPTS)]
    rest = [web.get(seen.server.url + script_url(seen.page, name)).content for name in files]

    assert html + sum(map(len, rest)) < WEIGHT_MAX
    asked = seen.page.evaluate(
        "performance.getEntriesByType('resource').map((entry) => entry.name)"
    )
    assert {name.rpartition("/")[2] for name in asked if "/assets/" in name} == {*files, "logo.svg"}
