"""How the database is reached: engines, transactions, and outages by their own name."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from likeness.db import postgres, sqlite, sqlite_file
from likeness.errors import ServiceUnavailable, Trouble
from likeness.seldom import Outage

CONNECTIONS_MAX: Final = 10
"""Connections of one process to a database server, the one that listens included."""

SCHEMES: Final = sqlite.SCHEMES | postgres.SCHEMES
"""Schemes of database URLs. The rest of such a URL may still be wrong."""

_OUTAGES: Final = (OperationalError, InterfaceError, InternalError, PoolTimeout)
"""Locked, full, away, busy, or (InternalError) a server that has become a read-only standby."""


@dataclass(frozen=True, slots=True)
class _Engines:
    """Engines: read, write, write without fsync (`jotter`), and non-blocking read (SQLite only)."""

    reader: Engine
    writer: Engine
    jotter: Engine
    glancer: Engine | None


class Connected:
    """Access to one database, the base of all classes with statements.

    Reads commit by themselves; `_glance` is one that never blocks, for the event loop. `_write` is
    a transaction, `_jot` one that a power cut may lose. On SQLite a transaction holds the
    write lock from its start; on PostgreSQL each locks the rows that it decides by.
    """

    def __init__(self, url: str, connections_max: int = CONNECTIONS_MAX) -> None:
        self.url: Final = url
        self.address: Final = parse_url(url)
        self._engines: Final = _opened(self.address, connections_max)
        # Where nothing can be changed, what is there may be read all the same.
        self._reads: Final = Outage("database_away", "database_back", doing="reading")
        self._writes: Final = Outage("database_away", "database_back", doing="writing")

    @property
    def is_embedded(self) -> bool:
        """Whether the database is in this process, so that a look-up costs less than a thread."""
        return self._engines.glancer is not None

    @property
    def is_missing(self) -> bool:
        """Whether there is no file yet, in a folder that is there."""
        if not self.is_embedded:
            return False
        path = sqlite.path_of(self.address)
        return path.parent.is_dir() and not path.exists()

    def close(self) -> None:
        """Close every connection."""
        engines = self._engines
        for engine in (engines.reader, engines.glancer, engines.writer, engines.jotter):
            if engine is not None:
                engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with self._reading(self._engines.reader) as connection:
            yield connection

    @contextmanager
    def _glance(self) -> Iterator[Connection]:
        """Raises ServiceUnavailable where looking would mean waiting."""
        if self._engines.glancer is None:
            raise ServiceUnavailable("the database is another machine's; ask it in a thread")
        with self._reading(self._engines.glancer) as connection:
            yield connection

    @contextmanager
    def _reading(self, engine: Engine) -> Iterator[Connection]:
        with self._outage_named(self._reads), engine.connect() as connection:
            try:
                yield connection
            except DatabaseError:
                _check_whole(connection)
                raise
            _check_whole(connection)

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._outage_named(self._writes), self._engines.writer.begin() as connection:
            yield connection

    @contextmanager
    def _jot(self) -> Iterator[Connection]:
        with self._outage_named(self._writes), self._engines.jotter.begin() as connection:
            yield connection

    @property
    def place(self) -> str:
        """The path of the file, or the URL without a password or options."""
        if self.is_embedded:
            return str(sqlite.path_of(self.address))
        return postgres.shown(self.address)

    def may_come_up(self) -> bool:
        """Whether a server that cannot be used may be so by itself in a moment."""
        return not self.is_embedded and postgres.may_come_up(self.address)

    @contextmanager
    def _outage_named(self, outage: Outage) -> Iterator[None]:
        """Turn a locked, full or missing database into the refusal that callers understand."""
        try:
            yield
        except _OUTAGES as error:
            refusal = self._away(error)
            if refusal.trouble is not Trouble.BUSY:
                outage.met(refusal.reason)
            raise refusal from error
        outage.over()

    def _away(self, error: Exception) -> ServiceUnavailable:
        """The refusal for callers. Addresses and names of servers go to the log alone."""
        original = getattr(error, "orig", None)
        if original is None:
            return _unavailable(Trouble.BUSY, "it is busy", "all connections to it are in use")
        if isinstance(original, sqlite.ERRORS):
            return _away_file(sqlite.path_of(self.address), original)
        reason = _sentences(str(original))
        if postgres.cannot_write(original):
            explained = f"the database {self.place} takes no changes: {reason.removesuffix('.')}"
            return _unavailable(Trouble.UNWRITABLE, "it can only be read", explained)
        return ServiceUnavailable(
            "the database cannot be used now; whether anything was changed is unknown, try again",
            reason=f"the database {self.place} cannot be used: {reason} Start it, or correct "
            "LIKENESS_DATABASE",
        )


def parse_url(url: str) -> URL:
    """The parts of a database URL. Raises ValueError, which never shows a password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = URL.create("none")
    if sqlite.is_ours(parsed) or postgres.is_ours(parsed):
        return parsed
    shown = parsed.render_as_string() if parsed.drivername != "none" else "the text"
    raise ValueError(
        f"{shown} is no database; write sqlite:////ABSOLUTE/PATH "
        "or postgresql://USER:PASSWORD@HOST/NAME"
    )


def _opened(url: URL, connections_max: int) -> _Engines:
    if postgres.is_ours(url):
        # One is left for LISTEN.
        pool = postgres.pool(url, connections_max - 1)
        each_alone = pool.execution_options(isolation_level="AUTOCOMMIT")
        # Jotted rows go to an unlogged table, whose commits wait for no disk.
        return _Engines(each_alone, pool, each_alone, None)
    return _Engines(
        sqlite.reader(url),
        sqlite.writer(url, synchronous="FULL"),
        sqlite.writer(url, synchronous="OFF"),
        sqlite.glancer(url),
    )


def _sentences(message: str) -> str:
    """A message of a server, whose lines end with nothing, as sentences in one line."""
    lines = (" ".join(line.split()) for line in message.splitlines())
    return " ".join(line if line[-1] in ".?!" else f"{line}." for line in lines if line)


def _away_file(path: Path, error: sqlite3.Error) -> ServiceUnavailable:
    trouble = Trouble.UNWRITABLE if sqlite_file.cannot_write(error) else Trouble.AWAY
    return _unavailable(
        Trouble.BUSY if sqlite_file.is_busy(error) else trouble,
        sqlite_file.reason(path, error),
        f"the database {path} cannot be used: {sqlite_file.explain(path, error)}",
    )


def _unavailable(trouble: Trouble, told: str, reason: str) -> ServiceUnavailable:
    """A refusal: `told`, for callers, in brackets, and `reason` for operators."""
    message = f"the database cannot be used now ({told}); nothing was changed, try again"
    return ServiceUnavailable(message, trouble=trouble, reason=reason)


def _check_whole(connection: Connection) -> None:
    """Refuse a read that may not be atomic: half of one state and half of another.

    SQLite reports such a torn read as a broken file, which it is not.
    """
    if sqlite.is_torn(connection):
        raise ServiceUnavailable("the database was changed while it was read; try again")
