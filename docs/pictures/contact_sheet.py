"""Draw the contact sheet: what becomes of pictures of every kind, made by the code as it stands.

Run it with `uv run --group bench python docs/pictures/contact_sheet.py`, and look at the result.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import skimage.data
from PIL import Image, ImageDraw, ImageFont, ImageSequence

from likeness.imaging.plan import Limits, plan
from likeness.imaging.probe import parse, probe
from likeness.imaging.worker.render import render
from likeness.model import ORIGINAL, Crop

TARGET: Final = Path(__file__).with_name("contact-sheet.png")
WIDTH_PX: Final = 1000
MARGIN_PX: Final = 24
GAP_PX: Final = 12
TILE_PX: Final = 96
LABEL_PX: Final = 18
TITLE_PX: Final = 30
COLOURS: Final = 256
"""They keep the file below 400 kB; the dither is the sheet's own and in none of the pictures."""

PAPER, INK, FAINT = "#f7f6f3", "#23202a", "#7a7480"
BOX_COLOUR: Final = "#ff3b30"
CHECKS: Final = "#ffffff", "#d9d6df"
CHECK_PX: Final = 8
ANY_SIZE: Final = Limits(side_px_min=1)
BARS: Final = (0, 0, 0)
PLUM: Final = (92, 61, 110)

UNTURNED: Final = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How an upright picture is stored for each EXIF orientation."""

Cell = tuple[str, Image.Image]
Strip = tuple[str, list[Cell]]


def photograph(name: str) -> Image.Image:
    """One of the photographs that scikit-image brings along."""
    return Image.fromarray(getattr(skimage.data, name)()).convert("RGB")


def coded(picture: Image.Image, form: str, **options: Any) -> bytes:
    """The picture as an upload."""
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def made(
    data: bytes, crop: Crop | None = None, letterbox_rgb: tuple[int, int, int] = BARS
) -> dict[str, bytes]:
    """Every file that the service would make of an upload, by name."""
    found = parse(data)
    todo = plan(found.probe, crop, ANY_SIZE, letterbox_rgb=letterbox_rgb)
    return {each.name: each.data for each in render(found.stripped(), todo).files}


def opened(data: bytes) -> Image.Image:
    """A file's first picture on the checks that stand for nothing."""
    return on_checks(Image.open(io.BytesIO(data)))


def on_checks(picture: Image.Image) -> Image.Image:
    """A picture with what is clear in it made visible."""
    paper = Image.new("RGB", picture.size, CHECKS[0])
    draw = ImageDraw.Draw(paper)
    for top in range(0, paper.height, CHECK_PX):
        for left in range(top % (2 * CHECK_PX), paper.width, 2 * CHECK_PX):
            draw.rectangle((left, top, left + CHECK_PX - 1, top + CHECK_PX - 1), fill=CHECKS[1])
    shown = picture.convert("RGBA")
    paper.paste(shown, mask=shown.getchannel("A"))
    return paper


def fitted(picture: Image.Image, side: int = TILE_PX) -> Image.Image:
    """A picture for the sheet, no larger than a tile."""
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return small


def cut_out(picture: Image.Image) -> Image.Image:
    """The picture in an ellipse with a soft edge, and nothing around it."""
    mask = Image.new("L", (picture.width * 2, picture.height * 2), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), fill=255)
    cut = picture.convert("RGBA")
    cut.putalpha(mask.resize(picture.size, Image.Resampling.LANCZOS))
    return cut


def orientations() -> Iterator[Strip]:
    """What a camera stored, and what is shown of it."""
    upright = photograph("astronaut").crop((20, 0, 404, 512))
    stored, shown = [], []
    for number, turn in UNTURNED.items():
        exif = Image.Exif()
        exif[0x0112] = number
        on_side = upright.transpose(turn) if turn is not None else upright
        files = made(coded(on_side, "JPEG", quality=92, exif=exif))
        stored.append((f"stored, EXIF {number}", fitted(on_side)))
        shown.append(("original", fitted(opened(files[ORIGINAL]))))
    yield "Every orientation is turned upright", stored
    yield "", shown


def crops() -> Iterator[Strip]:
    """A box in the picture, and the square that is cut by it."""
    picture = photograph("chelsea").resize((600, 400), Image.Resampling.LANCZOS)
    data = coded(picture, "PNG")
    cells = []
    for label, crop in (
        ("the face", Crop(150, 10, 340)),
        ("one eye", Crop(170, 90, 110)),
        ("slid inside", Crop(480, 300, 200)),
        ("shrunk", Crop(250, 0, 900)),
    ):
        [_, *sizes] = made(data, crop).values()
        cells.append((f"box {crop.x}, {crop.y}, {crop.w}", fitted(boxed(picture, crop), 120)))
        cells.append((label, fitted(opened(sizes[-1]))))
    yield (
        "A crop box is cut out; where it reaches beyond the picture it is slid inside or shrunk",
        cells,
    )


def boxed(picture: Image.Image, crop: Crop) -> Image.Image:
    """The picture with the box drawn into it."""
    shown = picture.copy()
    box = (crop.x, crop.y, crop.x + crop.w, crop.y + crop.w)
    ImageDraw.Draw(shown).rectangle(box, outline=BOX_COLOUR, width=12)
    return shown


def letterboxes() -> Iterator[Strip]:
    """The whole of a picture that is not square."""
    wide, tall = photograph("coffee"), photograph("rocket").crop((190, 0, 420, 427))
    ellipse = cut_out(wide)
    uploads: list[tuple[str, bytes, tuple[int, int, int]]] = [
        ("wide", coded(wide, "JPEG", quality=92), BARS),
        ("tall", coded(tall, "JPEG", quality=92), BARS),
        ("a colour", coded(wide, "JPEG", quality=92), PLUM),
        ("tall, a colour", coded(tall, "PNG"), PLUM),
        ("PNG with alpha", coded(ellipse, "PNG"), BARS),
        ("WebP with alpha", coded(ellipse, "WEBP", quality=92), PLUM),
        ("GIF with alpha", coded(ellipse, "GIF"), BARS),
        ("a line, 512 x 9", coded(wide.resize((512, 9)), "PNG"), BARS),
    ]
    cells = [
        (label, fitted(opened(made(data, letterbox_rgb=colour)["192"])))
        for label, data, colour in uploads
    ]
    yield "Without a box: bars, black or as configured; clear where the picture has alpha", cells


def formats() -> Iterator[Strip]:
    """One picture in every format and kind of pixel."""
    picture = photograph("coffee").crop((100, 0, 500, 400))
    kinds = {
        "JPEG": coded(picture, "JPEG", quality=92),
        "JPEG, CMYK": coded(picture.convert("CMYK"), "JPEG", quality=92),
        "JPEG, grey": coded(picture.convert("L"), "JPEG", quality=92),
        "PNG": coded(picture, "PNG"),
        "PNG, 16 colours": coded(picture.quantize(16), "PNG"),
        "PNG, 1 bit": coded(picture.convert("1"), "PNG"),
        "GIF": coded(picture, "GIF"),
        "WebP": coded(picture, "WEBP", quality=92),
    }
    cells = []
    for label, data in kinds.items():
        file = made(data)["192"]
        cells.append((f"{label} > {probe(file).format.extension}", fitted(opened(file))))
    yield "Formats: what comes in > what is stored", cells


def motion() -> Iterator[Strip]:
    """Frames of an animation, and the still for people who asked for less motion."""
    whole = photograph("rocket")
    frames = [whole.crop((left, 20, left + 380, 400)) for left in range(0, 241, 48)]
    options = {"save_all": True, "append_images": frames[1:], "duration": 90, "loop": 0}
    for form in ("GIF", "WEBP"):
        files = made(coded(frames[0], form, **options))
        moving = ImageSequence.Iterator(Image.open(io.BytesIO(files["72"])))
        cells = [(f"frame {place + 1}", on_checks(frame)) for place, frame in enumerate(moving)]
        cells.append(("72_still", opened(files["72_still"])))
        cells.append(("192_still", fitted(opened(files["192_still"]))))
        yield f"Animated {form}, at 72 pixels", cells


def sizes() -> Iterator[Strip]:
    """The whole set of one photo."""
    picture = photograph("astronaut").resize((1024, 1024), Image.Resampling.LANCZOS)
    files = made(coded(picture, "JPEG", quality=92))
    cells = [
        (f"{size}, shown at 192", fitted(opened(files[size]), 192)) for size in ("1024", "512")
    ]
    cells += [(size, opened(files[size])) for size in ("192", "72", "48", "32", "24")]
    yield "Every size of one photo", cells


def drawn(strips: Sequence[Strip]) -> Image.Image:
    """All strips below one another."""
    heights = [height_of(each) for each in strips]
    sheet = Image.new("RGB", (WIDTH_PX, sum(heights) + 2 * MARGIN_PX), PAPER)
    top = MARGIN_PX
    for each, height in zip(strips, heights, strict=True):
        draw_strip(sheet, each, top)
        top += height
    return sheet


def height_of(each: Strip) -> int:
    """Pixels from the top of a strip to the top of the next."""
    title, cells = each
    tallest = max(picture.height for _, picture in cells)
    return (TITLE_PX if title else 0) + tallest + LABEL_PX + GAP_PX


def draw_strip(sheet: Image.Image, each: Strip, top: int) -> None:
    """A title, pictures on one base line, and a label below each."""
    title, cells = each
    draw = ImageDraw.Draw(sheet)
    if title:
        draw.text((MARGIN_PX, top + 4), title, INK, ImageFont.load_default(15))
    bottom = top + height_of(each) - LABEL_PX - GAP_PX
    left = MARGIN_PX
    for label, picture in cells:
        sheet.paste(picture, (left, bottom - picture.height))
        font = ImageFont.load_default(11)
        draw.text((left, bottom + 3), label, FAINT, font)
        left += int(max(TILE_PX, picture.width, draw.textlength(label, font))) + GAP_PX


def main() -> None:
    """Write the sheet beside this file."""
    strips = [*orientations(), *crops(), *letterboxes(), *formats(), *motion(), *sizes()]
    sheet = drawn(strips)
    sheet.quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG).save(TARGET, optimize=True)
    print(f"wrote {TARGET.name}, {sheet.width}x{sheet.height}, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
