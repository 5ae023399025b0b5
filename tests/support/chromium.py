"""What Chromium paints: pictures on pages, pages on screenshots, and the pictures cut out again."""

import base64
import io
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from support.patience import PATIENCE_S

BATCH: Final = 24
"""Pictures on a page; a screenshot has to fit into the memory of a small machine."""

COLUMNS: Final = 4
CELL_PX: Final = 320
"""The side of the field that a picture is shown in, scaled down to fit where it is larger."""

_PAPER: Final = "#ffffff", "#000000"
_FLAGS: Final = (
    "--headless",
    # It runs as root in CI, and only pictures of the tests are shown.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--force-color-profile=srgb",
)
_STYLE: Final = (
    "body{margin:0}"
    f"div{{float:left;width:{CELL_PX}px;height:{CELL_PX}px}}"
    f"img{{display:block;max-width:{CELL_PX}px;max-height:{CELL_PX}px}}"
)

_DECODE: Final = """async ([bytes, type]) => {
  const data = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
  const decoder = new ImageDecoder({data, type, preferAnimation: true});
  await Promise.all([decoder.completed, decoder.tracks.ready]);
  const {frameCount, repetitionCount} = decoder.tracks.selectedTrack;
  const frames = [];
  for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
    const {image} = await decoder.decode({frameIndex});
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.displayWidth, image.displayHeight];
    canvas.getContext("2d").drawImage(image, 0, 0);
    frames.push([canvas.toDataURL().split(",")[1], image.duration / 1000]);
  }
  return [frames, repetitionCount === Infinity ? 0 : repetitionCount + 1];
}"""

needs_chromium: Final = pytest.mark.skipif(
    shutil.which("chromium") is None, reason="chromium is not installed"
)


def shown(uploads: Sequence[bytes], folder: Path, *, paper: int = 0) -> list[Image.Image]:
    """How Chromium shows each file on white (`paper` 0) or black (1), with its field around it.

    What it cannot show is an empty field. `folder` takes its profile, pages and screenshots.
    """
    starts = range(0, len(uploads), BATCH)
    return [
        picture
        for start in starts
        for picture in _page(uploads[start : start + BATCH], folder, _PAPER[paper])
    ]


def _page(uploads: Sequence[bytes], folder: Path, paper: str) -> list[Image.Image]:
    height = -(-len(uploads) // COLUMNS) * CELL_PX
    page, screenshot = folder / "page.html", folder / "page.png"
    page.write_text(_html(uploads, paper))
    screenshot.unlink(missing_ok=True)
    _run(page, screenshot, folder / "profile", (COLUMNS * CELL_PX, height))
    with Image.open(screenshot) as whole:
        seen = whole.convert("RGB")
    return [seen.crop(_field(place)) for place in range(len(uploads))]


def _field(place: int) -> tuple[int, int, int, int]:
    """Where a picture stands on the page, in pixels."""
    row, column = divmod(place, COLUMNS)
    left, top = column * CELL_PX, row * CELL_PX
    return left, top, left + CELL_PX, top + CELL_PX


def _html(uploads: Sequence[bytes], paper: str) -> str:
    """A page without script. The type is a lie for most files; Chromium goes by the bytes."""
    fields = [
        f'<div><img src="data:image/png;base64,{base64.b64encode(data).decode()}"></div>'
        for data in uploads
    ]
    head = f"<!doctype html><style>body{{background:{paper}}}{_STYLE}</style>"
    return head + "".join(fields)


def _run(page: Path, screenshot: Path, profile: Path, size: tuple[int, int]) -> None:
    done = subprocess.run(
        [
            "chromium",
            *_FLAGS,
            f"--user-data-dir={profile}",
            f"--screenshot={screenshot}",
            f"--window-size={size[0]},{size[1]}",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert screenshot.is_file(), done.stderr[-2000:]


def as_png(picture: Image.Image) -> bytes:
    """A picture in the form that no browser can show in two ways."""
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


@dataclass(frozen=True)
class Film:
    """An animation as Chromium plays it: 0 is for ever."""

    frames: list[Image.Image]
    delays_ms: list[float]
    plays: int


def played(uploads: Sequence[bytes], folder: Path, form: str = "image/png") -> list[Film]:
    """Each file as Chromium decodes it, frame by frame. `folder` takes an empty page."""
    page_file = folder / "empty.html"
    page_file.write_text("<!doctype html>")
    films = []
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS[1:]))
        page = browser.new_page()
        # Only pages that nobody could have changed on their way may decode.
        page.goto(page_file.as_uri())
        for data in uploads:
            frames, plays = page.evaluate(_DECODE, [base64.b64encode(data).decode(), form])
            pictures = [
                Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA") for png, _ in frames
            ]
            films.append(Film(pictures, [delay_ms for _, delay_ms in frames], plays))
        browser.close()
    return films
