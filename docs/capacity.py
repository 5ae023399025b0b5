"""What an installation of some size needs, derived from figures that were measured.

`docs/generate.py` writes the tables into docs/capacity.md. Figures with MEASURED in front came from
the benchmarks named beside them; those with ASSUMED are what we suppose about people and prices.
Whoever knows better changes them here and runs `python docs/generate.py`.
"""

from dataclasses import dataclass
from typing import Final

MEASURED_SET_CPU_S: Final = 0.0189
"""Our own CPU for one photo set on PostgreSQL and a bucket: benchmarks/nodes.py."""

MEASURED_SET_DATABASE_CPU_S: Final = 0.0014
"""PostgreSQL's CPU for it, with the looks that come before: benchmarks/nodes.py."""

MEASURED_HOT_CPU_S: Final = 0.000_032
"""A photo from memory: benchmarks/nodes.py."""

MEASURED_STORE_READ_CPU_S: Final = 0.0006
"""A photo from a bucket, our part of it: benchmarks/nodes.py."""

MEASURED_LOOK_CPU_S: Final = 0.000_35
MEASURED_LOOK_DATABASE_CPU_S: Final = 0.000_19
"""Whom a hash leads to, ours and PostgreSQL's: benchmarks/rows.py."""

MEASURED_PHOTO_BYTES: Final = 340_000
MEASURED_PHOTO_OBJECTS: Final = 8
"""All files of a photograph of 1024 by 768 pixels as JPEG; of 512 by 512 they are 130 000 bytes."""

MEASURED_PERSON_ROW_BYTES: Final = 1_400
"""All rows of somebody with one photo, with their indexes: benchmarks/rows.py."""

ASSUMED_SETS_PER_PERSON_YEAR: Final = 2
ASSUMED_READS_PER_PERSON_DAY: Final = 200
"""Pictures that browsers ask for and do not have yet."""

ASSUMED_BY_HASH: Final = 0.25
"""Of these reads; the others know the photo's own URL."""

ASSUMED_PEAK: Final = 4
"""How many times more than the mean the busiest minute has."""

ASSUMED_HITS: Final = {"by URL": 0.97, "by hash": 0.80}
"""Of a shared cache in front (nginx, a CDN)."""

ASSUMED_HOT: Final = 0.7
"""Of what passes the shared cache, found in a node's own memory."""

ASSUMED_READ_BYTES: Final = 4_000
ASSUMED_BUSY_MAX: Final = 0.5
"""How busy a core may be, so that one node of two can be lost."""

ASSUMED_CORES_PER_NODE: Final = 4

PRICE_PUT: Final = 5.0e-6
PRICE_GET: Final = 0.4e-6
PRICE_GB_MONTH: Final = 0.023
PRICE_CDN_GB: Final = 0.05
PRICE_CORE_HOUR: Final = 0.04
"""Dollars, of the order that large providers ask."""

_DAY_S: Final = 86_400
_YEAR_S: Final = 365 * _DAY_S
_REPLACED_KEPT: Final = 30 / 365
"""Replaced photos are kept for 30 days."""


@dataclass(frozen=True, slots=True)
class Need:
    """What that many people need at their busiest minute."""

    people: int

    @property
    def sets_per_s(self) -> float:
        """Photos set."""
        return self.people * ASSUMED_SETS_PER_PERSON_YEAR / _YEAR_S * ASSUMED_PEAK

    @property
    def reads_per_s(self) -> float:
        """Pictures asked for, wherever they are answered."""
        return self.people * ASSUMED_READS_PER_PERSON_DAY / _DAY_S * ASSUMED_PEAK

    def looks_per_s(self, *, cached: bool) -> float:
        """Questions to the database, whom a hash leads to."""
        reads = self.reads_per_s * ASSUMED_BY_HASH
        return reads * (1 - ASSUMED_HOT) * (1 - cached * ASSUMED_HITS["by hash"])

    def node_cores(self, *, cached: bool) -> float:
        """Cores of ours that are busy."""
        by_url = self.reads_per_s * (1 - ASSUMED_BY_HASH)
        by_hash = self.reads_per_s * ASSUMED_BY_HASH
        arriving = by_url * (1 - cached * ASSUMED_HITS["by URL"])
        arriving += by_hash * (1 - cached * ASSUMED_HITS["by hash"])
        cold = arriving * (1 - ASSUMED_HOT)
        return (
            arriving * MEASURED_HOT_CPU_S
            + cold * MEASURED_STORE_READ_CPU_S
            + self.looks_per_s(cached=cached) * MEASURED_LOOK_CPU_S
            + self.sets_per_s * MEASURED_SET_CPU_S
        )

    def nodes(self, *, cached: bool) -> int:
        """Machines of four cores, one of which may be lost."""
        cores = self.node_cores(cached=cached) / ASSUMED_BUSY_MAX
        return max(2, -int(-cores // ASSUMED_CORES_PER_NODE))

    def database_cores(self, *, cached: bool) -> float:
        """Cores of PostgreSQL that are busy."""
        looking = self.looks_per_s(cached=cached) * MEASURED_LOOK_DATABASE_CPU_S
        return looking + self.sets_per_s * MEASURED_SET_DATABASE_CPU_S

    @property
    def photo_bytes(self) -> float:
        """All files, with those of photos that were replaced within a month."""
        kept = 1 + ASSUMED_SETS_PER_PERSON_YEAR * _REPLACED_KEPT
        return self.people * MEASURED_PHOTO_BYTES * kept

    @property
    def row_bytes(self) -> float:
        """The whole database."""
        return self.people * MEASURED_PERSON_ROW_BYTES


SIZES: Final = (1_000, 1_000_000, 100_000_000)


def needs() -> str:
    """The table of what each size needs, as Markdown."""
    all_of_them = [Need(people) for people in SIZES]
    rows: list[tuple[str, list[str]]] = [
        ("photos set a second", [_figure(each.sets_per_s) for each in all_of_them]),
        ("pictures asked for a second", [_figure(each.reads_per_s) for each in all_of_them]),
        ("files", [_bytes(each.photo_bytes) for each in all_of_them]),
        ("rows", [_bytes(each.row_bytes) for each in all_of_them]),
    ]
    for cached, where in ((False, "no cache in front"), (True, "with a cache in front")):
        rows += [
            (
                f"our cores busy, {where}",
                [_figure(each.node_cores(cached=cached)) for each in all_of_them],
            ),
            (
                f"nodes of {ASSUMED_CORES_PER_NODE} cores, {where}",
                [str(each.nodes(cached=cached)) for each in all_of_them],
            ),
            (
                f"PostgreSQL's cores busy, {where}",
                [_figure(each.database_cores(cached=cached)) for each in all_of_them],
            ),
        ]
    head = "| at the busiest minute | " + " | ".join(f"{size:,} people" for size in SIZES) + " |\n"
    lines = [f"| {name} | {' | '.join(cells)} |\n" for name, cells in rows]
    return head + "| --- |" + " ---: |" * len(SIZES) + "\n" + "".join(lines)


def costs() -> str:
    """What a million reads and a million photos cost, as Markdown."""
    million = 1_000_000
    put = million * MEASURED_PHOTO_OBJECTS * PRICE_PUT
    set_cores = million * (MEASURED_SET_CPU_S + MEASURED_SET_DATABASE_CPU_S) / 3600
    cold = million * MEASURED_STORE_READ_CPU_S / 3600 * PRICE_CORE_HOUR
    rows = [
        ("a million photos set: requests to the bucket", put),
        ("a million photos set: our CPU and the database's", set_cores * PRICE_CORE_HOUR),
        (
            "a million photos kept for a month",
            million * MEASURED_PHOTO_BYTES / 1e9 * PRICE_GB_MONTH,
        ),
        (
            "a million reads from a node's memory: CPU",
            million * MEASURED_HOT_CPU_S / 3600 * PRICE_CORE_HOUR,
        ),
        ("a million reads from the bucket: requests and CPU", million * PRICE_GET + cold),
        (
            "a million reads by a CDN: bytes",
            million * ASSUMED_READ_BYTES / 1e9 * PRICE_CDN_GB,
        ),
    ]
    lines = [f"| {name} | {dollars:.3f} |\n" for name, dollars in rows]
    return "| what | dollars |\n| --- | ---: |\n" + "".join(lines)


def _figure(value: float) -> str:
    """Two digits that count; more would be a promise."""
    return f"{float(f'{value:.2g}'):,.10g}"


def _bytes(value: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if value >= size:
            return f"{_figure(value / size)} {unit}"
    return f"{_figure(value / 1e3)} kB"
