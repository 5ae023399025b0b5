"""Real pictures look as another decoder shows them, whole and scaled down.

Skipped where the corpus is absent; `test_kinds.py` knows the truth about pictures that we make.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from likeness.errors import Refusal
from likeness.imaging.plan import Limits
from likeness.imaging.probe import probe
from likeness.model import Format
from support.developing import developed
from support.sight import distance_de, picture, square

MEAN_DE_MAX: Final = {Format.PNG: 0.5, Format.JPEG: 2.0, Format.GIF: 2.0}
"""The mean over a picture. Below 2.3, the least that people notice side by side; JPEG and GIF cost
what their coding costs, at most 1.7 here, and a PNG nothing but rounding."""

WORST_DE_MAX: Final = {Format.PNG: 1.0, Format.JPEG: 4.0, Format.GIF: 4.0}
"""The mean over the worst of 64 tiles: coding is at its worst where a tile is all edges."""

SCALED_DE_MAX: Final = 2.0, 4.5
"""The same two for a size: a pyramid against one step, and for GIF a palette of fewer pixels."""

MIDDLE_PX: Final = 192
LENIENT: Final = Limits(side_px_min=1, side_px_max=4096)

OTHER_ORIGINAL: Final = {
    "1c09ff0b": "GIF that does not fill its canvas: Pillow paints the rest, we and browsers do not",
    "22049c0b": "GIF that does not fill its canvas, see above",
    "019c9d5c": "GIF that does not fill its canvas, see above",
    "0ae554fa": "GIF that does not fill its canvas, see above",
}
"""Files whose `original` honestly differs, by the hex digits of their names."""

OTHER_SIZE: Final = OTHER_ORIGINAL | {
    "e047f6d7": "animated WebP: a frame of all hues in the 256 colours that a GIF can have",
    "56f1f847": "animated GIF: its small sizes share 256 colours among twelve frames of all hues",
}
"""Files whose sizes honestly differ."""


@dataclass(frozen=True)
class Judged:
    """How far a file's original and its middle size are from what Pillow shows, in delta E."""

    name: str
    form: Format
    original: tuple[float, float]
    middle: tuple[float, float]

    @property
    def key(self) -> str:
        """The hex digits by which the tables above name a file."""
        return self.name.split("__")[1]

    @property
    def is_original_right(self) -> bool:
        """Whether nobody would see that it is another file."""
        mean, worst = self.original
        return mean <= MEAN_DE_MAX[self.form] and worst <= WORST_DE_MAX[self.form]

    @property
    def is_middle_right(self) -> bool:
        """Whether nobody would see that it was scaled in other steps."""
        return self.middle[0] <= SCALED_DE_MAX[0] and self.middle[1] <= SCALED_DE_MAX[1]


def names(corpus: Path, folder: str) -> list[str]:
    """The files of a folder of the corpus that may be accepted."""
    entries = json.loads((corpus / "manifest.json").read_text())["files"]
    return [
        entry["file"]
        for entry in entries
        if entry["file"].startswith(folder) and "ok" in entry["expect_relaxed"]
    ]


def judged(corpus: Path, name: str) -> Judged | None:
    """A file and what we make of it; None where we or Pillow refuse it."""
    data = (corpus / name).read_bytes()
    try:
        files, expected = developed(data, limits=LENIENT), picture(data)
    except (Refusal, OSError, ValueError, SyntaxError):
        return None
    side = max(int(size) for size in files if size.isdigit() and int(size) <= MIDDLE_PX)
    return Judged(
        name,
        probe(files["original"]).format,
        distance_de(expected, picture(files["original"])),
        distance_de(square(expected, side), picture(files[str(side)])),
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Pillow warns of what is odd in these files.
def test_real_pictures_look_as_pillow_shows_them(shared_corpus: Path) -> None:
    """Every valid file; those that differ are named above, with why, and do differ."""
    found = [judged(shared_corpus, name) for name in names(shared_corpus, "valid/")]

    assert None not in found
    seen = [each for each in found if each]
    keys = {each.key for each in seen}
    assert len(seen) > 100
    assert set(OTHER_ORIGINAL) & keys == {each.key for each in seen if not each.is_original_right}
    assert set(OTHER_SIZE) & keys == {each.key for each in seen if not each.is_middle_right}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Pillow warns of what is odd in these files.
def test_odd_pictures_that_both_accept_look_alike(shared_corpus: Path) -> None:
    """Files of the hostile part that need not be refused, most of them by fuzzers."""
    seen = [
        each for name in names(shared_corpus, "hostile/") if (each := judged(shared_corpus, name))
    ]

    assert len(seen) > 30
    keys = {each.key for each in seen}
    assert set(OTHER_ORIGINAL) & keys == {each.key for each in seen if not each.is_original_right}
    assert set(OTHER_SIZE) & keys == {each.key for each in seen if not each.is_middle_right}
