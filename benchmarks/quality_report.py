"""Turns encodes that were tried into tables and a verdict for each size. No measuring here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from levels import SHEET_SIDE_PX_MIN

GOAL_LARGE: Final = 80.0
"""SSIMULACRA2 of 80: nobody tells the two apart side by side, each pixel one of the screen's. A
photo on a profile page is never shown next to what was uploaded, so that more is wasted bytes.
Each photograph has to reach it, not the mean of them: nobody uploads a mean."""

GOAL_SMALL: Final = 85.0
"""85: not even when one is shown in place of the other. Icons are shown enlarged on dense screens,
where flaws are larger too, and their bytes are few."""

CHEAPER_MIN: Final = 0.05
"""A setting that saves fewer bytes than this is called equal: other photographs would differ."""

CPU_RATIO_MAX: Final = 1.25
"""How much more CPU a setting may take and still count as one for the same price."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A setting at a size: means over the pictures, and the lowest mark among them."""

    size: int
    setting: str
    is_own: bool
    length: float
    cpu_ms: float
    score: float
    score_min: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether our setting stands at a size, and why."""

    met: bool
    lines: tuple[str, ...]


def goal(size: int) -> float:
    """The mark that a file of this size has to reach."""
    return GOAL_SMALL if size < SHEET_SIDE_PX_MIN else GOAL_LARGE


def table(trials: Iterable[Trial], size: int) -> list[str]:
    """Lines for a size, by number of bytes."""
    own = sorted((t for t in trials if t.size == size), key=lambda trial: trial.length)
    head = f"{size} px, goal {goal(size):.0f}".ljust(44)
    lines = ["", f"{head}    bytes   CPU ms  SSIMULACRA2  lowest"]
    for trial in own:
        mark = "*" if trial.is_own else " "
        lines.append(
            f"{mark} {trial.setting:<42}{trial.length:9.0f}{trial.cpu_ms:9.2f}"
            f"{trial.score:13.1f}{trial.score_min:8.1f}"
        )
    return lines


def verdict(trials: Iterable[Trial], size: int) -> Verdict:
    """Our setting reaches the mark, and none for the same CPU does it with clearly fewer bytes."""
    tried = [trial for trial in trials if trial.size == size]
    [own] = [trial for trial in tried if trial.is_own]
    good = [trial for trial in tried if trial.score_min >= goal(size)] or [own]
    affordable = [t for t in good if t.cpu_ms <= CPU_RATIO_MAX * own.cpu_ms] or [own]
    best = min(affordable, key=lambda trial: trial.length)
    reaches = own.score_min >= goal(size)
    met = reaches and best.length >= (1 - CHEAPER_MIN) * own.length
    lines = (
        f"{size} px: {own.setting} has {own.score_min:.1f} or more, goal {goal(size):.0f}; "
        f"fewest bytes for its CPU: {_against(best, own)}; "
        f"for any: {_against(min(good, key=lambda t: t.length), own)}: {'met' if met else 'missed'}"
    )
    return Verdict(met, (lines,))


def _against(trial: Trial, own: Trial) -> str:
    if trial.is_own:
        return "itself"
    return (
        f"{trial.setting} ({trial.length / own.length - 1:+.0%} bytes, "
        f"{trial.cpu_ms / own.cpu_ms:.1f} x CPU, {trial.score_min:.1f})"
    )
