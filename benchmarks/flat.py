"""The claim: reads stay as quick as they were, whoever uploads and however many people there are.

A paced reader notes how long answers take: alone and beside uploads, with a thousand people in the
database and with a million. Exit code 1 when a goal was missed, unless --quick was given.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import crowd
import options
from flat_report import (
    ALONE,
    BUSY,
    KEPT,
    NGINX,
    PEOPLE,
    Spell,
    beside,
    claims,
    growths,
    tables,
)
from likeness.app.service import open_service
from likeness.config import load
from load import WARMING_SHARE, Target, drive, drive_count
from paced import Stream, pace
from processes import CORES, cpu_model, free_port
from readers import KIND, Stored, nginx, nginx_is_here, set_photo
from report import say, verdict
from servers import LIKENESS, Server, running

FULL: Final = {"rounds": 10, "seconds": 3.0, "people": (1_000, 1_000_000)}
QUICK: Final = {"rounds": 1, "seconds": 1.0, "people": (100, 10_000)}
"""A smoke run: it proves that everything answers; its figures prove little."""

PER_S: Final = 100.0
"""Requests a second of each stream: together far from what the server can do."""

UPLOADERS: Final = 50
WARMING: Final = 5
"""Uploads before anything is measured."""

CROWDS: Final = {BUSY[0]: 4, BUSY[1]: UPLOADERS}
"""How many of them upload at a time."""


def main() -> int:
    """Measure, print, judge."""
    chosen = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="likeness-flat-") as folder:
        spells = list(_measured(chosen, Path(folder)))
    judged = [*growths(spells), *claims(spells, chosen.people)]
    document = {"cpu": cpu_model(), "spells": [asdict(s) for s in spells]}
    text = [f"{CORES} cores of {cpu_model()}, {PER_S:.0f} requests/s of each kind", *tables(spells)]
    text += ["", "how many times longer the slowest of a hundred takes, in each round"]
    text += map(verdict, judged)
    print(json.dumps(document, indent=2) if chosen.json else "\n".join(text))
    return 1 if any(not ratio.met for ratio in judged) and not chosen.quick else 0


def _options() -> argparse.Namespace:
    parser = options.parser(__doc__)
    parser.add_argument("--rounds", type=int, help="spells of each kind")
    parser.add_argument("--seconds", type=float, help="length of a spell")
    parser.add_argument("--people", nargs=2, type=int, help="in the two databases")
    return options.parsed(parser, FULL, QUICK)


def _measured(chosen: argparse.Namespace, folder: Path) -> Iterator[Spell]:
    with ExitStack() as stack:
        reader, loader = (stack.enter_context(_process()) for _ in range(2))
        few, many = chosen.people
        server, stored = _started(stack, folder / "few", few, UPLOADERS)
        streams = _streams(server, stored, few)
        larger, also_stored = _started(stack, folder / "many", many, 1)
        more = _streams(larger, also_stored, many)
        everything = [*streams, *_control(stack, folder / "nginx", stored)]
        both = [
            replace(stream, name=beside(people, stream.name))
            for people, asked in ((few, streams), (many, more))
            for stream in asked
        ]
        # The first upload has all pictures made.
        loader.submit(drive_count, server.target, KIND, 1, WARMING).result()
        for number in range(chosen.rounds):
            for state in (ALONE, *BUSY):
                loading = _uploading(loader, server, state, chosen.seconds)
                took_s = _read(reader, everything, chosen.seconds)
                yield Spell(state, number, loading.result() if loading else 0, took_s)
            # Both at the same time, so that whatever the machine does falls on both.
            took_s = _read(reader, both, chosen.seconds)
            yield Spell(PEOPLE, number, 0, took_s)


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _read(
    reader: ProcessPoolExecutor, streams: Sequence[Stream], seconds: float
) -> dict[str, list[float]]:
    return reader.submit(pace, streams, PER_S, seconds).result()


def _uploading(
    loader: ProcessPoolExecutor, server: Server, state: str, seconds: float
) -> Future[int] | None:
    """The uploads of a state, under way for `seconds` from now; None for a state without any."""
    if state == ALONE:
        return None
    under_way = loader.submit(count_uploads, server.target, CROWDS[state], seconds)
    time.sleep(WARMING_SHARE * seconds)
    return under_way


def count_uploads(target: Target, at_a_time: int, seconds: float) -> int:
    """Upload for a while; how many were answered. All must succeed."""
    return drive(target, KIND, at_a_time, seconds).uploads


def _started(stack: ExitStack, folder: Path, people: int, uploaders: int) -> tuple[Server, Stored]:
    """Likeness with that many people, of whom some upload, and the photo of the first of these."""
    port = free_port()
    environment = {"LIKENESS_DATA": str(folder / "data"), "LIKENESS_RATE_LIMITS": "off"}
    tokens = asyncio.run(_uploaders(environment, uploaders))
    database = folder / "data" / "likeness.db"
    took_s = crowd.fill(database, people)
    say(f"{people} people: made in {took_s:.1f} s, {database.stat().st_size / 1e6:.0f} MB")
    target = Target(f"Likeness, {people}", port, "/api/users.setPhoto", tokens)
    command = [*LIKENESS, "serve", "--host", "127.0.0.1", "--port", str(port)]
    server = stack.enter_context(running(target, command, folder, environment))
    return server, Stored(folder / "data" / "blobs", set_photo(target), "")


async def _uploaders(environment: dict[str, str], count: int) -> tuple[str, ...]:
    service = open_service(load(environment))
    try:
        return await crowd.uploaders(service, count)
    finally:
        await service.close()


def _streams(server: Server, stored: Stored, people: int) -> list[Stream]:
    """What is read of a Likeness: hot, and, by hash, what only the database can tell."""
    port = server.target.port
    step = max(1, people // 10_000)
    digests = [crowd.digest_of(number) for number in range(0, people, step)]
    return [
        Stream(KEPT[0], port, stored.paths[72]),
        Stream(KEPT[1], port, f"/avatar/{digests[0]}?s=80&d=identicon&f=y"),
        Stream(KEPT[2], port, "/avatar/{digest}?d=404", 404),
        # Somebody else each time; that no picture is wanted leaves out only the last step.
        Stream(KEPT[3], port, "/avatar/{digest}?d=404&f=y", 404, digests),
    ]


def _control(stack: ExitStack, folder: Path, stored: Stored) -> list[Stream]:
    """An idle nginx with the same file: what it suffers, the machine is to blame for."""
    if not nginx_is_here():
        say("nginx, the control, is left out: it is not installed")
        return []
    server = stack.enter_context(nginx(folder, stored, None)).server
    return [Stream(NGINX, server.target.port, stored.paths[72])]


if __name__ == "__main__":
    sys.exit(main())
