"""Figures for monitors in the Prometheus format: all that are declared, and how they are written.

Each family is declared where it is counted; those that nobody else counts are here.
"""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from likeness.app.directory_figures import FAMILIES as OF_DIRECTORIES
from likeness.app.installation import FAMILIES as OF_INSTALLATION
from likeness.app.listening import CHANGES, HEARS
from likeness.app.target_figures import FAMILIES as OF_TARGETS
from likeness.app.tidying import FAMILIES as OF_TIDYING
from likeness.avatars.figures import READ_SECONDS, READS
from likeness.figures import Board, Family, Kind, Labels, Sheet
from likeness.imaging.engine import WorkerEngine
from likeness.imaging.port import EngineCounts
from likeness.imaging.sandbox import Layer
from likeness.version import VERSION
from likeness.webapi.figures import families as families_of_calls
from likeness.webapi.method import Method

_OK, _REFUSED = ("ok",), ("refused",)
_EXIT, _OTHER = "exit", "other"
_DEATHS: Final = (
    *("SIGKILL", "SIGSYS", "SIGSEGV", "SIGBUS", "SIGILL", "SIGABRT", "SIGTRAP", "SIGTERM"),
    *("deadline", "garbled", "orphaned", _EXIT, _OTHER),
)

PICTURES: Final = Family(
    "likeness_pictures",
    "Uploads that were made into photos, or refused as pictures.",
    Kind.COUNTER,
    ("result",),
    (_OK, _REFUSED),
)
DEATHS: Final = Family(
    "likeness_worker_deaths",
    "Picture processes that ended over an upload, by signal or other reason.",
    Kind.COUNTER,
    ("reason",),
    tuple((reason,) for reason in _DEATHS),
)
BUSY: Final = Family("likeness_pictures_busy", "Uploads that are being made.", Kind.SUM)
WAITING: Final = Family("likeness_pictures_waiting", "Uploads that wait to be made.", Kind.SUM)
VIEWS_WAITING: Final = Family(
    "likeness_views_waiting",
    "Pictures that wait to be made for somebody who looks. Something plainer stands in for them.",
    Kind.SUM,
    ("kind",),
    (("scaled",), ("scaled_costly",), ("drawn",)),
)
WALLS: Final = Family(
    "likeness_sandbox_layer",
    "Whether a wall stands around the picture processes (0 or 1).",
    Kind.LEAST,
    ("layer",),
    tuple((layer.value,) for layer in Layer),
)


Named = Mapping[str, Mapping[Labels, float]]
"""Figures by the name of their family and the values of its labels."""


def families(methods: Mapping[str, Method]) -> tuple[Family, ...]:
    """All metrics of a service with these methods."""
    of_pictures = (PICTURES, DEATHS, BUSY, WAITING, VIEWS_WAITING, WALLS)
    of_doors = (*families_of_calls(methods), READS, READ_SECONDS)
    of_jobs = (HEARS, CHANGES, *OF_TIDYING, *OF_TARGETS, *OF_DIRECTORIES)
    return (*of_doors, *of_pictures, *of_jobs, *OF_INSTALLATION)


def exposition(board: Board, named: Named | None = None) -> bytes:
    """The figures of all processes of a board, as Prometheus reads them.

    `named` are those of families whose series are not known from the start.
    """
    registry = CollectorRegistry()
    registry.register(_Figures(board, named or {}))
    return generate_latest(registry)


def metrics_table(declared: Sequence[Family]) -> str:
    """The families as a table in Markdown, under the names that Prometheus gives them."""
    whole = Board(declared)
    named = {each.name: {("",) * len(each.labels): 0.0} for each in declared if not each.series}
    rows = [
        f"| `{_shown(metric)}` | {metric.type} | {metric.documentation} |"
        for metric in _Figures(whole, named).collect()
    ]
    return "\n".join(["| metric | kind | what it is |", "| --- | --- | --- |", *rows, ""])


def _shown(metric: Metric) -> str:
    ending = "_total" if metric.type == "counter" else ""
    labels = [name for name in metric.samples[0].labels if name != "le"] if metric.samples else []
    return f"{metric.name}{ending}" + (f"{{{','.join(labels)}}}" if labels else "")


class PictureFigures:
    """Keeps the figures of an engine on the sheet of this process, as they are at each moment."""

    def __init__(self, engine: WorkerEngine, sheet: Sheet) -> None:
        self._engine = engine
        self._sheet = sheet
        self._lock = threading.Lock()
        # What processes before this one had counted on the same sheet.
        self._before = {
            (family.name, labels): sheet.get(family, labels)
            for family in (PICTURES, DEATHS)
            for labels in family.series
        }
        engine.watch(self.write)
        self.write()

    def write(self) -> None:
        """Write what the engine says now. Any thread may call it."""
        engine = self._engine
        with self._lock:
            self._write_uploads(engine.counts)
            for kind, counts in (
                ("scaled", engine.view_counts),
                ("scaled_costly", engine.costly_view_counts),
                ("drawn", engine.drawing_counts),
            ):
                self._sheet.set(VIEWS_WAITING, counts.waiting, (kind,))
            for layer in Layer:
                self._sheet.set(WALLS, float(layer in engine.layers), (layer.value,))

    def _write_uploads(self, counts: EngineCounts) -> None:
        self._sheet.set(BUSY, counts.busy)
        self._sheet.set(WAITING, counts.waiting)
        self._count(PICTURES, _OK, counts.pictures)
        self._count(PICTURES, _REFUSED, counts.refusals)
        deaths = dict.fromkeys(_DEATHS, 0)
        for reason, number in counts.deaths.items():
            deaths[_known(reason)] += number
        for reason, number in deaths.items():
            self._count(DEATHS, (reason,), number)

    def _count(self, family: Family, labels: Labels, number: int) -> None:
        self._sheet.set(family, self._before[family.name, labels] + number, labels)


def _known(reason: str) -> str:
    """One of _DEATHS for any reason, so that there are not as many series as there are exits."""
    if reason in _DEATHS:
        return reason
    return _EXIT if reason.startswith(f"{_EXIT} ") else _OTHER


class _Figures(Collector):
    """A board, as prometheus_client asks for it."""

    def __init__(self, board: Board, named: Named) -> None:
        self._board = board
        self._named = named

    def collect(self) -> Iterator[Metric]:
        """Which version this is, which processes run, and all that they count."""
        build = GaugeMetricFamily(
            "likeness_build_info", "Which version this is.", labels=["version"]
        )
        build.add_metric([VERSION], 1.0)
        yield build
        yield from _processes(self._board.processes())
        for family in self._board.families:
            if family.series:
                yield _metric(self._board, family)
            else:
                yield _gauge(family, self._named.get(family.name, {}))


def _gauge(family: Family, values: Mapping[Labels, float]) -> Metric:
    """A family whose series are not known from the start."""
    metric = GaugeMetricFamily(family.name, family.text, labels=family.labels)
    for labels, value in values.items():
        metric.add_metric(labels, value)
    return metric


def _metric(board: Board, family: Family) -> Metric:
    if family.kind is Kind.HISTOGRAM:
        return _histogram(board, family)
    made = CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily
    metric = made(family.name, family.text, labels=family.labels)
    for labels, [value] in board.totals(family):
        metric.add_metric(labels, value)
    return metric


def _histogram(board: Board, family: Family) -> Metric:
    metric = HistogramMetricFamily(family.name, family.text, labels=family.labels)
    bounds = [*map(str, family.bounds), "+Inf"]
    for labels, [*buckets, total] in board.totals(family):
        upto = [sum(buckets[: number + 1]) for number in range(len(buckets))]
        metric.add_metric(labels, list(zip(bounds, upto, strict=True)), total)
    return metric


def _processes(ids: list[int]) -> Iterator[Metric]:
    """How many server processes run, and the memory that they have together."""
    text = "Server processes that run."
    yield GaugeMetricFamily("likeness_server_processes", text, len(ids))
    text = "Resident memory of the server processes, without their picture processes."
    yield GaugeMetricFamily("likeness_server_memory_bytes", text, sum(map(_resident, ids)))


def _resident(process: int) -> int:
    """Bytes; 0 for a process that is gone, and where there is no /proc."""
    with suppress(OSError):
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    return 0
