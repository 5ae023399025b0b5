"""Draw the README's picture: the demo's portrait and the sizes that the service made of it.

Run it with `python docs/pictures/sizes.py DATA`, DATA being the folder of a `likeness demo`.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw

TARGET = Path(__file__).with_name("sizes.png")
SHOWN_PX = (512, 192, 72, 48, 32, 24)
MARGIN_PX = 28
PAPER = "#f7f6f3"


def rounded(picture: Image.Image) -> Image.Image:
    """The picture on paper with the corners that most tools give it."""
    side = picture.width
    mask = Image.new("L", (side * 4, side * 4), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side * 4 - 1, side * 4 - 1), side, fill=255)
    paper = Image.new("RGB", picture.size, PAPER)
    paper.paste(picture, mask=mask.resize(picture.size, Image.Resampling.LANCZOS))
    return paper


def main(data: Path) -> None:
    """Place the sizes side by side, on one base line."""
    found = {size: next(data.rglob(f"*_{size}.jpg")) for size in SHOWN_PX}
    width = sum(SHOWN_PX) + MARGIN_PX * (len(SHOWN_PX) + 1)
    sheet = Image.new("RGB", (width, SHOWN_PX[0] + 2 * MARGIN_PX), PAPER)
    left, bottom = MARGIN_PX, SHOWN_PX[0] + MARGIN_PX
    for size, path in found.items():
        sheet.paste(rounded(Image.open(path).convert("RGB")), (left, bottom - size))
        left += size + MARGIN_PX
    sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(TARGET, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
