"""What a first hour costs: starts, one test file, all quick tests, and the room it takes.

Time by the clock is wanted on an idle machine.

CPU is that of a command and of all that it started and waited for: the least of some runs, since
whatever else the machine does can only add to it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

import psutil

import options
from processes import children_cpu_s, cpu_s, free_port, tree

ROOT: Final = Path(__file__).parents[1]
LIKENESS: Final = Path(sys.executable).with_name("likeness")
PYTEST: Final = (sys.executable, "-m", "pytest", "-q")
ONE_FILE: Final = "tests/config/test_settings.py"
_PAUSE_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of CONTRIBUTING.md; `goal` is the most that it should be, if there is one."""

    name: str
    value: float
    unit: str
    goal: float | None = None


def main() -> int:
    """Measure and print."""
    made = options.parser(__doc__)
    made.add_argument("--suite", action="store_true", help="run all quick tests, too: minutes")
    asked = options.parsed(made, {"runs": 5}, {"runs": 1})
    figures = [
        *_starts(asked.runs),
        _ready(asked.runs),
        _double(asked.runs),
        _one_file(asked.runs),
        _room(),
    ]
    if asked.suite:
        figures.append(Figure("all quick tests", _wall_s(PYTEST), "s", 120))
    print(json.dumps([asdict(each) for each in figures]) if asked.json else _table(figures))
    return 0


def _starts(runs: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        own = {"LIKENESS_DATA": folder}
        _cpu_s((LIKENESS, "workspace", "add", "Acme"), own)
        verbs = {
            "likeness --help": ((LIKENESS, "--help"), 0.25),
            "likeness --version": ((LIKENESS, "--version"), 0.25),
            "likeness user --help": ((LIKENESS, "user", "--help"), 0.25),
            "likeness workspace list": ((LIKENESS, "workspace", "list"), 0.4),
        }
        return [
            Figure(name, _least(runs, lambda: _cpu_s(command, own)), "s of CPU", goal)  # noqa: B023 - called at once
            for name, (command, goal) in verbs.items()
        ]


def _ready(runs: int) -> Figure:
    """The service, started again in its folder, until it says that it is ready."""
    with tempfile.TemporaryDirectory() as folder:
        own = {"LIKENESS_DATA": folder}
        _run((LIKENESS, "workspace", "add", "Acme"), own)
        return Figure(
            "likeness serve, until /readyz", _least(runs, lambda: _start_s(own)), "s", 1.5
        )


def _double(runs: int) -> Figure:
    """A double of Slack in a folder of its own, with its picture workers, until it answers."""
    return Figure("likeness double, until it answers", _least(runs, _double_cpu_s), "s of CPU", 1)


def _double_cpu_s() -> float:
    with subprocess.Popen(
        (LIKENESS, "double", "--json", "--attached"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_told({}),
    ) as process:
        if process.stdin is None or process.stdout is None or not process.stdout.readline():
            raise RuntimeError("likeness double did not start")
        used = cpu_s(tree(psutil.Process(process.pid)))
        process.stdin.close()
    return used


def _start_s(own: Mapping[str, str]) -> float:
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        (LIKENESS, "serve", "--port", str(port)), env=_told(own), stderr=subprocess.DEVNULL
    )
    try:
        while not _is_ready(port):
            if process.poll() is not None:
                raise RuntimeError(f"likeness serve ended with {process.returncode}")
            time.sleep(_PAUSE_S)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:  # Refused, or reset, or a status that is none of success.
        return False


def _one_file(runs: int) -> Figure:
    command = (*PYTEST, "-n", "0", ONE_FILE)
    return Figure(f"pytest -n 0 {ONE_FILE}", _least(runs, lambda: _wall_s(command)), "s", 2)


def _room() -> Figure:
    """README's environment without what Python compiles into it, made anew."""
    with tempfile.TemporaryDirectory() as folder:
        own = {"UV_PROJECT_ENVIRONMENT": str(Path(folder) / "env"), "UV_LINK_MODE": "copy"}
        _run((sys.executable, "-m", "uv", "sync", "--quiet", "--no-dev", "--inexact"), own)
        files = [path for path in Path(folder).rglob("*") if path.suffix != ".pyc"]
        length = sum(path.lstat().st_size for path in files if not path.is_dir())
    return Figure("environment that runs the service", length / 1e6, "MB", 150)


def _least(runs: int, measure: Callable[[], float]) -> float:
    return min(measure() for _ in range(runs))


def _cpu_s(command: tuple[str | Path, ...], variables: Mapping[str, str]) -> float:
    before = children_cpu_s()
    _run(command, variables)
    return children_cpu_s() - before


def _wall_s(command: tuple[str | Path, ...]) -> float:
    began = time.perf_counter()
    _run(command, {})
    return time.perf_counter() - began


def _run(command: tuple[str | Path, ...], variables: Mapping[str, str]) -> None:
    told = _told(variables)
    subprocess.run(command, cwd=ROOT, env=told, check=True, stdout=subprocess.DEVNULL)


def _told(variables: Mapping[str, str]) -> dict[str, str]:
    told = os.environ | dict(variables)
    # Without compiled files each start would compile everything again, which nobody's does.
    told.pop("PYTHONDONTWRITEBYTECODE", None)
    return told


def _table(figures: list[Figure]) -> str:
    rows = [
        f"| {each.name} | {each.value:.4g} {each.unit} | {'' if each.goal is None else each.goal} |"
        for each in figures
    ]
    return "\n".join(["| what | now | at most |", "| --- | --- | --- |", *rows])


if __name__ == "__main__":
    sys.exit(main())
