"""Turns what the engine and its peers took into tables, ratios and verdicts. No measuring here."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from report import Ratio, at_least, at_most

OWN: Final = "Likeness, in process"
WORKER: Final = "Likeness, sandboxed worker"
LIBVIPS: Final = "libvips, a thumbnail a size"
LIBVIPS_PYRAMID: Final = "libvips pyramid"
SHARP: Final = "sharp, a pipeline a size"
SHARP_PYRAMID: Final = "sharp pyramid"
SHARP_FREE: Final = "sharp, its own threads"
SHARP_PYRAMID_FREE: Final = "sharp pyramid, its own threads"
PILLOW: Final = "Pillow, a resize a size"
PILLOW_PYRAMID: Final = "Pillow pyramid"

PEERS: Final = (
    *(LIBVIPS, LIBVIPS_PYRAMID, SHARP, SHARP_PYRAMID, SHARP_FREE, SHARP_PYRAMID_FREE),
    *(PILLOW, PILLOW_PYRAMID),
)
COMMON: Final = (SHARP, SHARP_FREE, PILLOW)
"""What people commonly write."""

WORKER_RATIO_MAX: Final = 1.1
WORKER_KIND: Final = "jpeg-1024x1024"
COMMON_RATIO_MIN: Final = 3.0
MOTION_RATIO_MAX: Final = 1.3
"""An animation against the GIF of the same motion."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One turn of one subject: what one picture took in the mean; `length` is that of all files."""

    subject: str
    kind: str
    round: int
    wall_ms: float
    cpu_ms: float
    length: int


def table(samples: Iterable[Sample], kind: str) -> list[str]:
    """Lines with each subject's medians over all rounds."""
    own = [sample for sample in samples if sample.kind == kind]
    lines = ["", f"{kind:<34}  ms a picture   CPU ms  kB of files"]
    for subject in dict.fromkeys(sample.subject for sample in own):
        turns = [sample for sample in own if sample.subject == subject]
        wall_ms = median(turn.wall_ms for turn in turns)
        cpu_ms = median(turn.cpu_ms for turn in turns)
        length_kb = turns[0].length / 1000
        lines.append(f"  {subject:<32}{wall_ms:14.1f}{cpu_ms:9.1f}{length_kb:13.0f}")
    return lines


def ratios(samples: Iterable[Sample], kind: str) -> list[Ratio]:
    """The claims for one kind, as far as their subjects were measured.

    CPU is judged. On one core it is the time as well, unless somebody else wants that core.
    """
    found = list(samples)
    own = [sample for sample in found if sample.kind == kind]
    subjects = {sample.subject for sample in own}
    if not {OWN, WORKER} <= subjects:
        return []
    peers = [peer for peer in PEERS if peer in subjects]
    return [
        _worker_ratio(own, kind),
        *(_peer_ratio(own, peer) for peer in peers),
        *_motion_ratios(found, kind),
    ]


def _motion_ratios(samples: list[Sample], kind: str) -> list[Ratio]:
    """What moves, against the GIF of it that was measured in turns with it."""
    form, _, motion = kind.partition("-")
    gif = f"gif-{motion}"
    if form == "gif" or gif not in {sample.kind for sample in samples}:
        return []
    ratios = []
    for subject in (OWN, WORKER):
        found = {
            (each.kind, each.round): each.cpu_ms for each in samples if each.subject == subject
        }
        numbers = sorted(number for name, number in found if name == kind)
        rounds = tuple(found[kind, number] / found[gif, number] for number in numbers)
        ratios.append(at_most(f"{kind} / {gif}, {subject}", rounds, MOTION_RATIO_MAX))
    return ratios


def _worker_ratio(samples: list[Sample], kind: str) -> Ratio:
    rounds = _by_round(samples, WORKER, OWN)
    limit = WORKER_RATIO_MAX if kind == WORKER_KIND else None
    return at_most("worker / in process", rounds, limit)


def _peer_ratio(samples: list[Sample], peer: str) -> Ratio:
    rounds = _by_round(samples, peer, OWN)
    least = COMMON_RATIO_MIN if peer in COMMON else 1.0
    return at_least(f"{peer} / in process", rounds, least)


def _by_round(samples: list[Sample], above: str, below: str) -> tuple[float, ...]:
    """In each round, since what else the machine does falls on all of it."""
    found = {(sample.subject, sample.round): sample.cpu_ms for sample in samples}
    numbers = sorted({sample.round for sample in samples})
    return tuple(found[above, number] / found[below, number] for number in numbers)
