"""The claim: our JPEG settings reach a stated level of likeness, and none does so much cheaper.

For every size and for settings around ours: bytes, CPU, and SSIMULACRA2 of the file against the
pixels that went into it, on photographs. Exit code 1 when a goal was missed, unless --quick.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from PIL import Image
from ssimulacra2 import compute_ssimulacra2

import options
from encoders import SETTINGS, SETTINGS_QUICK, Setting, own_setting
from levels import Level, levels
from likeness.model import SIZES
from processes import cpu_model
from quality_report import Trial, table, verdict
from report import say

QUICK_SIZES: Final = (24, 192)
REPEATS: Final = 3
"""Encodes of which the quickest counts; the picture stays in the cache as it does in a worker."""


def main() -> int:
    """Measure, print, judge."""
    chosen = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])
    settings = SETTINGS_QUICK if chosen.quick else SETTINGS
    trials = []
    for size in chosen.sizes:
        for trial in _tried(size, settings):
            trials.append(trial)
            say(f"{size} {trial.setting}: {trial.score:.1f}")
    verdicts = [verdict(trials, size) for size in chosen.sizes]
    if chosen.json:
        print(json.dumps({"cpu": cpu_model(), "trials": [asdict(trial) for trial in trials]}))
    else:
        tables = [line for size in chosen.sizes for line in table(trials, size)]
        print("\n".join([f"one core of {cpu_model()}", *tables, ""]))
        print("\n".join(line for found in verdicts for line in found.lines))
    return 0 if chosen.quick or all(found.met for found in verdicts) else 1


def _options() -> argparse.Namespace:
    parser = options.parser(__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, choices=SIZES, help="pixels a side")
    return options.parsed(parser, {"sizes": SIZES}, {"sizes": QUICK_SIZES})


def _tried(size: int, settings: tuple[Setting, ...]) -> Iterator[Trial]:
    """Every setting at one size. Settings that give equal pixels are judged once."""
    found, scores = levels(size), dict[bytes, float]()
    own = own_setting(size)
    for setting in dict.fromkeys((own, *settings)):
        files = [[setting.encode(picture) for picture in level.pictures] for level in found]
        marks = []
        for level, written in zip(found, files, strict=True):
            shown = level.sheet([opened(data) for data in written])
            pixels = shown.tobytes()
            if pixels not in scores:
                scores[pixels] = score(level.sheet(level.pictures), shown)
            marks.append(scores[pixels])
        lengths = [len(data) for written in files for data in written]
        yield Trial(
            size=size,
            setting=setting.name,
            is_own=setting == own,
            length=sum(lengths) / len(lengths),
            cpu_ms=_cpu_ms(setting, found),
            score=sum(marks) / len(marks),
            score_min=min(marks),
        )


def _cpu_ms(setting: Setting, found: tuple[Level, ...]) -> float:
    """What one picture takes, in the mean over all of them."""
    pictures = [picture for level in found for picture in level.pictures]
    return sum(setting.cpu_ms(picture, REPEATS) for picture in pictures) / len(pictures)


def opened(data: bytes) -> Image.Image:
    """The pixels of a file."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def score(before: Image.Image, after: Image.Image) -> float:
    """SSIMULACRA2, which takes files: PNG changes nothing."""
    files = (io.BytesIO(), io.BytesIO())
    for picture, file in zip((before, after), files, strict=True):
        picture.save(file, "PNG", compress_level=1)
    return float(compute_ssimulacra2(*files))


if __name__ == "__main__":
    sys.exit(main())
