"""The claim: WebP beside a photo's own format saves a fifth of the bytes, and nobody sees it.

For every size: bytes of the stored JPEG and of the WebP that the service makes of it, and
SSIMULACRA2 of both against the pixels that the JPEG was made of, on photographs. AVIF by Pillow
stands beside it, as what else there is. Exit code 1 when a goal was missed, unless --quick.
"""

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

import pyvips
from PIL import Image

from levels import Level, levels
from likeness.imaging.worker.encode import encode, encode_picture
from likeness.model import SIZES, Format
from processes import cpu_model
from quality import opened, score
from report import say

SAVED_MIN: Final = 0.2
MARK_MIN: Final = 70.0
"""SSIMULACRA2 of 70 is high quality: nobody notices without changing to and fro between the two."""

AVIF_QUALITY: Final = 70
"""The first at which AVIF has about the marks that our WebP has."""

QUICK_SIZES: Final = (192,)


@dataclass(frozen=True, slots=True)
class Finding:
    """One format at one size: bytes of a file and CPU in the mean, and the lowest mark."""

    size: int
    form: str
    length: float
    cpu_ms: float
    mark_min: float


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a smoke run of some seconds")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])
    found: list[Finding] = []
    for size in QUICK_SIZES if options.quick else SIZES:
        found += _found(size)
        say(f"{size} is done")
    if options.json:
        print(json.dumps({"cpu": cpu_model(), "found": [asdict(each) for each in found]}))
    else:
        print("\n".join(_lines(found)))
    return 0 if options.quick or all(map(_is_met, _pairs(found))) else 1


def _found(size: int) -> Iterator[Finding]:
    groups = levels(size)
    stored = [[encode_picture(picture) for picture in level.pictures] for level in groups]
    yield _judged(size, "jpeg", groups, stored, 0.0)
    for form, convert in (("webp", _webp), ("avif", _avif)):
        started = time.process_time()
        files = [[convert(data) for data in some] for some in stored]
        cpu_ms = 1000 * (time.process_time() - started) / sum(map(len, files))
        yield _judged(size, form, groups, files, cpu_ms)


def _judged(
    size: int, form: str, groups: tuple[Level, ...], files: list[list[bytes]], cpu_ms: float
) -> Finding:
    marks = [
        score(level.sheet(level.pictures), level.sheet([opened(data) for data in some]))
        for level, some in zip(groups, files, strict=True)
    ]
    lengths = [len(data) for some in files for data in some]
    return Finding(size, form, sum(lengths) / len(lengths), cpu_ms, min(marks))


def _webp(data: bytes) -> bytes:
    """As a worker does it."""
    return encode(pyvips.Image.jpegload_buffer(data), Format.WEBP)


def _avif(data: bytes) -> bytes:
    stream = io.BytesIO()
    picture: Image.Image = opened(data)
    picture.save(stream, "AVIF", quality=AVIF_QUALITY, speed=8, max_threads=1)
    return stream.getvalue()


def _pairs(found: list[Finding]) -> list[tuple[Finding, Finding]]:
    """JPEG and WebP of each size."""
    jpeg, webp = ([each for each in found if each.form == form] for form in ("jpeg", "webp"))
    return list(zip(jpeg, webp, strict=True))


def _is_met(pair: tuple[Finding, Finding]) -> bool:
    jpeg, webp = pair
    return webp.length <= (1 - SAVED_MIN) * jpeg.length and webp.mark_min >= MARK_MIN


def _lines(found: list[Finding]) -> Iterator[str]:
    yield f"one core of {cpu_model()}"
    yield f"{'px':>5} {'format':<6} {'bytes':>8} {'of JPEG':>8} {'CPU ms':>7} {'lowest mark':>12}"
    for each in found:
        jpeg = next(f for f in found if (f.size, f.form) == (each.size, "jpeg"))
        share = each.length / jpeg.length
        yield (
            f"{each.size:>5} {each.form:<6} {each.length:>8.0f} {share:>8.2f} "
            f"{each.cpu_ms:>7.1f} {each.mark_min:>12.1f}"
        )
    for pair in _pairs(found):
        verdict = "met" if _is_met(pair) else "MISSED"
        yield f"{pair[0].size}: a fifth fewer bytes at a mark of {MARK_MIN:.0f}: {verdict}"


if __name__ == "__main__":
    sys.exit(main())
