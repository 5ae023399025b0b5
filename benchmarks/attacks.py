"""The claim: nobody without a token holds the service up, and nobody with one holds up the others.

An ordinary client reads and uploads, alone and while each attack of `attackers.py` goes on. Another
one reads from an idle nginx, and tells what the machine is to blame for. Exit code 1 if a goal was
missed; with --quick only if memory grew beyond its bound.
"""

import argparse
import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from typing import Final

import options
from attackers import ATTACKS, MB, Victim, attack
from load import BOUNDARY, Target, form
from paced import Stream, pace
from photos import uploads
from processes import CORES, cpu_model
from readers import HASH, KIND, SMALL, likeness_reading, nginx, nginx_is_here
from report import Ratio, say, verdict
from servers import Server

FULL: Final = {"rounds": 3, "seconds": 10.0}
QUICK: Final = {"rounds": 1, "seconds": 3.0}
"""A smoke run: it proves that the service survives; its times prove little."""

READS_PER_S: Final = 50.0
UPLOADS_PER_S: Final = 2.0
"""Of an ordinary client: far from what the server can do."""

ALONE: Final = "alone"
UPLOADS: Final = "uploads"
CONTROL: Final = "idle nginx, the same photo"

P99_GROWTH_MAX: Final = 2.0
"""How many times as long the slowest of a hundred may take, by what the control takes longer."""

MEMORY_MB_MAX: Final = 600
SETTLE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Spell:
    """What an ordinary client saw while one attack went on. `sent` is what the attack did."""

    state: str
    round: int
    sent: int
    memory_mb: float
    took_s: dict[str, list[float]]

    def p99_ms(self, stream: str) -> float:
        """What all but one of a hundred answers took at most."""
        took_s = self.took_s[stream]
        return 1000 * quantiles(took_s * 2, n=100, method="inclusive")[-1]


def main() -> int:
    """Measure, print, judge."""
    chosen = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="likeness-attacks-") as folder:
        spells = _measured(chosen, Path(folder))
    judged = [*_growths(spells), _memory(spells)]
    document = {"cpu": cpu_model(), "spells": [asdict(spell) for spell in spells]}
    text = [f"{CORES} cores of {cpu_model()}", *_table(spells), "", *map(verdict, judged)]
    print(json.dumps(document, indent=2) if chosen.json else "\n".join(text))
    missed = [ratio for ratio in judged if not ratio.met]
    return 1 if any(each.name == MEMORY or not chosen.quick for each in missed) else 0


def _options() -> argparse.Namespace:
    parser = options.parser(__doc__)
    parser.add_argument("--rounds", type=int, help="spells of each attack")
    parser.add_argument("--seconds", type=float, help="length of a spell")
    parser.add_argument("--attacks", nargs="*", choices=ATTACKS, default=[*ATTACKS])
    return options.parsed(parser, FULL, QUICK)


def _measured(chosen: argparse.Namespace, folder: Path) -> list[Spell]:
    with ExitStack() as stack:
        own, stored = stack.enter_context(likeness_reading(folder / "likeness", None, people=2))
        paths = {name: question.path for name, question in own.questions.items()}
        target = own.server.target
        streams = [Stream(name, target.port, paths[name]) for name in (SMALL, HASH)]
        if nginx_is_here():
            control = nginx(folder / "nginx", stored, None, keeps_open=True)
            port = stack.enter_context(control).server.target.port
            streams.append(Stream(CONTROL, port, stored.paths[72]))
        else:
            say("nginx, the control, is left out: it is not installed")
        crew = Crew(stack, own.server, streams)
        victim = Victim(target.port, stored.paths[512], target.tokens[1])
        spells = []
        for number in range(chosen.rounds):
            for state in (ALONE, *chosen.attacks, ALONE):
                spells.append(crew.spell(state, number, victim, chosen.seconds))
                say(_progress(spells[-1]))
                time.sleep(SETTLE_S)
        return spells


class Crew:
    """The processes of a client: one that reads, one that uploads, one that attacks."""

    def __init__(self, stack: ExitStack, server: Server, streams: Sequence[Stream]) -> None:
        self._reader, self._uploader, self._attacker = (
            stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
            for _ in range(3)
        )
        self._server = server
        self._streams = streams

    def spell(self, state: str, number: int, victim: Victim, seconds: float) -> Spell:
        """What is seen while an attack goes on, or none."""
        sent: Future[int] | None = None
        if state != ALONE:
            sent = self._attacker.submit(attack, state, victim, seconds + SETTLE_S)
            time.sleep(SETTLE_S)
        target = self._server.target
        setting = self._uploader.submit(upload, target, UPLOADS_PER_S, seconds)
        reading = self._reader.submit(pace, self._streams, READS_PER_S, seconds)
        memory_mb = 0.0
        while not (setting.done() and reading.done()):
            memory_mb = max(memory_mb, self._server.pss_bytes() / MB)
            time.sleep(0.1)
        took_s = {**reading.result(), UPLOADS: setting.result()}
        return Spell(state, number, sent.result() if sent else 0, memory_mb, took_s)


def upload(target: Target, per_s: float, seconds: float) -> list[float]:
    """Set a photo so many times a second; how long each answer took, in s. All must succeed."""
    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Authorization": f"Bearer {target.tokens[0]}",
    }
    picture, start, took_s = uploads(KIND)[0], time.monotonic(), []
    while (begun := time.monotonic()) < start + seconds:
        connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=120)
        connection.request("POST", target.path, form(picture), headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        if not answer["ok"]:
            raise RuntimeError(f"an upload was refused: {answer}")
        took_s.append(time.monotonic() - begun)
        time.sleep(max(0.0, begun + 1 / per_s - time.monotonic()))
    return took_s


MEMORY: Final = f"memory of all processes, of {MEMORY_MB_MAX} MB"


def _memory(spells: Sequence[Spell]) -> Ratio:
    """The most that was ever taken, in what may be."""
    share = max(spell.memory_mb for spell in spells) / MEMORY_MB_MAX
    return Ratio(MEMORY, (share,), "<= 1", share <= 1)


def _growths(spells: Sequence[Spell]) -> list[Ratio]:
    """Each stream beside each attack, and after all of them, against alone before."""
    found = []
    for state in dict.fromkeys(spell.state for spell in spells):
        control = _times(spells, state, CONTROL)
        allowed = P99_GROWTH_MAX * max(1.0, *control) if control else P99_GROWTH_MAX
        for stream in (SMALL, HASH, UPLOADS):
            times = _times(spells, state, stream)
            name = f"{'afterwards' if state == ALONE else state}, {stream}"
            best = min(times)
            found.append(Ratio(name, times, f"best <= {allowed:.1f}", best <= allowed))
    return found


def _times(spells: Sequence[Spell], state: str, stream: str) -> tuple[float, ...]:
    """In each round, the 99th percentile in that of the first spell alone."""
    if stream not in spells[0].took_s:
        return ()
    rounds: dict[int, list[Spell]] = {}
    for spell in spells:
        rounds.setdefault(spell.round, []).append(spell)
    return tuple(
        next(s for s in reversed(own) if s.state == state).p99_ms(stream) / own[0].p99_ms(stream)
        for own in rounds.values()
    )


def _table(spells: Sequence[Spell]) -> list[str]:
    """One line for each spell."""
    names = list(spells[0].took_s)
    head = f"{'p99 in ms':<30}" + "".join(f"{name[:24]:>26}" for name in names) + "   memory MB"
    lines = ["", head]
    for spell in spells:
        cells = "".join(f"{spell.p99_ms(name):26.2f}" for name in names)
        lines.append(f"{spell.state:<30}{cells}{spell.memory_mb:12.0f}")
    return lines


def _progress(spell: Spell) -> str:
    times = ", ".join(f"{name} {spell.p99_ms(name):.1f} ms" for name in spell.took_s)
    return f"round {spell.round + 1}, {spell.state} ({spell.sent}): p99 {times}"


if __name__ == "__main__":
    sys.exit(main())
