"""Turns what `flat.py` measured into tables and ratios. No measuring here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from report import Ratio

ALONE: Final = "alone"
BUSY: Final = ("4 upload at a time", "50 upload at once")
PEOPLE: Final = "two databases at the same time"
KEPT: Final = ("photo, 72 px", "by hash, 80 px", "new hash each time", "another person each time")
"""What is read of Likeness."""

NGINX: Final = "idle nginx, the same photo"

GROWTH_MAX: Final = 1.5
"""How much longer the slowest of a hundred may take; beside uploads, than that of the control."""


@dataclass(frozen=True, slots=True)
class Spell:
    """What was read for a while, in one state; `took_s` has every answer's time in seconds."""

    state: str
    round: int
    uploads: int
    took_s: dict[str, list[float]]

    def p50_ms(self, stream: str) -> float:
        """What half of the answers took at most."""
        return 1000 * median(self.took_s[stream])

    def p99_ms(self, stream: str) -> float:
        """What all but one of a hundred took at most."""
        return 1000 * quantiles(self.took_s[stream], n=100)[-1]


def tables(spells: Sequence[Spell]) -> list[str]:
    """Each stream's medians over the rounds, state by state."""
    lines = []
    for state in dict.fromkeys(spell.state for spell in spells):
        own = [spell for spell in spells if spell.state == state]
        uploads = sum(spell.uploads for spell in own)
        title = f"{state}, {uploads} uploads" if uploads else state
        lines += ["", f"{title:<40}p50 ms  p99 ms"]
        for stream in own[0].took_s:
            p50_ms = median(spell.p50_ms(stream) for spell in own)
            p99_ms = median(spell.p99_ms(stream) for spell in own)
            lines.append(f"  {stream:<38}{p50_ms:6.2f}  {p99_ms:6.2f}")
    return lines


def growths(spells: Sequence[Spell]) -> list[Ratio]:
    """Beside uploads against alone; judged against how the control grew, if there is one."""
    found = []
    for state in BUSY:
        control = _times(spells, state, ALONE, NGINX) if NGINX in spells[0].took_s else ()
        if control:
            found.append(Ratio(f"{state}, {NGINX}", control, "", met=True))
        allowed = GROWTH_MAX * max(1.0, median(control or (1.0,)))
        for stream in KEPT:
            times = _times(spells, state, ALONE, stream)
            name = f"{state}, {stream}"
            found.append(_judged(name, times, allowed))
    return found


def claims(spells: Sequence[Spell], people: Sequence[int]) -> list[Ratio]:
    """Many people against few, both read in the same spells."""
    few, many = people
    own = [spell for spell in spells if spell.state == PEOPLE]
    return [
        _judged(
            f"{many} / {few} people, {stream}",
            tuple(s.p99_ms(beside(many, stream)) / s.p99_ms(beside(few, stream)) for s in own),
            GROWTH_MAX,
        )
        for stream in KEPT
    ]


def beside(people: int, stream: str) -> str:
    """What a stream is called where two databases are read at the same time."""
    return f"{people} people, {stream}"


def _judged(name: str, times: tuple[float, ...], allowed: float) -> Ratio:
    return Ratio(name, times, f"<= {allowed:.1f}", median(times) <= allowed)


def _times(spells: Iterable[Spell], above: str, below: str, stream: str) -> tuple[float, ...]:
    """In each round, the 99th percentile of one state in that of another."""
    own = [spell for spell in spells if stream in spell.took_s]
    p99_ms = {(spell.state, spell.round): spell.p99_ms(stream) for spell in own}
    rounds = sorted({number for _, number in p99_ms})
    return tuple(p99_ms[above, number] / p99_ms[below, number] for number in rounds)
