"""An upload and what is stored of it, each as Chromium shows it, beside one another."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from likeness.imaging.plan import Limits
from likeness.imaging.probe import probe
from likeness.model import Format
from support.chromium import CELL_PX, shown
from support.developing import developed
from support.sight import distance_de

WHITE, BLACK = 0, 1
LENIENT: Final = Limits(side_px_min=1, side_px_max=8192)

_LINE_PX: Final = 16
_SHEET_PAIRS: Final = 10


@dataclass(frozen=True)
class Pair:
    """An upload and its original, as shown on one paper, and how far they are apart in delta E.

    `form` is the original's.
    """

    name: str
    form: Format
    before: Image.Image
    after: Image.Image
    mean: float
    worst: float


def pairs(
    uploads: Mapping[str, bytes], folder: Path, papers: Sequence[int] = (WHITE,)
) -> list[Pair]:
    """Each upload on each paper, without the field around it; raises what `developed` raises."""
    originals = [developed(data, limits=LENIENT)["original"] for data in uploads.values()]
    found = []
    for paper in papers:
        befores = shown(list(uploads.values()), folder, paper=paper)
        afters = shown(originals, folder, paper=paper)
        for name, data, *fields in zip(uploads, originals, befores, afters, strict=True):
            seen = probe(data)
            before, after = (_cut(field, *seen.upright) for field in fields)
            found.append(Pair(name, seen.format, before, after, *distance_de(before, after)))
    return found


def most_different_first(found: Iterable[Pair], variable: str) -> list[Pair]:
    """Sorted; those that differ most go to the sheet whose file the environment names, if it does.

    Such as `SHEET=/tmp/worst.png`, to be looked at.
    """
    worst_first = sorted(found, key=lambda pair: pair.mean, reverse=True)
    if path := os.environ.get(variable):
        _sheet(worst_first[:_SHEET_PAIRS]).save(path)
    return worst_first


def _cut(field: Image.Image, width: int, height: int) -> Image.Image:
    """A picture of this size out of its field, into which it was scaled down."""
    longer = max(width, height, CELL_PX)
    return field.crop((0, 0, max(1, width * CELL_PX // longer), max(1, height * CELL_PX // longer)))


def _sheet(chosen: Sequence[Pair]) -> Image.Image:
    """Pairs below one another: the upload on the left, the original on the right."""
    step = CELL_PX + _LINE_PX
    made = Image.new("RGB", (2 * CELL_PX, len(chosen) * step), "grey")
    pen = ImageDraw.Draw(made)
    for place, pair in enumerate(chosen):
        top = place * step
        pen.text((2, top + 2), f"{pair.name}: {pair.mean:.2f}, tile {pair.worst:.2f}", "black")
        made.paste(pair.before, (0, top + _LINE_PX))
        made.paste(pair.after, (CELL_PX, top + _LINE_PX))
    return made
