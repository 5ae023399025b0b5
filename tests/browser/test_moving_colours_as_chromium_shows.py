"""Every frame of a stored animation has the colours that Chromium shows of that of its upload.

`FRAMES_SHEET=/tmp/worst.png` makes it write the ten frames that differ most, to be looked at.
"""

import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import pytest
from PIL import Image, ImageSequence

from likeness.errors import Refusal
from likeness.imaging.probe import parse, probe
from likeness.model import Format
from support.apng import Shot, apng_of
from support.chromium import needs_chromium, played
from support.coloured import code, gamma, primaries, squares, with_chunks
from support.developing import developed
from support.kinds import cut_out, profile, worn
from support.pictures import encode, opened, photo
from support.side_by_side import LENIENT, Pair, most_different_first
from support.sight import distance_de

pytestmark = [pytest.mark.slow, needs_chromium]

MEAN_DE_MAX: Final = 2.5
"""Of one frame. 256 fields of as many colours, coded with losses before, cost up to 2.4 where a
palette of 256 has to do, photographs 1.8. People notice 2.3 side by side, in motion more."""

ALL_DE_MAX: Final = 1.0
"""The mean over all frames."""

FRAMES_MIN: Final = 240
PIXELS_MAX: Final = 4_000_000
"""All frames of a real animation together: each comes back from Chromium as a PNG."""

SIZE: Final = (160, 120)
FRAMES: Final = 4
DELAY_MS: Final = 70

TYPES: Final = {Format.PNG: "image/png", Format.GIF: "image/gif", Format.WEBP: "image/webp"}

Film = list[Image.Image]


def photographs() -> Film:
    """Smooth, with some noise: all colours."""
    return [photo(*SIZE, seed) for seed in range(FRAMES)]


def drawings() -> Film:
    """Flat fields of 256 colours that move to the right."""
    field = squares().resize(SIZE, Image.Resampling.NEAREST)
    return [
        field.transform(SIZE, Image.Transform.AFFINE, (1, 0, -9 * n, 0, 1, 0)) for n in range(4)
    ]


def fades() -> Film:
    """From white to black, as slowly as a palette bears least."""
    ramp = Image.linear_gradient("L").rotate(90).resize(SIZE)
    return [ramp.point(lambda level, n=n: level * (4 - n) // 4).convert("RGB") for n in range(4)]


def holes() -> Film:
    """Photographs with a clear part; nothing between clear and opaque."""
    mask = cut_out().getchannel("A").resize(SIZE, Image.Resampling.NEAREST)
    film = [frame.convert("RGBA") for frame in photographs()]
    for frame in film:
        frame.putalpha(mask)
    return film


FILMS: Final[dict[str, Callable[[], Film]]] = {
    "photographs": photographs,
    "drawings": drawings,
    "fades": fades,
    "holes": holes,
}


def moving(form: str, film: Film, **options: Any) -> bytes:
    """The frames as Pillow writes an animation."""
    more = {"save_all": True, "append_images": film[1:], "duration": DELAY_MS, "loop": 0}
    return encode(film[0], form, **more, **options)


def apng(film: Film) -> bytes:
    """The frames as an animated PNG."""
    return apng_of(SIZE, [Shot(frame) for frame in film], mode=film[0].mode)


def in_wide(film: Film, space: str, *, is_as_srgb: bool = False) -> Film:
    """The same frames in the numbers of a wide space."""
    stored = [worn(frame, space, is_as_srgb=is_as_srgb) for frame in film]
    for frame, shown in zip(stored, film, strict=True):
        if shown.mode == "RGBA":
            frame.putalpha(shown.getchannel("A"))
    return stored


WAYS: Final[dict[str, Callable[[Film], bytes]]] = {
    "GIF": lambda film: moving("GIF", film),
    "WebP, lossless": lambda film: moving("WEBP", film, lossless=True),
    "WebP, lossy": lambda film: moving("WEBP", film, quality=90),
    "WebP, quality 40": lambda film: moving("WEBP", film, quality=40),
    "WebP, mixed": lambda film: moving("WEBP", film, allow_mixed=True, minimize_size=True),
    "PNG": apng,
    "PNG, cICP P3": lambda film: with_chunks(
        apng(in_wide(film, "Display P3", is_as_srgb=True)), code(12, 13)
    ),
    "PNG, gAMA and cHRM": lambda film: with_chunks(
        apng(in_wide(film, "Display P3")), gamma(1 / 2.2), primaries("P3")
    ),
    "PNG, gAMA 1.8": lambda film: with_chunks(apng(film), gamma(1 / 1.8)),
    "PNG, gAMA 1.0": lambda film: with_chunks(apng(film), gamma(1.0)),
    "PNG, cICP BT.2020": lambda film: with_chunks(apng(film), code(9, 14)),
    "PNG, PQ": lambda film: with_chunks(apng(film), code(9, 16)),
    "PNG, HLG": lambda film: with_chunks(apng(film), code(9, 18)),
}


def generated() -> dict[str, bytes]:
    """Every film in every way."""
    return {f"{way}, {name}": WAYS[way](FILMS[name]()) for way, name in product(WAYS, FILMS)}


def real(corpus: Path) -> dict[str, bytes]:
    """Animations of the corpus and of the inputs beside it that are accepted."""
    entries = json.loads((corpus / "manifest.json").read_text())["files"]
    paths = [corpus / each["file"] for each in entries if each["frames"] > 1]
    paths += sorted((corpus.parent / "inputs").glob("*apng*.png"))
    found = {path.name: path.read_bytes() for path in paths}
    return {name: data for name, data in found.items() if is_moving(data)}


def is_moving(data: bytes) -> bool:
    """Whether it is accepted as an animation, whole, and small enough for this."""
    try:
        found = parse(data)
    except Refusal:
        return False
    seen = found.probe
    is_small = seen.frames * seen.width * seen.height <= PIXELS_MAX
    return 1 < seen.frames and is_small and not found.notes


def compared(uploads: dict[str, bytes], folder: Path) -> Iterator[Pair]:
    """Each frame of each upload beside that of its original, both by Chromium."""
    for form, kind in TYPES.items():
        some = {name: data for name, data in uploads.items() if probe(data).format is form}
        originals = [developed(data, limits=LENIENT)["original"] for data in some.values()]
        befores = played([*some.values()], folder, kind)
        afters = played(originals, folder, TYPES[Format.GIF])
        for name, before, after in zip(some, befores, afters, strict=True):
            assert before.plays == after.plays, name
            for place, pair in enumerate(zip(before.frames, after.frames, strict=True)):
                yield Pair(f"{name} {place}", Format.GIF, *pair, *distance_de(*pair))


@pytest.fixture(scope="module")
def seen(corpus_at_hand: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """All frames; those that differ most come first."""
    uploads = generated() | real(corpus_at_hand)
    found = compared(uploads, tmp_path_factory.mktemp("pages"))
    return most_different_first(found, "FRAMES_SHEET")


def test_each_frame_has_the_colours_of_its_upload(seen: list[Pair]) -> None:
    """As far as 256 colours go."""
    assert len(seen) >= FRAMES_MIN
    assert [] == [pair.name for pair in seen if pair.mean > MEAN_DE_MAX]
    assert fmean(pair.mean for pair in seen) < ALL_DE_MAX


@pytest.mark.parametrize("name", FILMS)
@pytest.mark.parametrize("space", ["Display P3", "Adobe RGB"])
def test_a_profile_of_a_moving_webp_counts(space: str, name: str) -> None:
    """As that of a still one does; Chromium takes no notice of it where a WebP moves."""
    film = FILMS[name]()
    data = moving("WEBP", in_wide(film, space), lossless=True, icc_profile=profile(space))

    made = opened(developed(data, limits=LENIENT)["original"])

    mode = film[0].mode
    shown = [frame.convert(mode) for frame in ImageSequence.Iterator(made)]
    far = [distance_de(*pair)[0] for pair in zip(film, shown, strict=True)]
    assert max(far) < MEAN_DE_MAX
