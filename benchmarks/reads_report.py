"""Turns what `reads.py` measured into tables and ratios. No measuring here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from readers import (
    HASH,
    IVATAR,
    IVATAR_CACHED,
    KNOWN,
    LARGE,
    LIKENESS,
    NGINX,
    NGINX_OPEN,
    SMALL,
    STARLETTE,
    SYNAPSE,
)
from report import Ratio, at_least, at_most
from wrk import Rate

CPU_RATIO_MAX: Final = 1.5
"""What we may need for a request, in the CPU that nginx needs for it."""

RATE_SHARE_MIN: Final = 0.65
"""How many requests a second we must get done, of those that nginx does."""

USUAL_FACTOR_MIN: Final = 30.0
PEER_FACTOR_MIN: Final = 10.0
"""What a Starlette FileResponse, and other peers, must at least need of the CPU that we need."""

HOT: Final = (SMALL, LARGE, KNOWN, HASH)
"""What is asked for most, in memory here and in the cache of files of nginx."""

PEERS: Final = (
    *((case, NGINX, None) for case in HOT),
    *((case, STARLETTE, USUAL_FACTOR_MIN) for case in (SMALL, LARGE)),
    *((case, SYNAPSE, PEER_FACTOR_MIN) for case in (SMALL, LARGE)),
    *((HASH, peer, PEER_FACTOR_MIN) for peer in (IVATAR, IVATAR_CACHED)),
)
"""A case, with whom else Likeness is compared in it, and the goal, if it is judged."""

ALONE, FEW, MANY = 1, 8, 64
"""Connections: a server that is busy has many clients. The peers are judged by those alone."""


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
    """The claims, as far as their subjects were measured."""
    by_turn = {each.turn: each for each in samples}
    found = []
    for connections in sorted({turn.connections for turn in by_turn}):
        for case in HOT:
            cpu = _rounds(by_turn, case, connections, NGINX_OPEN, _cpu_of)
            rate = _rounds(by_turn, case, connections, NGINX_OPEN, _rate_of)
            title = f"{case}, {connections} connections"
            found.append(at_most(f"CPU / nginx's: {title}", cpu, CPU_RATIO_MAX))
            found.append(at_least(f"requests/s / nginx's: {title}", rate, RATE_SHARE_MIN))
        for case, peer, goal in PEERS:
            cpu = _rounds(by_turn, case, connections, peer, _cpu_of)
            factors = tuple(1 / value for value in cpu)
            judged = goal if connections == MANY else None
            title = f"CPU of {peer} / ours: {case}, {connections} connections"
            found.append(at_least(title, factors, judged))
    return [ratio for ratio in found if ratio.rounds]


def _rounds(
    by_turn: Mapping[Turn, Sample],
    case: str,
    connections: int,
    peer: str,
    measure: Callable[[Sample], float],
) -> tuple[float, ...]:
    """Ours by the peer's in each round in which both had their turn."""
    turns = [Turn(peer, case, connections, number) for number in range(len(by_turn))]
    return tuple(
        measure(by_turn[own]) / measure(by_turn[turn])
        for turn in turns
        if turn in by_turn and (own := replace(turn, subject=LIKENESS)) in by_turn
    )


def _cpu_of(sample: Sample) -> float:
    return sample.cpu_us


def _rate_of(sample: Sample) -> float:
    return sample.rate.per_s
