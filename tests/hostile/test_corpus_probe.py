"""Parsing on two corpora of valid, odd and hostile pictures: our own, and that of real ones."""

import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image, ImageSequence

from likeness.errors import BadImage
from likeness.imaging.probe import Probe, parse, probe
from support.developing import developed

TOO_MANY_SCANS: Final = ("658a0fd5", "b33e2628", "b4dfdfbb", "995c5f6d")
"""Whole JPEGs in thousands of scans: the probe counts, the plan refuses."""

DAMAGED_PIXELS: Final = {
    "052f7b4a": "WebP: the coded pixels end early",
    "20439c50": "WebP: the coded pixels end early",
    "24663ebc": "JPEG: the coded pixels are damaged",
    "2592a4d2": "JPEG: the coded pixels are damaged",
    "0dbb87a6": "GIF: the LZW codes are damaged",
    "2e3e073b": "GIF: the LZW codes are too few",
    "2f3175e0": "GIF: the LZW codes are damaged",
}
"""Whole in structure, broken inside: the decoder refuses these."""

ACCEPTED_SINCE: Final = {"08e807a6", "0afab12f", "23510a29", "db1e5094"}
"""AVIF, which is accepted now (contract § 4.2); the manifest does not know."""

OTHER_OPINION: Final = {
    "5d652d9f": "100 000 comments; our budget of steps is smaller",
    "22049c0b": "Pillow finds five more frames behind a byte that begins no block, libvips none",
}
"""Files for which the manifest holds the answer of one decoder, and we side with another."""


@dataclass(frozen=True)
class Sample:
    """One file of the corpus and what may be said of it."""

    folder: Path
    name: str
    answers: tuple[str, ...]
    format: str
    width: int | None
    height: int | None
    frames: int

    @property
    def key(self) -> str:
        """The eight hex digits by which the tables above name a file."""
        return self.name.split("__")[1]

    def read(self) -> bytes:
        """The file."""
        return (self.folder / self.name).read_bytes()


def sample(folder: Path, entry: dict[str, Any]) -> Sample:
    """One entry of the manifest."""
    said = (entry[name] for name in ("format", "width", "height", "frames"))
    return Sample(folder, entry["file"], tuple(entry["expect_relaxed"]), *said)


@pytest.fixture
def samples(corpus: Path) -> list[Sample]:
    """Every file of a corpus."""
    entries = json.loads((corpus / "manifest.json").read_text())["files"]
    return [sample(corpus, entry) for entry in entries]


def attempt(data: bytes) -> Probe | None:
    """The probe, or None where it refuses; any other exception is a failure."""
    try:
        return probe(data)
    except BadImage:
        return None


def shown(data: bytes) -> list[bytes]:
    """The pixels of every frame, as another decoder sees them."""
    picture = Image.open(io.BytesIO(data))
    if picture.format == "PNG":
        return [picture.convert("RGBA").tobytes()]
    return [frame.convert("RGBA").tobytes() for frame in ImageSequence.Iterator(picture)]


def test_every_picture_that_must_be_accepted_is(samples: list[Sample]) -> None:
    """With the format, the size and the number of frames that the manifest gives."""
    good = [s for s in samples if s.answers == ("ok",) and s.key not in OTHER_OPINION]
    expected = {s.name: (s.format, s.width, s.height, s.frames) for s in good}

    actual = {
        s.name: (found.format.value, found.width, found.height, found.frames)
        for s in good
        if (found := attempt(s.read()))
    }

    assert expected == actual


def test_every_picture_that_must_be_refused_is_unless_only_its_pixels_are_damaged(
    samples: list[Sample],
) -> None:
    """Those that pass are named above; the plan refuses those of too many scans.

    Of what is marked as damaged, as what is cut off in its pixels, the worker misses some.
    """
    bad = [s for s in samples if s.answers == ("bad_image",)]
    found = {s.key: (probed, s) for s in bad if (probed := attempt(s.read()))}
    damaged = {key for key, (probed, _) in found.items() if probed.is_damaged}

    passed = {*DAMAGED_PIXELS, *TOO_MANY_SCANS, *ACCEPTED_SINCE} & {s.key for s in samples}
    assert passed == found.keys() - damaged
    for key in damaged:
        with pytest.raises(BadImage, match="damaged"):
            developed(found[key][1].read())


def test_what_is_only_too_big_is_understood(samples: list[Sample]) -> None:
    """The plan can refuse it with the right word only if the probe does not."""
    big = [s for s in samples if not {"ok", "bad_image"} & set(s.answers)]

    assert [s.name for s in big if attempt(s.read()) is None] == []


def test_what_is_accepted_is_accepted_again_once_stripped(samples: list[Sample]) -> None:
    """With the same findings, but upright, and closed if its end was missing.

    What a PNG says of its colours by a code is kept by the plan, and no more in the file.
    """
    for each in samples:
        data = each.read()
        if found := attempt(data):
            again = probe(parse(data).stripped())
            is_damaged = found.is_damaged and again.is_damaged
            upright = replace(found, orientation=1, is_damaged=is_damaged)
            assert replace(upright, colours=found.colours and again.colours) == again, each.name


@pytest.mark.filterwarnings("ignore")  # Other decoders warn of what stripping removes.
def test_stripping_a_good_picture_changes_no_pixel(samples: list[Sample]) -> None:
    """Over all pictures that need not be refused by anybody."""
    for each in samples:
        if each.name.startswith("valid/"):
            data = each.read()
            assert shown(data) == shown(parse(data).stripped()), each.name
