"""The claim: Likeness costs little more than bare libvips and outdoes common upload servers.

Measures, in one run and in turns, uploads per second and CPU per upload of the service, of the
pixels alone and of two peers that make the same files. `benchmarks/README.md` says
what is fair and what is not. Exit code 1 when a goal was missed, unless --quick was given.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from PIL import Image

import options
from likeness.imaging.worker.encode import JPEG_QUALITY
from likeness.model import SIZES
from load import drive, drive_count
from photos import KINDS, size_of
from processes import CORES, cpu_model
from pyramid import climb
from report import BARE, SERVICE, Sample, Turn, progress, ratios, say, table, verdict
from servers import (
    PEER_PNG_COMPRESSION,
    Effort,
    Server,
    express_sharp,
    likeness,
    node_is_here,
    starlette_pillow,
)

FULL: Final = {"kinds": KINDS, "connections": (1, 2, 4, 8), "rounds": 3, "seconds": 4.0}
QUICK: Final = {"kinds": KINDS[:1], "connections": (4,), "rounds": 2, "seconds": 1.0}
"""A smoke run: it proves that all servers do what they should; its figures prove little."""


def main() -> int:
    """Measure, print, judge."""
    chosen = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    samples = []
    for sample in _measured(chosen):
        samples.append(sample)
        say(progress(sample))
    print(_as_json(samples) if chosen.json else _as_text(samples))
    missed = any(not ratio.met for kind in chosen.kinds for ratio in ratios(samples, kind))
    return 1 if missed and not chosen.quick else 0


def _options() -> argparse.Namespace:
    parser = options.parser(__doc__)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, help="pictures to upload")
    parser.add_argument("--connections", nargs="+", type=int, help="uploads at a time")
    parser.add_argument("--rounds", type=int, help="turns that each subject has")
    parser.add_argument("--seconds", type=float, help="length of a turn")
    parser.add_argument(
        "--folder", type=Path, help="disk to write to; default: that of temporary files"
    )
    return options.parsed(parser, FULL, QUICK)


def _measured(chosen: argparse.Namespace) -> Iterator[Sample]:
    """Every spell of load, the subjects in turns: A B C D A B C D."""
    with ExitStack() as stack:
        load = stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
        servers = _started(stack, chosen.folder, max(chosen.connections))
        for kind in chosen.kinds:
            for server in servers:
                _check(server, kind, load)
                load.submit(drive, server.target, kind, CORES, chosen.seconds).result()
            for turn in _turns(kind, chosen):
                yield from (_driven(server, load, turn) for server in servers)
                yield from (_climbed(bare, turn) for bare in BARE)


def _turns(kind: str, chosen: argparse.Namespace) -> Iterator[Turn]:
    for number in range(chosen.rounds):
        for connections in chosen.connections:
            yield Turn(kind, connections, number, chosen.seconds)


def _started(stack: ExitStack, place: Path | None, people: int) -> list[Server]:
    temporary = tempfile.TemporaryDirectory(prefix="likeness-uploads-", dir=place)
    folder = Path(stack.enter_context(temporary))
    effort = Effort(JPEG_QUALITY, PEER_PNG_COMPRESSION)
    servers = [
        stack.enter_context(likeness(folder / "likeness", people)),
        stack.enter_context(starlette_pillow(folder / "starlette", effort)),
    ]
    if node_is_here():
        servers.append(stack.enter_context(express_sharp(folder / "express", effort)))
    else:
        say("Express + sharp is left out: node and npm are not installed")
    return servers


def _check(server: Server, kind: str, load: ProcessPoolExecutor) -> None:
    """Fail unless one upload of `kind` makes exactly the files that are compared.

    Files are cleared here and not after each turn: a disk that is still busy with forgetting
    slows whoever comes next.
    """
    server.clear()
    load.submit(drive_count, server.target, kind, 1, 1).result()
    found = sorted(Image.open(picture).size for picture in server.pictures())
    whole = size_of(kind)
    expected = sorted([*((size, size) for size in SIZES if size <= max(whole)), whole])
    if found != expected:
        raise SystemExit(f"{server.target.name} made {found} of {kind}; expected {expected}")


def _driven(server: Server, load: ProcessPoolExecutor, turn: Turn) -> Sample:
    cpu_before = server.cpu_s()
    spell = load.submit(drive, server.target, turn.kind, turn.connections, turn.seconds).result()
    cpu_s, pss_bytes = server.cpu_s() - cpu_before, server.pss_bytes()
    return Sample(server.target.name, turn, spell, cpu_s, pss_bytes)


def _climbed(bare: str, turn: Turn) -> Sample:
    spell, pss_bytes = climb(BARE[bare], turn.kind, turn.seconds, turn.cores_busy)
    return Sample(bare, turn, spell, spell.own_cpu_s, pss_bytes)


def _as_text(samples: list[Sample]) -> str:
    lines = [f"{CORES} cores of {cpu_model()}, JPEG quality {JPEG_QUALITY}"]
    for kind in dict.fromkeys(sample.turn.kind for sample in samples):
        for connections in dict.fromkeys(sample.turn.connections for sample in samples):
            lines += table(samples, kind, connections)
        lines += ["", f"{kind}: {SERVICE} against the others, in each round"]
        lines += [verdict(ratio) for ratio in ratios(samples, kind)]
    return "\n".join(lines)


def _as_json(samples: list[Sample]) -> str:
    kinds = dict.fromkeys(sample.turn.kind for sample in samples)
    document = {
        "jpeg_quality": JPEG_QUALITY,
        "cores": CORES,
        "cpu": cpu_model(),
        "samples": [asdict(sample) for sample in samples],
        "ratios": {kind: [asdict(ratio) for ratio in ratios(samples, kind)] for kind in kinds},
    }
    return json.dumps(document, indent=2)


if __name__ == "__main__":
    sys.exit(main())
