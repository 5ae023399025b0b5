"""The numbers of framing, in the module that the page itself runs, held against the server's."""

import random
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from likeness.imaging.formats import Probe
from likeness.imaging.plan import Limits, plan
from likeness.model import Crop, Format
from support.live import LiveServer
from support.screen import PATIENCE_MS, script_url

Frame = dict[str, Any]

WALKS: Final = 200
STEPS: Final = 12
SIDE_PX_MIN: Final = 192
LIMITS: Final = Limits(side_px_max=4096)

_WALK: Final = """
async ([url, walks]) => {
  const frame = await import(url);
  return walks.map(({size, steps}) => {
    const seen = [frame.centred(...size)];
    for (const [name, ...values] of steps) seen.push(frame[name](seen.at(-1), ...values));
    return seen.map((one) => ({...one, sent: frame.numbers(one), range: frame.range(one)}));
  });
}
"""
_CALL: Final = """
async ([url, name, values]) => (await import(url))[name](...values)
"""


@pytest.fixture(scope="module")
def lab(chrome: Browser, server: LiveServer) -> Iterator[Page]:
    """A page of the server's origin, so that its modules can be had."""
    page = chrome.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{server.url}/")
    yield page
    page.close()


def call(lab: Page, name: str, *values: object) -> Any:
    """What a function of the module gives."""
    return lab.evaluate(_CALL, [script_url(lab, "frame.js"), name, list(values)])


def walk(seed: int) -> dict[str, Any]:
    """A picture, and what somebody does to the square over it."""
    chance = random.Random(seed)
    steps = [
        chance.choice(
            [
                ["moved", chance.uniform(-3000, 3000), chance.uniform(-3000, 3000)],
                ["zoomed", chance.uniform(1, 6000), chance.random(), chance.random()],
                ["turned"],
                ["withWhole", chance.random() < 0.5],
                ["rescaled", chance.randint(512, 4096), chance.randint(512, 4096)],
            ]
        )
        for _ in range(STEPS)
    ]
    return {"size": [chance.randint(512, 4096), chance.randint(512, 4096)], "steps": steps}


def server_notes(frame: Frame) -> tuple[str, ...]:
    """What the server remarks about the box of a frame in the turned picture."""
    sides = frame["width"], frame["height"]
    width, height = sides if frame["turn"] % 180 == 0 else sides[::-1]
    sent = frame["sent"]
    crop = Crop(sent["crop_x"], sent["crop_y"], sent["crop_w"]) if "crop_w" in sent else None
    probe = Probe(Format.JPEG, width, height, 1)
    return plan(probe, crop, LIMITS, letterbox_rgb=(0, 0, 0)).notes


def test_whatever_is_done_the_box_is_whole_pixels_inside_of_the_picture(lab: Page) -> None:
    """The server never has to move it, which is what it would remark."""
    walks = [walk(seed) for seed in range(WALKS)]
    frames = [
        frame
        for seen in lab.evaluate(_WALK, [script_url(lab, "frame.js"), walks])
        for frame in seen
    ]

    assert len(frames) == WALKS * (STEPS + 1)
    for frame in frames:
        assert all(type(frame["sent"].get(key, 0)) is int for key in ("crop_x", "crop_y", "crop_w"))
        assert server_notes(frame) == ()
        assert frame["sent"].get("rotate", 0) == frame["turn"]


def test_it_begins_with_the_largest_square_in_the_middle(lab: Page) -> None:
    assert call(lab, "numbers", call(lab, "centred", 4032, 3024)) == {
        "crop_x": 504,
        "crop_y": 0,
        "crop_w": 3024,
    }


def test_zooming_keeps_the_point_under_the_fingers(lab: Page) -> None:
    frame = call(lab, "centred", 4032, 3024)

    closer = call(lab, "zoomed", frame, 1000, 0.25, 0.5)

    assert abs((closer["x"] + 250) - (frame["x"] + 756)) <= 1
    assert abs((closer["y"] + 500) - (frame["y"] + 1512)) <= 1


def test_nobody_zooms_below_the_size_that_most_tools_show(lab: Page) -> None:
    frame = call(lab, "zoomed", call(lab, "centred", 4032, 3024), 1)

    assert frame["w"] == SIDE_PX_MIN


def test_four_turns_are_none(lab: Page) -> None:
    frame = call(lab, "moved", call(lab, "zoomed", call(lab, "centred", 900, 700), 300), 40, -70)
    turned = frame
    for _ in range(4):
        turned = call(lab, "turned", turned)

    assert turned == frame


@pytest.mark.parametrize("turns", range(4))
def test_a_suggestion_means_the_same_part_after_any_turn(lab: Page, turns: int) -> None:
    """The box is of the upright picture; what is sent is of the turned one."""
    frame = call(lab, "centred", 900, 700)
    for _ in range(turns):
        frame = call(lab, "turned", frame)

    found = call(lab, "suggested", frame, {"crop_x": 120, "crop_y": 30, "crop_w": 400})

    a, b, c, d, e, f = call(lab, "matrix", found, 400)
    corners = [(a * x + c * y + e, b * x + d * y + f) for x, y in [(120, 30), (520, 430)]]
    assert sorted(corners) in ([(0, 0), (400, 400)], [(0, 400), (400, 0)])


def test_the_whole_picture_lies_where_the_server_puts_it(lab: Page) -> None:
    """An odd pixel is left over at the right, or at the bottom."""
    frame = call(lab, "withWhole", call(lab, "centred", 801, 600), True)

    a, _, _, d, e, f = call(lab, "matrix", frame, 801)

    made = plan(Probe(Format.JPEG, 801, 600, 1), None, LIMITS, letterbox_rgb=(0, 0, 0))
    assert (a, d, e, f) == (1, 1, made.place.x, made.place.y)
    assert call(lab, "numbers", frame) == {}


def test_a_slider_leads_to_the_side_that_it_shows(lab: Page) -> None:
    frame = call(lab, "zoomed", call(lab, "centred", 4032, 3024), 777)

    assert call(lab, "sideAt", frame, call(lab, "sliderOf", frame)) == pytest.approx(777)
