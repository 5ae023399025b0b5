"""The claim: each page about 50,000 people takes the server less than a tenth of a second.

An administrator opens the pages of `/people` in this process, by requests without a socket: on
SQLite and on PostgreSQL, with counts that nobody remembers yet. Exit code 1 when a goal was missed,
unless --quick was given.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import psutil

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import crowd  # noqa: E402 - The tests are no package.
import options  # noqa: E402 - See above.
from likeness.app.service import Service, open_service  # noqa: E402 - See above.
from likeness.app.web import build  # noqa: E402 - See above.
from likeness.config import load  # noqa: E402 - See above.
from likeness.scopes import ADMIN_SCOPE  # noqa: E402 - See above.
from processes import CORES, cpu_model, cpu_s, tree  # noqa: E402 - See above.
from support.postgres import PostgresServer, postgres_server  # noqa: E402 - See above.

FULL: Final = {"people": 50_000, "rounds": 15}
QUICK: Final = {"people": 500, "rounds": 2}
GOAL_MS: Final = 100.0
"""CPU of each page, the database's included: on a machine that does nothing else it is the time by
the clock, and on a busy one the clock tells of the others."""

HOME: Final = "http://likeness.invalid"

_STATES: Final = (
    # Two thirds have a photo; some are locked, hidden or gone.
    "UPDATE users SET photo_id = NULL WHERE CAST(substr(id, 7) AS INTEGER) % 3 = 0",
    "UPDATE users SET photo_source = 'import' WHERE photo_id IS NOT NULL",
    "UPDATE users SET lock_reason = 'so' WHERE CAST(substr(id, 7) AS INTEGER) % 71 = 0",
    "UPDATE users SET is_listed = false WHERE CAST(substr(id, 7) AS INTEGER) % 83 = 0",
    "UPDATE users SET deleted_at = 1700000000000001 WHERE CAST(substr(id, 7) AS INTEGER) % 97 = 1",
    "UPDATE photos SET width = 96, height = 96 WHERE id % 53 = 0",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one page takes: CPU of us and of the database server, and the middle time by the clock.

    `length` is that of the answer in bytes.
    """

    database: str
    page: str
    cpu_ms: float
    median_ms: float
    length: int

    @property
    def is_missed(self) -> bool:
        """Whether it took longer than it may."""
        return self.cpu_ms > GOAL_MS


def main() -> int:
    """Measure, print, judge."""
    chosen = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="likeness-people-") as folder:
        for name, service, token, server in _services(Path(folder), chosen.people):
            figures += asyncio.run(_figures(name, service, token, server, chosen))
    document = {
        "cpu": cpu_model(),
        "people": chosen.people,
        "figures": [asdict(each) for each in figures],
    }
    print(json.dumps(document, indent=2) if chosen.json else _table(figures, chosen.people))
    return 1 if any(each.is_missed for each in figures) and not chosen.quick else 0


def _options() -> argparse.Namespace:
    parser = options.parser(__doc__)
    parser.add_argument("--people", type=int, help="how many are in the workspace")
    parser.add_argument("--rounds", type=int, help="how often each page is opened")
    return options.parsed(parser, FULL, QUICK)


def fill(folder: Path, people: int) -> None:
    """Make a data folder with so many people in every state."""
    path = folder / "likeness.db"
    with _opened(folder) as service:
        service.database.migrate()
        crowd.fill(path, people)
    with closing(sqlite3.connect(path)) as connection:
        for statement in _STATES:
            connection.execute(statement)
        connection.commit()


def _services(
    folder: Path, people: int
) -> Iterator[tuple[str, Service, str, PostgresServer | None]]:
    """The same people in a file and on a server, and the session of an administrator."""
    fill(folder, people)
    with _opened(folder) as service:
        yield "SQLite", service, _administrator(service), None
    with postgres_server("debian", durable=True) as server:
        url = server.new_database()
        source = f"sqlite:///{folder / 'likeness.db'}"
        command = [sys.executable, "-m", "likeness", "copy", "--from", source, "--to", url]
        subprocess.run(command, check=True, stdout=sys.stderr)
        server.ask("VACUUM ANALYZE", urlsplit(url).path.lstrip("/"))
        with _opened(folder, DATABASE=url) as service:
            yield "PostgreSQL", service, _administrator(service), server


@contextmanager
def _opened(folder: Path, **settings: str) -> Iterator[Service]:
    variables = {"DATA": str(folder), "PUBLIC_URL": HOME, "RATE_LIMITS": "off"} | settings
    service = open_service(load({f"LIKENESS_{name}": each for name, each in variables.items()}))
    try:
        yield service
    finally:
        service.database.close()


def _administrator(service: Service) -> str:
    """The session of somebody who administers the crowd."""

    async def issue() -> str:
        email = crowd.email_of(2)
        user = await service.people.find(email)
        service.database.set_admin(user.id, datetime.now(UTC), is_admin=True)
        issued = await service.accounts.issue_token(email, (ADMIN_SCOPE,), None)
        return issued.secret.reveal()

    return asyncio.run(issue())


async def _figures(
    name: str,
    service: Service,
    token: str,
    server: PostgresServer | None,
    chosen: argparse.Namespace,
) -> list[Figure]:
    middle = crowd.id_of(chosen.people // 2)
    pages = {
        "first page": "/people",
        "page in the middle": f"/people?after={middle}",
        "few are found": f"/people?q=somebody+{chosen.people // 7}",
        "nobody is found": "/people?q=nobody+at+all",
        "many are found": "/people?q=crowd",
        "without a photo": "/people?state=no-photo",
        "photo too small": "/people?state=too-small",
        "locked": "/people?state=locked",
        "left": "/people?state=left",
        "faces": "/people?view=faces",
        "a person": f"/?user={middle}",
        "imports": "/imports",
    }
    team = await service.people.team("Crowd")
    transport = httpx.ASGITransport(build(service))
    cookies = {"likeness_session": token}
    figures = []
    async with httpx.AsyncClient(
        transport=transport, base_url=HOME, cookies=cookies, timeout=60
    ) as client:
        await client.get("/people")
        for page, path in pages.items():
            took_ms, length, before = [], 0, _cpu_s(server)
            for _ in range(chosen.rounds):
                # As if nobody had looked for a while.
                service.roster.forget_counts(team)
                started = time.perf_counter()
                answer = await client.get(path)
                took_ms.append((time.perf_counter() - started) * 1000)
                answer.raise_for_status()
                length = len(answer.content)
            cpu_ms = (_cpu_s(server) - before) / chosen.rounds * 1000
            figures.append(Figure(name, page, cpu_ms, statistics.median(took_ms), length))
    return figures


def _cpu_s(server: PostgresServer | None) -> float:
    """CPU of this process, and of the database server where there is one."""
    processes = tree(psutil.Process(server.process.pid)) if server and server.process else []
    return time.process_time() + cpu_s(processes)


def _table(figures: list[Figure], people: int) -> str:
    lines = [f"{people:,} people, {CORES} cores of {cpu_model()}", ""]
    lines.append(f"{'':<36}{'CPU ms':>12}{'clock ms':>12}{'bytes':>12}")
    for each in figures:
        label = f"{each.database}: {each.page}"
        lines.append(
            f"{label:<36}{each.cpu_ms:>12.1f}{each.median_ms:>12.1f}{each.length:>12,}"
            f"{'  MISSED' if each.is_missed else ''}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
