"""Turns what `reads.py` measured into tables and ratios. No measuring here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from readers import (
    HASH,
    IVATAR,
    IVATAR_CACHED,
    LARGE,
    LIKENESS,
    NGINX,
    NGINX_OPEN,
    SMALL,
    STARLETTE,
    SYNAPSE,
)
from report import Ratio
from wrk import Rate

NGINX_SHARE_MIN: Final = 0.5
"""What nginx must need for a request, in the CPU that we need for it."""

PEER_FACTOR_MIN: Final = 10.0
"""What a peer must at least need."""

COMPARED: Final = (
    *((case, NGINX, NGINX_SHARE_MIN) for case in (SMALL, LARGE)),
    *((case, NGINX_OPEN, None) for case in (SMALL, LARGE)),
    *((case, peer, PEER_FACTOR_MIN) for case in (SMALL, LARGE) for peer in (STARLETTE, SYNAPSE)),
    *((HASH, peer, PEER_FACTOR_MIN) for peer in (IVATAR, IVATAR_CACHED)),
)
"""The claims: a case, with whom Likeness is compared in it, and the goal, if it is judged."""


MANY: Final = 64
"""The number of connections that is judged: a server that is busy has many clients."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a subject is asked, over how many connections; rounds count from 0."""

    subject: str
    case: str
    connections: int
    round: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """One turn of a subject. `cpu_s` is what all requests of it cost the subject together."""

    turn: Turn
    rate: Rate
    cpu_s: float

    @property
    def cpu_us(self) -> float:
        """CPU for each request, in microseconds."""
        return self.cpu_s * 1e6 / self.rate.requests


def progress(sample: Sample) -> str:
    """One line for a turn that is over."""
    turn = sample.turn
    return (
        f"round {turn.round + 1}, {turn.case}, {turn.connections} connections, {turn.subject}: "
        f"{sample.rate.per_s:.0f} requests/s, {sample.cpu_us:.1f} us of CPU each"
    )


def table(samples: Iterable[Sample], case: str, connections: int) -> list[str]:
    """Lines with each subject's medians over all rounds."""
    own = [s for s in samples if (s.turn.case, s.turn.connections) == (case, connections)]
    title = f"{case}, {connections} connections"
    lines = ["", f"{title:<42}CPU us/request  requests/s   p50 ms   p99 ms"]
    for subject in dict.fromkeys(sample.turn.subject for sample in own):
        turns = [sample for sample in own if sample.turn.subject == subject]
        cells = (
            f"{median(turn.cpu_us for turn in turns):14.1f}",
            f"{median(turn.rate.per_s for turn in turns):10.0f}",
            f"{median(turn.rate.median_us for turn in turns) / 1000:7.2f}",
            f"{median(turn.rate.p99_us for turn in turns) / 1000:7.2f}",
        )
        lines.append(f"  {subject:<40}" + "  ".join(cells))
    return lines


def ratios(samples: Iterable[Sample]) -> list[Ratio]:
    """The claims, as far as their subjects were measured; only MANY connections are judged."""
    cpu_us = {each.turn: each.cpu_us for each in samples}
    found = []
    for connections in sorted({turn.connections for turn in cpu_us}, reverse=True):
        for case, other, goal in COMPARED:
            turns = [Turn(other, case, connections, n) for n in range(len(cpu_us))]
            values = tuple(
                cpu_us[turn] / cpu_us[replace(turn, subject=LIKENESS)]
                for turn in turns
                if turn in cpu_us
            )
            if values:
                judged = goal if connections == MANY else None
                found.append(_ratio(f"{case}, {connections} connections, {other}", values, judged))
    return found


def _ratio(name: str, values: tuple[float, ...], goal: float | None) -> Ratio:
    if goal is None:
        return Ratio(name, values, "", met=True)
    return Ratio(name, values, f">= {goal:g}", median(values) >= goal)
