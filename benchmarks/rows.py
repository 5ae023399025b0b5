"""The claim: rows take a millisecond or two of an upload, in a file or on a server, however many.

Measures the statements that every request runs, on SQLite and on PostgreSQL, with few people and
with very many: how many a second, and the CPU that each takes of us and of the server. The people
are copied into PostgreSQL by `likeness copy`. Nothing here has a goal: docs/capacity.md builds on
it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import crowd  # noqa: E402 - The tests are no package.
import options  # noqa: E402 - See above.
from likeness.db import Database, open_database  # noqa: E402 - See above.
from likeness.model import TokenKind  # noqa: E402 - See above.
from processes import CORES, cpu_model, cpu_s, tree  # noqa: E402 - See above.
from report import say  # noqa: E402 - See above.
from servers import LIKENESS  # noqa: E402 - See above.
from support.postgres import PostgresServer, postgres_server  # noqa: E402 - See above.
from support.rows import photo  # noqa: E402 - See above.

FULL: Final = {"people": (1_000, 1_000_000), "seconds": 3.0}
QUICK: Final = {"people": (100, 1_000), "seconds": 0.3}
THREADS: Final = 4
TOKEN: Final = b"t" * 32


@dataclass(frozen=True, slots=True)
class Cost:
    """One statement, or a few in one transaction: how many a second, and what each costs in us."""

    database: str
    people: int
    work: str
    per_s: float
    own_us: float
    server_us: float


def main() -> int:
    """Measure and print."""
    chosen = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    costs, sizes = [], {}
    with tempfile.TemporaryDirectory(prefix="likeness-rows-") as folder:
        for people in chosen.people:
            for name, database, server in _databases(Path(folder), people):
                costs += list(_costs(name, people, database, server, chosen.seconds))
                sizes[f"{name}, {people} people"] = _bytes_of(database, server)
                say(f"{name}, {people} people: done")
    document = {"cpu": cpu_model(), "costs": [asdict(each) for each in costs], "bytes": sizes}
    print(json.dumps(document, indent=2) if chosen.json else "\n".join(_lines(costs, sizes)))
    return 0


def _options() -> argparse.Namespace:
    parser = options.parser(__doc__)
    parser.add_argument("--people", nargs="+", type=int, help="how many are in the databases")
    parser.add_argument("--seconds", type=float, help="for each kind of work")
    return options.parsed(parser, FULL, QUICK)


def _databases(folder: Path, people: int) -> Iterator[tuple[str, Database, PostgresServer | None]]:
    """The same people in a file and on a server."""
    path = folder / f"{people}.db"
    with _opened(f"sqlite:///{path}") as embedded:
        embedded.migrate()
        crowd.fill(path, people)
        embedded.add_token(
            digest=TOKEN,
            user_id=crowd.id_of(0),
            kind=TokenKind.USER,
            scopes=("users:read",),
            created_at=datetime.now(UTC),
            expires_at=None,
        )
        yield "SQLite", embedded, None
    with postgres_server("debian", durable=True) as server:
        url = server.new_database()
        command = [*LIKENESS, "copy", "--from", f"sqlite:///{path}", "--to", url]
        subprocess.run(command, check=True, stdout=sys.stderr)
        server.ask("VACUUM ANALYZE", urlsplit(url).path.lstrip("/"))
        with _opened(url) as database:
            yield "PostgreSQL", database, server


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        database.close()


def _costs(
    name: str, people: int, database: Database, server: PostgresServer | None, seconds: float
) -> Iterator[Cost]:
    def set_one(number: int) -> None:
        database.set_photo(photo(user_id=crowd.id_of(number % people), set_at=datetime.now(UTC)))

    works: dict[str, Callable[[int], object]] = {
        "who a hash leads to": lambda n: database.listed(
            bytes.fromhex(crowd.digest_of(n * 7919 % people))
        ),
        "who a token speaks for": lambda _: database.caller(TOKEN),
        "a call under the limit": lambda n: database.take(f"key {n % 50}", 0.001, 50, time.time()),
        "a photo set": set_one,
    }
    for work, do in works.items():
        per_s, own_us, server_us = _measured(do, server, seconds)
        yield Cost(name, people, work, per_s, own_us, server_us)


def _measured(
    do: Callable[[int], object], server: PostgresServer | None, seconds: float
) -> tuple[float, float, float]:
    """Do it in a few threads for so long: how many a second, our CPU and the server's, in us."""
    processes = tree(psutil.Process(server.process.pid)) if server and server.process else []
    before, own, start = cpu_s(processes), time.process_time(), time.monotonic()

    def work(number: int) -> int:
        done = 0
        while time.monotonic() < start + seconds:
            do(number + done * THREADS)
            done += 1
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        done = sum(pool.map(work, range(THREADS)))
    took_s = time.monotonic() - start
    if server and server.process:
        processes = tree(psutil.Process(server.process.pid))
    own_us = (time.process_time() - own) / done * 1e6
    return done / took_s, own_us, (cpu_s(processes) - before) / done * 1e6


def _bytes_of(database: Database, server: PostgresServer | None) -> int:
    if server is None:
        return Path(str(database.address.database)).stat().st_size
    name = str(database.address.database)
    return int(server.ask(f"SELECT pg_database_size('{name}')")[0][0])


def _lines(costs: list[Cost], sizes: dict[str, int]) -> list[str]:
    lines = [f"{CORES} cores of {cpu_model()}, {THREADS} threads", ""]
    lines.append(f"{'':<44}{'per second':>12}{'our CPU us':>12}{'server us':>12}")
    for each in costs:
        label = f"{each.database}, {each.people} people: {each.work}"
        lines.append(f"{label:<56}{each.per_s:>8.0f}{each.own_us:>12.0f}{each.server_us:>12.0f}")
    lines += ["", "bytes of the whole database"]
    return lines + [f"{name}: {size:,}" for name, size in sizes.items()]


if __name__ == "__main__":
    sys.exit(main())
