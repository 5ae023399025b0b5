"""The claim: our pixels are made faster than by any peer, and the sandbox costs next to nothing.

Measures time and CPU of all files of one picture, in one run and in turns: our renderer in process
and in its worker, libvips, sharp and Pillow, each as people use it and as who knows it well does.
Exit code 1 when a goal was missed, unless --quick was given.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import engine_report as names
import options
from engine_pictures import KINDS, KINDS_QUICK, Kind
from engine_report import Sample, ratios, table
from likeness.imaging.pool.spawner import _ENVIRONMENT as WORKER_ENVIRONMENT
from likeness.imaging.worker.encode import JPEG_QUALITY
from likeness.model import SIZES
from processes import CORES, cpu_model
from report import say, verdict
from servers import NPM_CI, PEER_PNG_COMPRESSION, node_is_here

PEER_QUALITY: Final = 85
"""What comes closest to our large JPEGs, which have other tables (docs/pictures.md)."""

WAYS: Final = Path(__file__).with_name("engine_ways.py")
SHARP: Final = Path(__file__).with_name("peers") / "sharp_engine"
PYTHON_SUBJECTS: Final = {
    names.OWN: "likeness",
    names.WORKER: "worker",
    names.LIBVIPS: "libvips",
    names.LIBVIPS_PYRAMID: "libvips_pyramid",
    names.PILLOW: "pillow",
    names.PILLOW_PYRAMID: "pillow_pyramid",
}
OURS: Final = (names.OWN, names.WORKER)
NODE_SUBJECTS: Final = {
    names.SHARP: ("sharp", 1),
    names.SHARP_PYRAMID: ("sharp_pyramid", 1),
    names.SHARP_FREE: ("sharp", 0),
    names.SHARP_PYRAMID_FREE: ("sharp_pyramid", 0),
}
"""The way, and to how many threads libvips is held; 0: as sharp decides, on all cores."""

FULL: Final = {"kinds": tuple(KINDS), "rounds": None, "seconds": 0.5}
QUICK: Final = {"kinds": KINDS_QUICK, "rounds": 1, "seconds": 0.1}
"""A smoke run: it proves that all subjects do what they should; its figures prove little."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A process that makes all files of pictures, in its own way, when it is told to."""

    name: str
    process: subprocess.Popen[str]

    def make(self, paths: list[str], seconds: float, *, warm: bool) -> dict[str, Any]:
        """Its answer, as `engine_ways.py` describes it."""
        assert self.process.stdin
        assert self.process.stdout
        request = {"paths": paths, "seconds": seconds, "warm": warm}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


def main() -> int:
    """Measure, print, judge."""
    chosen = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    samples = []
    for sample in _measured(chosen):
        samples.append(sample)
        say(f"{sample.kind}, round {sample.round + 1}, {sample.subject}: {sample.cpu_ms:.1f} ms")
    print(_as_json(samples) if chosen.json else _as_text(samples))
    missed = any(not ratio.met for kind in chosen.kinds for ratio in ratios(samples, kind))
    return 1 if missed and not chosen.quick else 0


def _options() -> argparse.Namespace:
    parser = options.parser(__doc__)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, help="pictures to upload")
    parser.add_argument("--rounds", type=int, help="turns that each subject has; default: by kind")
    parser.add_argument("--seconds", type=float, help="length of a turn, at least")
    return options.parsed(parser, FULL, QUICK)


def _measured(chosen: argparse.Namespace) -> Iterator[Sample]:
    """Every turn, the subjects one after another: A B C A B C."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="likeness-engine-")))
        subjects = [stack.enter_context(subject) for subject in _subjects()]
        for kinds in _in_turns(chosen.kinds):
            uploads = [(kind, kind.write(folder)) for kind in kinds]
            for number in range(chosen.rounds or kinds[0].rounds):
                for subject, (kind, paths) in product(subjects, uploads):
                    if kind.is_compared and subject.name not in OURS:
                        continue
                    answer = subject.make(paths, chosen.seconds, warm=not kind.is_heavy)
                    _check(subject, kind, answer["sizes"])
                    taken = answer["wall_ms"], answer["cpu_ms"], answer["length"]
                    yield Sample(subject.name, kind.name, number, *taken)


def _in_turns(chosen: Iterable[str]) -> list[list[Kind]]:
    """Kinds that are measured in turns, together, in the order in which they were chosen."""
    found = dict[str, list[Kind]]()
    for kind in (KINDS[name] for name in chosen):
        found.setdefault(kind.turns, []).append(kind)
    return list(found.values())


def _subjects() -> Iterator[Any]:
    """All of them, each still to be entered."""
    effort = (str(PEER_QUALITY), str(PEER_PNG_COMPRESSION))
    environment = os.environ | WORKER_ENVIRONMENT
    for name, way in PYTHON_SUBJECTS.items():
        yield _running(name, [sys.executable, str(WAYS), way, *effort], environment, bound=True)
    if not node_is_here():
        say("sharp is left out: node and npm are not installed")
        return
    if not (SHARP / "node_modules").is_dir():
        subprocess.run(NPM_CI, cwd=SHARP, check=True, stdout=sys.stderr)
    # The memory settings of our workers do sharp good, too; its threads are its own affair.
    shared = {key: text for key, text in WORKER_ENVIRONMENT.items() if key.startswith("MALLOC")}
    for name, (way, threads) in NODE_SUBJECTS.items():
        command = ["node", str(SHARP / "engine.js"), way, *effort, str(threads)]
        yield _running(name, command, os.environ | shared, bound=threads == 1)


@contextmanager
def _running(
    name: str, command: list[str], environment: dict[str, str], *, bound: bool
) -> Iterator[Subject]:
    """A subject, on one core if it is bound; every thread of it has to be born there."""
    cores = os.sched_getaffinity(0)
    if bound:
        os.sched_setaffinity(0, {min(cores)})
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
    finally:
        os.sched_setaffinity(0, cores)
    try:
        yield Subject(name, process)
    finally:
        process.communicate()


def _check(subject: Subject, kind: Kind, sizes: list[list[int]]) -> None:
    """Fail unless all files of one picture were made; some write the original twice."""
    whole = (kind.width, kind.height)
    expected = {whole, *((size, size) for size in SIZES if size <= max(whole))}
    found = {(width, height) for width, height in sizes}
    if found != expected:
        raise SystemExit(f"{subject.name} made {found} of {kind.name}; expected {expected}")


def _as_text(samples: list[Sample]) -> str:
    lines = [f"one core of {cpu_model()}, JPEG quality {JPEG_QUALITY}, peers {PEER_QUALITY}"]
    for kind in dict.fromkeys(sample.kind for sample in samples):
        lines += [*table(samples, kind), f"{kind}, in each round"]
        lines += [verdict(ratio) for ratio in ratios(samples, kind)]
    return "\n".join(lines)


def _as_json(samples: list[Sample]) -> str:
    kinds = dict.fromkeys(sample.kind for sample in samples)
    document = {
        "jpeg_quality": JPEG_QUALITY,
        "cpu": cpu_model(),
        "samples": [asdict(sample) for sample in samples],
        "ratios": {kind: [asdict(ratio) for ratio in ratios(samples, kind)] for kind in kinds},
    }
    return json.dumps(document, indent=2)


if __name__ == "__main__":
    sys.exit(main())
