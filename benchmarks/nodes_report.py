"""Turns what `nodes.py` measured into tables, a forecast and a verdict. No measuring here."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

from processes import CORES
from report import Ratio, at_most

SET_RATIO_MAX: Final = 1.5
"""What a photo may cost on PostgreSQL and a bucket, in the CPU of the embedded default."""

EMBEDDED: Final = "embedded"
ONE_NODE: Final = "1 node"


class Part(StrEnum):
    """What takes CPU while somebody is served."""

    NODES = "Likeness"
    DATABASE = "PostgreSQL"
    STORE = "Ceph"
    LOAD = "the load"


class Work(StrEnum):
    """What is asked for."""

    SET = "photo set"
    HOT = "read from memory"
    COLD = "read from the store"


@dataclass(frozen=True, slots=True)
class Sample:
    """One turn: how many a second, how many in all, and the CPU in seconds that each part took."""

    subject: str
    work: Work
    round: int
    per_s: float
    done: int
    cpu_s: dict[Part, float]

    def ms_each(self, part: Part) -> float:
        """CPU of a part for one of them."""
        return 1000 * self.cpu_s.get(part, 0.0) / self.done

    @property
    def foretold_per_s(self) -> float:
        """What two cores would do that are never idle, by the sum of the parts."""
        return CORES * self.done / sum(self.cpu_s.values())


def tables(samples: Iterable[Sample]) -> list[str]:
    """Lines for each kind of work, medians over the rounds."""
    every, lines = list(samples), []
    for work in Work:
        head = "".join(f"{part.value:>12}" for part in Part)
        lines += ["", f"{work.value:<22}{'per second':>12}{'foretold':>10}   CPU ms each:{head}"]
        for subject in dict.fromkeys(each.subject for each in every):
            turns = [each for each in every if (each.subject, each.work) == (subject, work)]
            costs = "".join(f"{median(t.ms_each(part) for t in turns):>12.3f}" for part in Part)
            per_s, foretold = (
                median(values)
                for values in ([t.per_s for t in turns], [t.foretold_per_s for t in turns])
            )
            lines.append(f"  {subject:<20}{per_s:>12.1f}{foretold:>10.1f}   {'':>12}{costs}")
    return lines


def claims(samples: Iterable[Sample]) -> list[Ratio]:
    """What a photo costs on one node with a database and a store, against the embedded default."""
    every = [each for each in samples if each.work is Work.SET]
    ours, behind = [], []
    for number in sorted({each.round for each in every}):
        own, shared = (
            next(each for each in every if (each.subject, each.round) == (subject, number))
            for subject in (EMBEDDED, ONE_NODE)
        )
        floor = own.ms_each(Part.NODES)
        ours.append(shared.ms_each(Part.NODES) / floor)
        parts = (Part.NODES, Part.DATABASE, Part.STORE)
        behind.append(sum(shared.ms_each(part) for part in parts) / floor)
    return [
        at_most("Likeness on a node / embedded", tuple(ours), SET_RATIO_MAX),
        at_most("with PostgreSQL and Ceph / embedded", tuple(behind), None),
    ]
