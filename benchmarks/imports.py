"""The claim: an organisation comes in quickly: a plan in seconds, 500 with photos within a minute.

A list of people is planned, and in a full run added; photos come in from a zip, beside the same
photos made by picture workers alone: no rows, no files, no zip. Exit code 1 when a goal was missed,
unless --quick was given.
"""

import asyncio
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import options
from likeness.imaging.engine import WorkerEngine
from likeness.imaging.plan import Limits
from photos import uploads
from processes import CORES, children_cpu_s, cpu_model

FULL: Final = {"people": 50_000, "photos": 500, "adds": True}
QUICK: Final = {"people": 50_000, "photos": 60, "adds": False}
KIND: Final = "jpeg-512x512"
PLAN_S_MAX: Final = 10
PHOTOS_S_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """What one thing took, by the clock and of all cores; `goal` is the most seconds it may."""

    name: str
    count: int
    wall_s: float
    cpu_s: float
    goal: float | None = None

    @property
    def is_missed(self) -> bool:
        """Whether it took longer than it may."""
        return self.goal is not None and self.wall_s > self.goal


def main() -> int:
    """Measure, print, judge."""
    asked = options.parsed(options.parser(__doc__), FULL, QUICK)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory() as folder:
        figures = [*_people(Path(folder), asked.people, adds=asked.adds)]
        figures += _photos(Path(folder), asked.photos)
    print(json.dumps([asdict(each) for each in figures]) if asked.json else _table(figures))
    return 1 if any(each.is_missed for each in figures) and not asked.quick else 0


def _people(folder: Path, count: int, *, adds: bool) -> list[Figure]:
    """The plan of a list of people, and where `adds` says so, all of them added."""
    table = folder / "people.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["email", "name", "id", "username", "also"])
        for each in range(count):
            more = f"p{each}@example.net"
            rows.writerow([_email(each), f"Person {each}", f"E{each}", f"p{each}", more])
    data = folder / "people"
    _likeness(data, "workspace", "add", "Acme")
    words = ("user", "import", str(table))
    figures = [_timed("plan of a list of people", count, data, *words, goal=PLAN_S_MAX)]
    if adds:
        figures.append(_timed("people added", count, data, *words, "--apply"))
        figures.append(_timed("the same list again", count, data, *words, "--apply"))
    return figures


def _photos(folder: Path, count: int) -> list[Figure]:
    """The import of a zip, and the same photos by picture workers alone."""
    kinds, data = uploads(KIND), folder / "photos"
    pictures = [kinds[each % len(kinds)].fresh() for each in range(count)]
    table, packed = folder / "staff.csv", folder / "photos.zip"
    table.write_text("email\n" + "".join(f"{_email(each)}\n" for each in range(count)))
    with ZipFile(packed, "w") as archive:
        for each, picture in enumerate(pictures):
            archive.writestr(f"{_email(each)}.jpg", picture)
    _likeness(data, "workspace", "add", "Acme")
    _likeness(data, "user", "import", str(table), "--apply")
    words = ("photo", "import", str(packed))
    alone = _alone(pictures)
    return [
        _timed("plan of a zip", count, data, *words, goal=PLAN_S_MAX),
        _timed(
            "photos from a zip", count, data, *words, "--apply", goal=PHOTOS_S_MAX * count / 500
        ),
        _timed("the same zip again", count, data, *words, "--apply"),
        alone,
    ]


def _alone(pictures: Sequence[bytes]) -> Figure:
    """What pixels take: as many at a time as there are cores, and nothing is kept."""

    async def develop() -> None:
        engine = WorkerEngine(
            workers=CORES, queue_max=len(pictures), deadline_s=60, letterbox_rgb=(0, 0, 0)
        )
        left = iter(pictures)

        async def worker() -> None:
            for picture in left:
                await engine.develop(picture, None, Limits())

        await asyncio.gather(*(worker() for _ in range(CORES)))
        await engine.close()

    before, began = children_cpu_s() + time.process_time(), time.perf_counter()
    asyncio.run(develop())
    wall_s = time.perf_counter() - began
    cpu_s = children_cpu_s() + time.process_time() - before
    return Figure("their pixels alone", len(pictures), wall_s, cpu_s)


def _timed(name: str, count: int, data: Path, *words: str, goal: float | None = None) -> Figure:
    before, began = children_cpu_s(), time.perf_counter()
    _likeness(data, *words)
    return Figure(name, count, time.perf_counter() - began, children_cpu_s() - before, goal)


def _likeness(data: Path, *words: str) -> None:
    command = (sys.executable, "-m", "likeness", *words, "--data", str(data))
    subprocess.run(command, check=True, capture_output=True)


def _email(number: int) -> str:
    return f"person{number}@example.org"


def _table(figures: Sequence[Figure]) -> str:
    lines = [f"{cpu_model()}, {CORES} cores"]
    for each in figures:
        rate = each.count / each.wall_s
        goal = f"  (at most {each.goal:g} s)" if each.goal is not None else ""
        lines.append(
            f"{each.name:<26} {each.count:>6}  {each.wall_s:7.2f} s  {each.cpu_s:7.2f} s of CPU  "
            f"{rate:8.0f} a second{goal}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
