"""Draw the sheet of default pictures, each as it stands in the code, and measure what they cost.

Run it with `uv run python docs/pictures/default_styles.py`, and look at the result; with the word
`costs` behind, it prints the tables of docs/default-pictures.md instead.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import md5
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from likeness.imaging.portraits.drawn import draw
from likeness.imaging.portraits.letters import initials_of
from likeness.imaging.portraits.monograms import monogram
from likeness.imaging.portraits.typefaces import PLAIN
from likeness.model import DefaultStyle

TARGET: Final = Path(__file__).with_name("default-styles.png")
MARGIN_PX: Final = 24
GAP_PX: Final = 10
TITLE_PX: Final = 26
COLOURS: Final = 255
PAPER, INK = "#f7f6f3", "#23202a"
SMALL_PX: Final = (80, 48, 24)
LARGE_PX: Final = 192
LARGE_COUNT: Final = 2

NAMES: Final = (
    "Ada Lovelace",
    "李小龍",
    "محمد علي",
    "Юрий Гагарин",
    "山田 太郎",
    "अमिताभ बच्चन",
    "김철수",
    "Ελένη Παπαδοπούλου",
    "Ng Thị Minh",
    "თამარ მეფე",
    "דוד לוי",
    "Åsa Öberg",
)

WITHOUT_EXTRA: Final = "initials, without the extra scripts"

TITLES: Final = {
    DefaultStyle.MP: "mp: the same for everybody",
    DefaultStyle.INITIALS: "initials",
    DefaultStyle.COLOR: "color",
    DefaultStyle.IDENTICON: "identicon",
    DefaultStyle.MONSTERID: "monsterid",
    DefaultStyle.WAVATAR: "wavatar",
    DefaultStyle.ROBOHASH: "robohash",
    DefaultStyle.RETRO: "retro",
    DefaultStyle.BLANK: "blank: nothing, here on a tint",
}

COST_SIDES_PX: Final = (24, 80, 192, 512, 1024, 2048)
COST_PEOPLE: Final = 24


def digest_of(name: str) -> str:
    """32 hex digits for a name, as an address gives them."""
    return md5(name.encode(), usedforsecurity=False).hexdigest()


def drawn(style: DefaultStyle, name: str, side_px: int) -> Image.Image:
    """Somebody's picture in a style; what is clear is shown by a tint."""
    return shown(draw(style, digest_of(name), side_px, initials_of(name)))


def drawn_without_extra(name: str, side_px: int) -> Image.Image:
    """Somebody's initials in the fonts of a plain installation, or the pattern in place of them."""
    return shown(monogram(digest_of(name), side_px, initials_of(name), PLAIN))


def shown(data: bytes) -> Image.Image:
    """A picture as it looks on a tint."""
    picture = Image.open(BytesIO(data)).convert("RGBA")
    paper = Image.new("RGBA", picture.size, "#e9e5f0")
    return Image.alpha_composite(paper, picture).convert("RGB")


def round_frame(side_px: int) -> Image.Image:
    """The mask that most places show a picture through."""
    large = Image.new("L", (4 * side_px, 4 * side_px))
    ImageDraw.Draw(large).ellipse((0, 0, 4 * side_px - 1, 4 * side_px - 1), fill=255)
    return large.reduce(4)


def strip(title: str, draw_one: Callable[[str, int], Image.Image]) -> Image.Image:
    """One style: some people large, all of them small, smaller and smallest, in round frames."""
    side, *smaller = SMALL_PX
    pitch = side + GAP_PX
    left = LARGE_COUNT * (LARGE_PX + GAP_PX)
    width = left + pitch * len(NAMES)
    height = TITLE_PX + LARGE_PX
    sheet = Image.new("RGB", (width, height), PAPER)
    ImageDraw.Draw(sheet).text((0, 2), title, INK, ImageFont.load_default(15))
    for place in range(LARGE_COUNT):
        sheet.paste(draw_one(NAMES[place], LARGE_PX), (place * (LARGE_PX + GAP_PX), TITLE_PX))
    top = TITLE_PX
    for size in (side, *smaller):
        for place, name in enumerate(NAMES):
            corner = (left + place * pitch + (side - size) // 2, top)
            sheet.paste(draw_one(name, size), corner, round_frame(size))
        top += size + GAP_PX
    return sheet


def plain_initials() -> Image.Image:
    """What an installation without extras shows in place of the strip of initials."""
    return strip(WITHOUT_EXTRA, drawn_without_extra)


def whole_sheet() -> Image.Image:
    """All styles below one another."""
    strips = [strip(title, partial(drawn, style)) for style, title in TITLES.items()]
    strips.insert(list(TITLES).index(DefaultStyle.INITIALS) + 1, plain_initials())
    pitch = strips[0].height + GAP_PX
    size = (strips[0].width + 2 * MARGIN_PX, pitch * len(strips) + 2 * MARGIN_PX)
    sheet = Image.new("RGB", size, PAPER)
    for place, each in enumerate(strips):
        sheet.paste(each, (MARGIN_PX, MARGIN_PX + place * pitch))
    return sheet


def costs(style: DefaultStyle) -> Iterator[tuple[float, int]]:
    """The CPU time in ms and the bytes of a picture at each side: a mean, when all is warm."""
    for side_px in COST_SIDES_PX:
        for name in NAMES:
            draw(style, digest_of(name), side_px, initials_of(name))
        length, started = 0, time.process_time()
        for name in NAMES * (COST_PEOPLE // len(NAMES)):
            length += len(draw(style, digest_of(name), side_px, initials_of(name)))
        spent_ms = 1000 * (time.process_time() - started)
        yield spent_ms / COST_PEOPLE, length // COST_PEOPLE


def print_costs() -> None:
    """Two tables: CPU time and bytes."""
    rows = {style: list(costs(style)) for style in TITLES}
    head = "| style | " + " | ".join(map(str, COST_SIDES_PX)) + " |"
    rule = "| --- |" + " --- |" * len(COST_SIDES_PX)
    print(head, rule, sep="\n")
    for style, row in rows.items():
        print(f"| {style} | " + " | ".join(f"{spent_ms:.1f}" for spent_ms, _ in row) + " |")
    print(head, rule, sep="\n")
    for style, row in rows.items():
        print(f"| {style} | " + " | ".join(str(length) for _, length in row) + " |")


def main() -> None:
    """Write the sheet beside this file, or print the tables."""
    if sys.argv[1:] == ["costs"]:
        print_costs()
        return
    sheet = whole_sheet().quantize(COLOURS, dither=Image.Dither.NONE)
    sheet.save(TARGET, optimize=True)
    print(f"wrote {TARGET.name}, {sheet.width}x{sheet.height}, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
