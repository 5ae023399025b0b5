"""What the page shows while somebody frames is what the server makes of it."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from support.pictures import encode, gif, opened, photo
from support.screen import Visit
from support.sight import distance_de

OpenPage = Callable[..., Visit]

pytestmark = pytest.mark.slow

ORIENTATION: Final = 0x0112
ALIKE_DE: Final = 3.0
"""Mean delta E between Chromium's scaling on the screen and the server's, with sharpening."""

SHOWN: Final = ".light [data-side='192']"


def ruled(width: int, height: int, seed: int = 0) -> Image.Image:
    """A picture with lines every hundred pixels, so that a shift shows."""
    picture = photo(width, height, seed)
    draw = ImageDraw.Draw(picture)
    for place in range(50, max(width, height), 100):
        draw.line((place, 0, place, height), "white", 12)
        draw.line((0, place, width, place), "black", 12)
    draw.ellipse((width * 0.55, height * 0.1, width * 0.75, height * 0.3), "red")
    return picture


def phone_photo(orientation: int) -> bytes:
    """Twelve megapixels, as phones store them: lying, with a tag that says how it was held."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return encode(ruled(4032, 3024), "JPEG", quality=85, exif=exif)


def best_shift(shown: Image.Image, stored: Image.Image, reach: int = 3) -> tuple[int, int]:
    """By how many pixels one has to be moved to lie upon the other best."""
    one, other = (np.asarray(picture.convert("L"), dtype=float) for picture in (shown, stored))
    inner = one[reach:-reach, reach:-reach]
    side = inner.shape[0]
    errors = {
        (x, y): float(
            np.abs(inner - other[reach + y : reach + y + side, reach + x : reach + x + side]).mean()
        )
        for x in range(-reach, reach + 1)
        for y in range(-reach, reach + 1)
    }
    return min(errors, key=lambda shift: errors[shift])


def compare(seen: Visit) -> None:
    """The 192 preview and the 192 rendition of what is framed now."""
    seen.page.click("[value=square] + span")
    shown = seen.screenshot(SHOWN)
    seen.set()
    stored = seen.stored(192)

    assert best_shift(shown, stored) == (0, 0)
    assert distance_de(shown, stored)[0] < ALIKE_DE


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_phone_photos_stand_upright_in_both(open_page: OpenPage, orientation: int) -> None:
    """Wherever the phone was held; the numbers are those of the upright picture."""
    seen = open_page()
    seen.choose(phone_photo(orientation))
    seen.wait_until_ready()
    seen.page.focus("#stage")
    for key in ["+", "+", "+", "Shift+ArrowUp", "Shift+ArrowRight"]:
        seen.page.keyboard.press(key)
    compare(seen)

    sent = {key: int(value) for key, value in seen.sent("users.setPhoto")[0].items() if key != "id"}
    width, height = (4032, 3024) if orientation < 5 else (3024, 4032)
    assert sent["crop_w"] == round(round(round(3024 / 1.1) / 1.1) / 1.1)
    assert 0 < sent["crop_x"] < width - sent["crop_w"]
    assert 0 < sent["crop_y"] < height - sent["crop_w"]


@pytest.mark.parametrize("orientation", [2, 3, 6])
def test_what_only_the_server_turns_is_framed_as_it_is_stored(
    open_page: OpenPage, orientation: int
) -> None:
    """Browsers leave a WebP as it lies; its sides do not tell where they stay the same."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    seen = open_page()
    seen.choose(encode(ruled(1500, 1100), "WEBP", exif=exif), "me.webp", "image/webp")
    seen.wait_until_ready()
    seen.page.focus("#stage")
    for key in ["+", "+", "Shift+ArrowLeft", "Shift+ArrowDown"]:
        seen.page.keyboard.press(key)
    compare(seen)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_is_cut_where_it_was_framed(open_page: OpenPage, turns: int) -> None:
    """The turn comes before the cut, on the page as at the server."""
    seen = open_page()
    seen.choose(encode(ruled(1500, 1100), "JPEG", quality=90))
    seen.wait_until_ready()
    seen.page.focus("#stage")
    for key in ["+", "+", *(["r"] * turns), "Shift+ArrowLeft", "Shift+ArrowDown"]:
        seen.page.keyboard.press(key)
    compare(seen)

    assert seen.sent("users.setPhoto")[0]["rotate"] == str(90 * turns)


def test_a_turned_picture_keeps_its_bars(open_page: OpenPage) -> None:
    """A lying picture with bars above and below becomes a standing one with bars at its sides."""
    seen = open_page()
    seen.choose(encode(ruled(901, 600), "PNG"), "me.png", "image/png")
    seen.wait_until_ready()
    seen.page.click("#whole")
    seen.page.click("#rotate")
    compare(seen)


def test_48_megapixels_are_framed_in_the_pixels_of_the_smaller_copy(open_page: OpenPage) -> None:
    """The server makes one of 4096 pixels; what was framed before it is known stays framed."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    large = ruled(2016, 1512).resize((8064, 6048), Image.Resampling.BILINEAR)
    seen = open_page()
    seen.choose(encode(large, "JPEG", quality=80, exif=exif))
    seen.page.wait_for_selector("#layer canvas")
    seen.page.focus("#stage")
    for key in ["+", "+", "Shift+ArrowUp", "Shift+ArrowRight"]:
        seen.page.keyboard.press(key)
    seen.wait_until_ready()
    compare(seen)

    assert int(seen.sent("users.setPhoto")[0]["crop_w"]) == pytest.approx(3072 / 1.21, abs=1)


def test_a_deep_zoom_is_sharp_in_both(open_page: OpenPage) -> None:
    """The preview is drawn from as many pixels as it has, not from a small copy."""
    seen = open_page()
    seen.choose(encode(ruled(2400, 1800), "JPEG", quality=90))
    seen.wait_until_ready()
    seen.page.focus("#stage")
    for _ in range(14):
        seen.page.keyboard.press("+")
    compare(seen)


@pytest.mark.parametrize("size", [(900, 600), (600, 901)])
def test_bars_are_the_same_in_both(open_page: OpenPage, size: tuple[int, int]) -> None:
    """In place and in colour, also where a pixel is left over."""
    seen = open_page()
    seen.choose(encode(ruled(*size), "PNG"), "me.png", "image/png")
    seen.wait_until_ready()
    seen.page.click("#whole")
    compare(seen)

    assert set(seen.sent("users.setPhoto")[0]) == {"id"}


def test_bars_of_a_transparent_picture_are_transparent_in_both(open_page: OpenPage) -> None:
    """The page lets its paper shine through, on the light side and on the dark one."""
    picture = ruled(900, 600).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize((900, 600)))
    seen = open_page()
    seen.choose(encode(picture, "PNG"), "me.png", "image/png")
    seen.wait_until_ready()
    seen.page.click("#whole")
    seen.page.click("[value=square] + span")

    papers = [seen.screenshot(f".{paper} [data-side='192']") for paper in ("light", "dark")]

    assert papers[0].getpixel((96, 5)) == (255, 255, 255)
    assert papers[1].getpixel((96, 5)) == (26, 29, 33)
    seen.set()
    stored = opened(seen.stored_bytes(192))
    assert stored.getchannel("A").getpixel((96, 5)) == 0


def test_a_moving_picture_is_framed_alike(open_page: OpenPage) -> None:
    """Its first frame, where less motion is wished for; the stored one moves on."""
    seen = open_page(reduced_motion="reduce")
    seen.choose(gif(700, 520), "me.gif", "image/gif")
    seen.wait_until_ready()

    assert seen.page.locator(".view > canvas").count() == seen.page.locator(".view").count()
    seen.page.click("[value=square] + span")
    shown = seen.screenshot(SHOWN)
    seen.set()
    assert distance_de(shown, seen.stored(192))[0] < ALIKE_DE
    assert str(seen.page.get_attribute("#now", "src")).endswith("_192_still.png")


def test_what_the_browser_cannot_show_is_shown_by_the_server(open_page: OpenPage) -> None:
    """As with HEIC: the working copy comes from the server, and is framed like any other."""
    seen = open_page()
    seen.page.evaluate(
        "() => { window.Image = class extends Image {"
        " set src(url) { super.src = url.startsWith('blob:') ? 'blob:none' : url; } } }"
    )
    seen.forgiven += ("ERR_FILE_NOT_FOUND", "Not allowed to load local resource")
    seen.choose(encode(ruled(900, 700), "JPEG", quality=90))
    seen.wait_until_ready()
    expect(seen.page.locator("#layer canvas")).to_be_visible()
    compare(seen)
