"""Metrics in shared memory: each server process counts, and any of them tells the sums.

Each process writes to a sheet of its own, so that nothing has to be locked, and whichever process a
monitor reaches adds all sheets up. The memory is made before the processes are forked and belongs
to none of them: what a process that died had counted stays, and its successor counts on from there.

The series are known from the start, which bounds the memory and the length of an answer.
"""

import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from mmap import mmap
from typing import Final

_CELL_LENGTH: Final = 8
"""A float of 64 bits: whole numbers are exact up to 2**53. It is read and written as a whole."""

_KEEPER: Final = 0
"""The cell of a sheet that has the id of the process that writes to it; 0 for none."""

_SHARED: Final = 0
"""The sheet that every process may write to, for what is not one process's own."""

Labels = tuple[str, ...]


class Kind(Enum):
    """The kind of a metric, and how the values of several processes are combined."""

    COUNTER = auto()
    """Their sum, those of processes that died included, so that it never falls."""

    HISTOGRAM = auto()
    """The same for each bucket."""

    SUM = auto()
    """A gauge: the sum over the processes that run."""

    LEAST = auto()
    """A gauge: the least value of all running processes, for a state that each must be in."""

    LATEST = auto()
    """A gauge: the greatest of all processes that ever ran, for moments."""

    SHARED = auto()
    """A gauge: one value, which whichever process found it last has set."""


_KEPT: Final = frozenset({Kind.COUNTER, Kind.HISTOGRAM, Kind.LATEST})
"""Kinds whose figures outlive the process."""


@dataclass(frozen=True, slots=True)
class Family:
    """Figures of one name. `series` are the values of `labels` that there can be.

    `name` is without the endings that Prometheus adds, such as `_total`. `bounds` are the upper
    bounds of the buckets of a histogram, all but the last, which is infinite.
    """

    name: str
    text: str
    kind: Kind
    labels: Labels = ()
    series: tuple[Labels, ...] = ((),)
    bounds: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """Cells of one series; a histogram has its buckets and the sum of what was observed."""
        return len(self.bounds) + 2 if self.kind is Kind.HISTOGRAM else 1


class Board:
    """The memory of all sheets: `sheets` of processes, which are numbered from 1."""

    def __init__(self, families: Sequence[Family], sheets: int = 1) -> None:
        self.families: Final = tuple(families)
        self._places: dict[str, dict[Labels, int]] = {}
        place = _KEEPER + 1
        for family in self.families:
            of_family = self._places.setdefault(family.name, {})
            for labels in family.series:
                of_family[labels] = place
                place += family.width
        self._width = place
        self._sheets = range(1, sheets + 1)
        memory = mmap(-1, _CELL_LENGTH * self._width * (sheets + 1))
        self.cells: Final = memoryview(memory).cast("d")

    def take(self) -> int:
        """The number of a sheet that no process has, with all gauges at 0.

        Raises IndexError where there is none.
        """
        free = next((each for each in self._sheets if not self._keeper(each)), None)
        if free is None:
            raise IndexError("every sheet of figures belongs to a process")
        for family in self.families:
            if family.kind not in _KEPT and family.kind is not Kind.SHARED:
                for labels in family.series:
                    self.cells[self.place(free, family, labels)] = 0.0
        # Until the process itself says who it is.
        self.cells[free * self._width + _KEEPER] = os.getpid()
        return free

    def give_back(self, number: int) -> None:
        """Take a sheet from a process that is gone; what it counted stays."""
        self.cells[number * self._width + _KEEPER] = 0.0

    def sheet(self, number: int) -> "Sheet":
        """The sheet that `take` gave the number of, which is this process's from now on."""
        self.cells[number * self._width + _KEEPER] = os.getpid()
        return Sheet(self, number)

    def place(self, number: int, family: Family, labels: Labels = ()) -> int:
        """The first cell of a series on a sheet. Raises KeyError for labels that are not known."""
        sheet = _SHARED if family.kind is Kind.SHARED else number
        return sheet * self._width + self._places[family.name][labels]

    def processes(self) -> list[int]:
        """The ids of the processes that run."""
        return [keeper for each in self._sheets if (keeper := self._keeper(each))]

    def totals(self, family: Family) -> Iterator[tuple[Labels, list[float]]]:
        """Each series of a family with the figures of all processes together, cell by cell."""
        for labels in family.series:
            sheets = [self._cells_of(number, family, labels) for number in self._read(family.kind)]
            yield labels, [_together(family.kind, cells) for cells in zip(*sheets, strict=True)]

    def _read(self, kind: Kind) -> Sequence[int]:
        if kind is Kind.SHARED:
            return [_SHARED]
        if kind in _KEPT:
            return self._sheets
        return [each for each in self._sheets if self._keeper(each)] or self._sheets[:1]

    def _cells_of(self, number: int, family: Family, labels: Labels) -> Sequence[float]:
        start = self.place(number, family, labels)
        return self.cells[start : start + family.width].tolist()

    def _keeper(self, number: int) -> int:
        return int(self.cells[number * self._width + _KEEPER])


class Sheet:
    """The values of one process. One thread at a time may write to a series."""

    def __init__(self, board: Board, number: int) -> None:
        self.board: Final = board
        self._number = number

    @classmethod
    def alone(cls, *families: Family) -> "Sheet":
        """A sheet for a process that shares its figures with nobody."""
        board = Board(families)
        return board.sheet(board.take())

    def place(self, family: Family, labels: Labels = ()) -> int:
        """The cell of a series in `board.cells`, for code that counts very often."""
        return self.board.place(self._number, family, labels)

    def add(self, family: Family, labels: Labels = (), amount: float = 1.0) -> None:
        """Count. Raises KeyError for labels that are not known."""
        self.board.cells[self.place(family, labels)] += amount

    def set(self, family: Family, value: float, labels: Labels = ()) -> None:
        """Set a gauge, or a counter whose count is kept elsewhere."""
        self.board.cells[self.place(family, labels)] = value

    def get(self, family: Family, labels: Labels = ()) -> float:
        """The value of a series."""
        return self.board.cells[self.place(family, labels)]

    def observe(self, family: Family, value: float, labels: Labels = ()) -> None:
        """Count a value in its bucket, and add it to the sum."""
        cells, start = self.board.cells, self.place(family, labels)
        cells[start + bisect_left(family.bounds, value)] += 1.0
        cells[start + family.width - 1] += value


def _together(kind: Kind, figures: Sequence[float]) -> float:
    if kind is Kind.LEAST:
        return min(figures)
    return max(figures) if kind is Kind.LATEST else sum(figures)
