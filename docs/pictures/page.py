"""Take the pictures of the page for the documentation, from a service that runs.

Run it with `python docs/pictures/page.py`. Chromium must be installed. It starts a service of its
own on loopback, with a made-up person, and writes `page-*.png` beside itself.
"""

import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image, ImageFilter
from playwright.sync_api import Page

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.live import LiveServer, add_person  # noqa: E402 - The tests are no package.
from support.pictures import encode  # noqa: E402 - See above.
from support.screen import Visit, chromium, visit  # noqa: E402 - See above.

COLOURS: Final = 200
"""Of the palette: nobody sees a difference, and the files are a quarter as long."""

SIDE_PX: Final = 2000
DESKTOP: Final = {"width": 1200, "height": 980}
PHONE: Final = {"width": 390, "height": 844}


def holiday() -> bytes:
    """The demo's portrait as a phone would have taken it: too wide, and off the middle."""
    with Image.open(ROOT / "src/likeness/cli/portrait.jpg") as stored:
        portrait = stored.convert("RGB").resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    wide = Image.new("RGB", (2 * SIDE_PX, SIDE_PX))
    for edge, left in ((0, 0), (SIDE_PX - 1, SIDE_PX)):
        column = portrait.crop((edge, 0, edge + 1, SIDE_PX))
        wide.paste(column.filter(ImageFilter.GaussianBlur(4)).resize((SIDE_PX, SIDE_PX)), (left, 0))
    wide.paste(portrait, (SIDE_PX * 3 // 4, 0))
    return encode(wide, "JPEG", quality=88)


def keep(page: Page, name: str, *, is_whole: bool = False) -> None:
    """A screenshot with a small palette."""
    target = HERE / f"page-{name}.png"
    page.wait_for_timeout(400)
    page.screenshot(path=target, full_page=is_whole, animations="disabled")
    with Image.open(target) as taken:
        small = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG)
    small.save(target, optimize=True)
    print(f"wrote {target.name}, {target.stat().st_size} bytes")


def frame(seen: Visit) -> None:
    """Choose the picture, and frame the face."""
    seen.choose(holiday(), "holiday.jpg")
    seen.wait_until_ready()
    seen.page.focus("#stage")
    for key in ["+"] * 2 + ["Shift+ArrowRight"] * 10:
        seen.page.keyboard.press(key)
    seen.page.evaluate("document.activeElement.blur()")


def main() -> None:
    """Every picture, from one service."""
    with tempfile.TemporaryDirectory() as folder:
        server = LiveServer(Path(folder) / "data", {"RATE_LIMITS": "off"})
        ada = add_person(server, "ada.lovelace@example.org", real_name="Ada Lovelace")
        with server, chromium() as browser:
            seen = visit(browser, server, ada, viewport=DESKTOP)
            frame(seen)
            keep(seen.page, "framing")
            seen.set()
            keep(seen.page, "done", is_whole=True)
            dark = visit(browser, server, ada, viewport=DESKTOP, color_scheme="dark")
            frame(dark)
            keep(dark.page, "dark")
            small = visit(browser, server, ada, viewport=PHONE, is_mobile=True, has_touch=True)
            frame(small)
            keep(small.page, "phone")


if __name__ == "__main__":
    main()
