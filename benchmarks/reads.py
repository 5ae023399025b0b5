"""The claim: hot photos are served about as quickly as by nginx, and far faster than is usual.

Measures, in one run and in turns, requests per second, latency and CPU per request of Likeness, of
nginx over the same files, and of servers as they are commonly written. `benchmarks/README.md` says
what is fair and what is not. Exit code 1 when a goal was missed, unless --quick was given.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import options
from processes import CORES, cpu_model
from readers import (
    HASH,
    KNOWN,
    NEW_DRAWN,
    NEW_MISS,
    SMALL,
    Stored,
    Subject,
    ask,
    ivatar_style,
    likeness_reading,
    nginx,
    nginx_in_front,
    nginx_is_here,
    starlette_file,
    synapse,
)
from reads_report import ALONE, FEW, HOT, MANY, Sample, Turn, progress, ratios, table
from report import say, verdict
from wrk import Question, hammer, wrk_is_here

FULL: Final = {"rounds": 5, "seconds": 2}
QUICK: Final = {"rounds": 1, "seconds": 1}
"""A smoke run: it proves that all servers do what they should; its figures prove little."""

QUICK_CASES: Final = (SMALL, KNOWN, HASH, NEW_MISS, NEW_DRAWN)

WARMING_S: Final = 1


def main() -> int:
    """Measure, print, judge."""
    chosen = _options()
    if not wrk_is_here():
        say("nothing is measured: wrk is not installed")
        return 0 if chosen.quick else 1
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    samples = []
    for sample in _measured(chosen, server_core=cores[0], load_core=cores[-1]):
        samples.append(sample)
        say(progress(sample))
    print(_as_json(samples) if chosen.json else _as_text(samples))
    missed = any(not ratio.met for ratio in ratios(samples))
    return 1 if missed and not chosen.quick else 0


def _options() -> argparse.Namespace:
    parser = options.parser(__doc__)
    parser.add_argument("--rounds", type=int, help="turns that each subject has")
    parser.add_argument("--seconds", type=int, help="length of a turn")
    return options.parsed(parser, FULL, QUICK)


def _measured(chosen: argparse.Namespace, server_core: int, load_core: int) -> Iterator[Sample]:
    """Every spell of load, the subjects in turns: A B C A B C, case by case."""
    with ExitStack() as stack:
        subjects = _started(stack, server_core, is_quick=chosen.quick)
        turns = list(_turns(subjects, is_quick=chosen.quick))
        for turn, subject in turns:
            _check(subject, subject.questions[turn.case])
            if not chosen.quick:
                _hammered(subject, turn, WARMING_S, load_core)
        for number in range(chosen.rounds):
            for turn, subject in turns:
                own = replace(turn, round=number)
                yield _hammered(subject, own, chosen.seconds, load_core)


def _turns(subjects: list[Subject], *, is_quick: bool) -> Iterator[tuple[Turn, Subject]]:
    """One round."""
    cases = dict.fromkeys(case for subject in subjects for case in subject.questions)
    few = () if is_quick else HOT
    for connections, chosen in (
        (MANY, QUICK_CASES if is_quick else cases),
        (FEW, few),
        (ALONE, few),
    ):
        for case in chosen:
            for subject in subjects:
                if case in subject.questions:
                    yield Turn(subject.name, case, connections), subject


def _started(stack: ExitStack, core: int, *, is_quick: bool) -> list[Subject]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="likeness-reads-")))
    own, stored = stack.enter_context(likeness_reading(folder / "likeness", core))
    say(_sizes(stored))
    subjects = [own]
    if nginx_is_here():
        for keeps_open in (True,) if is_quick else (True, False):
            place = folder / f"nginx-{keeps_open}"
            server = nginx(place, stored, core, keeps_open=keeps_open)
            subjects.append(stack.enter_context(server))
        if not is_quick:
            front = nginx_in_front(folder / "front", own, stored, core)
            subjects.append(stack.enter_context(front))
    else:
        say("nginx is left out: it is not installed")
    for cached in (False,) if is_quick else (True, False):
        place = folder / f"ivatar-{cached}"
        subjects.append(stack.enter_context(ivatar_style(place, stored, core, cached=cached)))
    subjects.append(stack.enter_context(starlette_file(folder / "starlette", stored, core)))
    if is_quick:
        say("Synapse is left out: it takes too long to start for a smoke run")
    else:
        subjects.append(stack.enter_context(synapse(folder / "synapse", stored, core)))
    return subjects


def _sizes(stored: Stored) -> str:
    lengths = (f"{size} px: {stored.file(size).stat().st_size} bytes" for size in stored.paths)
    return f"the photo is a JPEG, {', '.join(lengths)}"


def _check(subject: Subject, question: Question) -> None:
    """Fail unless the answer is what it must be. A fixed hash stands in for one never seen."""
    path = question.path + (f"{'1' * 64}{question.fresh}" if question.fresh else "")
    headers = dict(header.split(": ") for header in question.headers)
    status, _, body = ask("GET", subject.server.target.port, path, None, **headers)
    if status != question.status or (status == 200 and len(body) < 100):
        raise SystemExit(f"{subject.name} answered {status} with {len(body)} bytes to {question}")


def _hammered(subject: Subject, turn: Turn, seconds: int, load_core: int) -> Sample:
    server, question = subject.server, subject.questions[turn.case]
    cpu_before = server.cpu_s()
    rate = hammer(server.target.port, question, turn.connections, seconds, load_core)
    return Sample(turn, rate, server.cpu_s() - cpu_before)


def _as_text(samples: list[Sample]) -> str:
    lines = [f"one core of {cpu_model()} for each server, wrk on another"]
    turns = dict.fromkeys((sample.turn.connections, sample.turn.case) for sample in samples)
    for connections, case in turns:
        lines += table(samples, case, connections)
    lines += ["", "ratios in each round"]
    return "\n".join([*lines, *map(verdict, ratios(samples))])


def _as_json(samples: list[Sample]) -> str:
    document = {
        "cpu": cpu_model(),
        "samples": [asdict(sample) for sample in samples],
        "ratios": [asdict(ratio) for ratio in ratios(samples)],
    }
    return json.dumps(document, indent=2)


if __name__ == "__main__":
    sys.exit(main())
