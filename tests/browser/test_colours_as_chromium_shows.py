"""Every stored original has the colours that Chromium shows of its upload.

`SHEET=/tmp/worst.png` makes it write the ten pairs that differ most, to be looked at.
"""

import json
from pathlib import Path
from statistics import fmean
from typing import Final

import pytest

from likeness.errors import Refusal
from likeness.model import Format
from support.chromium import needs_chromium
from support.coloured import PRIMARIES, all_ways, avifs_by_code
from support.developing import developed
from support.kinds import KINDS
from support.side_by_side import LENIENT, Pair, most_different_first, pairs

pytestmark = [pytest.mark.slow, needs_chromium]

MEAN_DE_MAX: Final = {Format.PNG: 1.0, Format.GIF: 1.0, Format.JPEG: 2.0}
"""The mean delta E over a picture. A PNG or GIF costs nothing but rounding; coding noise as a JPEG
again costs up to 1.7, most photographs 0.5, and all JPEGs together have to stay below 1."""

JPEGS_DE_MAX: Final = 1.0

GENERATED_DE_MAX: Final = 0.5
"""Rounding costs less than 0.1, and 0.2 behind half clear PQ and HLG. Where a picture says it is
brighter than 1000 cd/m2, Chromium draws the curve by eight of its points: 0.2. On black, half clear
colours beyond sRGB differ by more (1.0, in PQ 4.4): Chromium cuts them off only once they are laid
on the paper, which no file of 8 bits of sRGB can keep."""

PICTURES_MIN: Final = 300

OTHERWISE: Final = {
    "059e3d73": "Chromium takes no notice of EXIF in a WebP, and does not turn it",
    "190befa0": "PNG whose pixels are interrupted by another chunk: Chromium shows nothing",
    "2be98d75": "GIF of four pixels of which one is missing: Chromium shows nothing",
    "14c2b7fb": "noise of 32x2336, alike at its own size; Chromium scales it otherwise",
}
"""Files of the corpus that honestly look otherwise, by the hex digits of their names."""


def accepted(corpus: Path) -> dict[str, bytes]:
    """Stills of the corpus that need not be refused, and are not."""
    entries = json.loads((corpus / "manifest.json").read_text())["files"]
    found = {}
    for entry in entries:
        if "ok" in entry["expect_relaxed"] and entry["frames"] == 1:
            data = (corpus / entry["file"]).read_bytes()
            try:
                developed(data, limits=LENIENT)
            except Refusal:
                continue
            found[entry["file"].split("__")[1]] = data
    return found


@pytest.fixture(scope="module")
def generated() -> dict[str, bytes]:
    """PNGs that say in all ways what their colours are."""
    return all_ways()


@pytest.fixture(scope="module")
def seen(
    generated: dict[str, bytes], corpus_at_hand: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Pair]:
    """Generated ones, every kind of picture, and real ones; those that differ most come first."""
    kinds = {kind: make()[0] for kind, make in KINDS.items() if kind != "PNG, animated"}
    uploads = generated | kinds | accepted(corpus_at_hand)
    return most_different_first(pairs(uploads, tmp_path_factory.mktemp("pages")), "SHEET")


def test_each_original_has_the_colours_of_its_upload(seen: list[Pair]) -> None:
    """But for those that are named above."""
    assert len(seen) >= PICTURES_MIN
    otherwise = set(OTHERWISE) & {pair.name for pair in seen}
    assert otherwise == {pair.name for pair in seen if pair.mean > MEAN_DE_MAX[pair.form]}
    jpegs = [pair.mean for pair in seen if pair.form is Format.JPEG and pair.name not in OTHERWISE]
    assert fmean(jpegs) < JPEGS_DE_MAX


def test_what_a_png_says_of_its_colours_is_followed(
    seen: list[Pair], generated: dict[str, bytes]
) -> None:
    """By code, profile, name, gamma and primaries, alone and together."""
    far = {pair.name: pair.mean for pair in seen if pair.mean > GENERATED_DE_MAX}

    assert {name for name in far if name in generated} == set()


def test_what_an_avif_says_of_its_colours_is_followed(tmp_path: Path) -> None:
    """All primaries with all curves, and how bright the picture is. Chromium shows no HEIC."""
    far = {pair.name: pair.mean for pair in pairs(avifs_by_code(), tmp_path)}

    assert len(far) > len(PRIMARIES)
    assert {name for name, mean in far.items() if mean > MEAN_DE_MAX[Format.JPEG]} == set()
