"""What Chromium shows of an upload and of our original is the same picture.

The browser that people choose their photo in has decoded it before we do: what they saw there is
what they must get. Chromium shares no decoder setting with libvips, and none with Pillow.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from likeness.imaging.probe import probe
from support.canvas import KEPT, Layer, gif_of, painted
from support.chromium import as_png, needs_chromium, shown
from support.kinds import KINDS
from support.pictures import photo
from support.side_by_side import BLACK, WHITE, pairs
from support.sight import distance_de

pytestmark = [pytest.mark.slow, needs_chromium]

MEAN_DE_MAX: Final = 2.0
WORST_DE_MAX: Final = 4.0
"""Delta E over the whole and over the worst of 64 tiles. People notice 2.3 side by side; coding a
JPEG again costs up to 1.0 here, and a tile of hard edges twice that."""

OTHERWISE: Final = {
    "059e3d73": "Chromium turns JPEG and PNG upright, but takes no notice of EXIF in a WebP",
}
"""Files of the corpus that it honestly shows otherwise, by the hex digits of their names."""


def differing(
    uploads: dict[str, bytes], folder: Path, papers: Sequence[int] = (WHITE, BLACK)
) -> dict[str, tuple[float, float]]:
    """The uploads whose original looks different, with their distances; both papers count."""
    return {
        pair.name: (pair.mean, pair.worst)
        for pair in pairs(uploads, folder, papers)
        if pair.mean > MEAN_DE_MAX or pair.worst > WORST_DE_MAX
    }


def test_real_pictures(corpus_at_hand: Path, tmp_path: Path) -> None:
    """Valid stills with anything special, a third of the others; who differs is named above.

    Animations are left out: nobody can say at which frame a screenshot is taken.
    """
    entries = json.loads((corpus_at_hand / "manifest.json").read_text())["files"]
    stills = [e for e in entries if e["file"].startswith("valid/") and e["frames"] == 1]
    chosen = [e for place, e in enumerate(stills) if e["special"] or place % 3 == 0]
    uploads = {e["file"].split("__")[1]: (corpus_at_hand / e["file"]).read_bytes() for e in chosen}
    clear = {key: data for key, data in uploads.items() if probe(data).has_alpha}

    assert len(uploads) > 60
    assert set(OTHERWISE) & set(uploads) == set(differing(uploads, tmp_path, [WHITE]))
    assert {} == differing(clear, tmp_path, [BLACK])


def test_every_kind_of_picture(tmp_path: Path) -> None:
    """CMYK, YCCK, wide colours, 16 bits, interlacing, gamma, alpha: made for `test_kinds.py`."""
    uploads = {kind: make()[0] for kind, make in KINDS.items() if kind != "PNG, animated"}

    assert {} == differing(uploads, tmp_path)


@pytest.mark.parametrize("is_clear", [False, True])
def test_a_gif_that_does_not_fill_its_canvas(tmp_path: Path, *, is_clear: bool) -> None:
    """The rest is clear, and that is also what the ground truth of `test_kinds.py` paints."""
    drawn = photo(120, 80).quantize(32).convert("RGBA" if is_clear else "RGB")
    layers = [Layer(drawn, 31, 17, KEPT)]
    upload = gif_of((200, 150), layers)
    [truth] = painted((200, 150), layers)

    assert {} == differing({"upload": upload}, tmp_path)
    [before, after] = shown([upload, as_png(truth)], tmp_path)
    assert distance_de(before, after) < (0.5, 1.0)
