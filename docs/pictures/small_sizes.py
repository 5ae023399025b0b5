"""Draw the comparison of small sizes: by Likeness, by sharp and by Pillow, enlarged four times.

Run it with `uv run --group bench python docs/pictures/small_sizes.py`. It needs Node and the
packages that `benchmarks/engine.py` installs on its first run.
"""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from likeness.imaging.plan import Limits, plan
from likeness.imaging.probe import probe
from likeness.imaging.worker.render import render

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from photos import photograph_at  # noqa: E402 - found only once its folder is on the path

TARGET = Path(__file__).with_name("small-sizes.png")
SHARP = ROOT / "benchmarks" / "peers" / "sharp_engine"
SHOWN_PX = (24, 32, 48, 72)
PHOTOGRAPHS = ("astronaut", "stereo_motorcycle")
WAYS = ("Likeness", "sharp", "Pillow")
SOURCE_SIDE_PX = 1024
SOURCE_QUALITY = 90
PEER_QUALITY = 85
ENLARGED = 4
GAP_PX = 12
HEAD_PX = 30
PAPER = "#f7f6f3"
INK = "#222222"
FONT_PX = 18

# As the manual of sharp shows it, from the upload and with the quality that peers usually have.
SCRIPT = """
import sharp from "sharp";
const [source, folder, quality, ...sizes] = process.argv.slice(1);
for (const size of sizes.map(Number)) {
  await sharp(source).resize(size, size).jpeg({ quality: Number(quality) })
    .toFile(`${folder}/${size}.jpg`);
}
"""


def by_likeness(data: bytes) -> dict[int, Image.Image]:
    """The service's own files."""
    todo = plan(probe(data), None, Limits(), letterbox_rgb=(0, 0, 0))
    files = {rendition.name: rendition.data for rendition in render(data, todo).files}
    return {size: opened(files[str(size)]) for size in SHOWN_PX}


def by_sharp(data: bytes) -> dict[int, Image.Image]:
    """One pipeline a size."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source.jpg")
        source.write_bytes(data)
        arguments = (str(source), folder, str(PEER_QUALITY), *map(str, SHOWN_PX))
        command = ["node", "--input-type=module", "-e", SCRIPT, *arguments]
        subprocess.run(command, cwd=SHARP, check=True)
        return {size: opened(Path(folder, f"{size}.jpg").read_bytes()) for size in SHOWN_PX}


def by_pillow(data: bytes) -> dict[int, Image.Image]:
    """One Lanczos scaling a size."""
    made = {}
    for size in SHOWN_PX:
        stream = io.BytesIO()
        scaled = opened(data).resize((size, size), Image.Resampling.LANCZOS)
        scaled.save(stream, "JPEG", quality=PEER_QUALITY)
        made[size] = opened(stream.getvalue())
    return made


def opened(data: bytes) -> Image.Image:
    """A file's pixels."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def upload(name: str) -> bytes:
    """A photograph as somebody would send it."""
    stream = io.BytesIO()
    picture = photograph_at(name, (SOURCE_SIDE_PX, SOURCE_SIDE_PX))
    picture.save(stream, "JPEG", quality=SOURCE_QUALITY)
    return stream.getvalue()


def main() -> None:
    """One row a size, the three ways side by side, for each photograph."""
    cell = ENLARGED * SHOWN_PX[-1] + GAP_PX
    height = HEAD_PX + sum(ENLARGED * size + GAP_PX for size in SHOWN_PX)
    width = GAP_PX + cell * len(WAYS) * len(PHOTOGRAPHS)
    sheet = Image.new("RGB", (width, height), PAPER)
    draw, font, left = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_PX), GAP_PX
    for data in map(upload, PHOTOGRAPHS):
        for name, way in zip(WAYS, (by_likeness, by_sharp, by_pillow), strict=True):
            draw.text((left, 4), name, INK, font)
            top = HEAD_PX
            for size, picture in way(data).items():
                side = ENLARGED * size
                enlarged = picture.resize((side, side), Image.Resampling.NEAREST)
                sheet.paste(enlarged, (left, top))
                top += side + GAP_PX
            left += cell
    sheet.save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
