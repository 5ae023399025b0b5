"""What Chromium paints: pictures on pages, pages on screenshots, and the pictures cut out again."""

import base64
import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

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
