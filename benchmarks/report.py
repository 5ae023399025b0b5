"""Turns what was measured into tables, ratios of every round and a verdict. No measuring here."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from load import Spell
from processes import CORES

SERVICE: Final = "Likeness"
LIBVIPS: Final = "libvips alone"
OWN: Final = "our pixels alone"
BARE: Final = {LIBVIPS: "libvips", OWN: "likeness"}
"""What makes the files without a service around it, and what `pyramid.py` calls it."""

CPU_RATIOS_MAX: Final = {LIBVIPS: 1.25, OWN: 1.3}
"""What an upload may cost, in the CPU of the bare ways."""

TIME_RATIO_MAX: Final = 1.35
"""How long an upload may take that is alone, in the time of our pixels alone."""

THROUGHPUT_RATIO_MIN: Final = 3.0
"""How much more the service must get done than either peer."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What each subject is asked to do in its turn; rounds count from 0."""

    kind: str
    connections: int
    round: int
    seconds: float

    @property
    def cores_busy(self) -> int:
        """How many pictures are worked on at a time, by the bare ways too."""
        return min(self.connections, CORES)


@dataclass(frozen=True, slots=True)
class Sample:
    """One subject's turn. `cpu_s` is what all uploads of the spell cost the subject together."""

    subject: str
    turn: Turn
    spell: Spell
    cpu_s: float
    pss_bytes: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """One claim: its value in every round, and what the median has to be; "" for no goal."""

    name: str
    rounds: tuple[float, ...]
    goal: str
    met: bool

    @property
    def median(self) -> float:
        """The value that is judged; single rounds suffer from what else the machine does."""
        return median(self.rounds)


def ratios(samples: Iterable[Sample], kind: str) -> list[Ratio]:
    """The claims for pictures of `kind`, as far as their subjects were measured.

    CPU is that of a whole round; throughput is each subject's best number of connections; time is
    that of one connection.
    """
    own = [sample for sample in samples if sample.turn.kind == kind]
    peers = sorted({sample.subject for sample in own} - {SERVICE, *BARE})
    if not _of(own, SERVICE):
        return []
    throughput = [_throughput_ratio(own, peer) for peer in peers]
    return [*_cpu_ratios(own), *_time_ratios(own), *throughput]


def at_most(name: str, rounds: tuple[float, ...], limit: float | None) -> Ratio:
    """A claim whose median may be no more than `limit`; None for no goal."""
    if limit is None:
        return Ratio(name, rounds, "", met=True)
    return Ratio(name, rounds, f"<= {limit:g}", not rounds or median(rounds) <= limit)


def at_least(name: str, rounds: tuple[float, ...], limit: float | None) -> Ratio:
    """A claim whose median may be no less than `limit`; None for no goal."""
    if limit is None:
        return Ratio(name, rounds, "", met=True)
    return Ratio(name, rounds, f">= {limit:g}", not rounds or median(rounds) >= limit)


def say(text: str) -> None:
    """Progress goes to stderr, so that stdout holds the result alone."""
    print(text, file=sys.stderr, flush=True)


def progress(sample: Sample) -> str:
    """One line for a turn that is over."""
    turn, spell = sample.turn, sample.spell
    return (
        f"{turn.kind}, round {turn.round + 1}, {turn.connections} connections, "
        f"{sample.subject}: {spell.per_s:.1f} uploads/s"
    )


def table(samples: Iterable[Sample], kind: str, connections: int) -> list[str]:
    """Lines with each subject's medians over all rounds."""
    own = [s for s in samples if (s.turn.kind, s.turn.connections) == (kind, connections)]
    lines = [
        "",
        f"{kind}, {connections} connections".ljust(33)
        + "uploads/s  CPU ms/upload  median ms  memory MB",
    ]
    for subject in dict.fromkeys(sample.subject for sample in own):
        turns = _of(own, subject)
        cells = (
            f"{median(s.spell.per_s for s in turns):9.1f}",
            f"{median(1000 * s.cpu_s / s.spell.uploads for s in turns):13.1f}",
            f"{median(1000 * s.spell.median_s for s in turns):9.1f}",
            f"{median(s.pss_bytes for s in turns) / 2**20:9.0f}",
        )
        lines.append(f"  {_label(subject, turns[0].turn):<31}" + "  ".join(cells))
    return lines


def verdict(ratio: Ratio) -> str:
    """One line for a claim, with every round's value."""
    rounds = " ".join(f"{value:.2f}" for value in ratio.rounds)
    judged = "met" if ratio.met else "missed"
    goal = f", goal {ratio.goal}: {judged}" if ratio.goal else ""
    return f"  {ratio.name}: {rounds}  median {ratio.median:.2f}{goal}"


def _cpu_ratios(samples: list[Sample]) -> list[Ratio]:
    """One for each number of busy cores, since busy cores slow each other down."""
    found = []
    for cores in sorted({sample.turn.cores_busy for sample in samples}):
        own = [sample for sample in samples if sample.turn.cores_busy == cores]
        for bare in BARE:
            rounds = _by_round(own, SERVICE, bare, _cpu_per_upload)
            name = f"CPU per upload / {_label(bare, own[0].turn)}"
            found.append(at_most(name, rounds, CPU_RATIOS_MAX[bare]))
    return found


def _time_ratios(samples: list[Sample]) -> list[Ratio]:
    """None where no subject had only one connection."""
    own = [sample for sample in samples if sample.turn.connections == 1]
    if not own:
        return []
    rounds = _by_round(own, SERVICE, OWN, _median_s)
    return [at_most(f"time of an upload / {OWN}", rounds, TIME_RATIO_MAX)]


def _label(subject: str, turn: Turn) -> str:
    if subject not in BARE:
        return subject
    return f"{subject}, {turn.cores_busy} process{'es' if turn.cores_busy > 1 else ''}"


def _throughput_ratio(samples: list[Sample], peer: str) -> Ratio:
    rounds = _by_round(samples, SERVICE, peer, _best_rate)
    return at_least(f"uploads per second / {peer}", rounds, THROUGHPUT_RATIO_MIN)


def _by_round(
    samples: list[Sample], above: str, below: str, measure: Callable[[list[Sample]], float]
) -> tuple[float, ...]:
    rounds = (
        [sample for sample in samples if sample.turn.round == number]
        for number in sorted({sample.turn.round for sample in samples})
    )
    return tuple(measure(_of(own, above)) / measure(_of(own, below)) for own in rounds)


def _of(samples: Iterable[Sample], subject: str) -> list[Sample]:
    return [sample for sample in samples if sample.subject == subject]


def _cpu_per_upload(turns: list[Sample]) -> float:
    return sum(turn.cpu_s for turn in turns) / sum(turn.spell.uploads for turn in turns)


def _median_s(turns: list[Sample]) -> float:
    return median(turn.spell.median_s for turn in turns)


def _best_rate(turns: list[Sample]) -> float:
    return max(turn.spell.per_s for turn in turns)
