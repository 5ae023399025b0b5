"""How the database is reached: engines, transactions, and outages by their own name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from likeness.db import postgres, sqlite
from likeness.errors import ServiceUnavailable

CONNECTIONS_MAX: Final = 10
"""Connections of one process to a database server, the one that listens included."""

SCHEMES: Final = sqlite.SCHEMES | postgres.SCHEMES
"""What the URL of a database begins with; whatever else it says may be wrong."""

_OUTAGES: Final = (OperationalError, InterfaceError, InternalError, PoolTimeout)
"""Locked, full, away, busy, or (InternalError) a server that has become a read-only standby."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Engines:
    """The ways to one database, for reading, writing, jotting, and glancing where that is had."""

    reader: Engine
    writer: Engine
    jotter: Engine
    glancer: Engine | None


class Connected:
    """Access to one database, shared by all that name statements.

    Reads commit by themselves; `_glance` is one that never waits, for who must not. `_write` is a
    transaction, `_jot` one that may be forgotten by a power cut. On SQLite a transaction holds the
    write lock from its start; on PostgreSQL each locks the rows that it decides by.
    """

    def __init__(self, url: str, connections_max: int = CONNECTIONS_MAX) -> None:
        self.url: Final = url
        self.address: Final = parse_url(url)
        self._engines: Final = _opened(self.address, connections_max)

    @property
    def is_embedded(self) -> bool:
        """Whether the database is in this process, so that a look-up costs less than a thread."""
        return self._engines.glancer is not None

    def close(self) -> None:
        """Close every connection."""
        engines = self._engines
        for engine in (engines.reader, engines.glancer, engines.writer, engines.jotter):
            if engine is not None:
                engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with _outage_named(), self._engines.reader.connect() as connection:
            yield connection

    @contextmanager
    def _glance(self) -> Iterator[Connection]:
        """Raises ServiceUnavailable where looking would mean waiting."""
        if self._engines.glancer is None:
            raise ServiceUnavailable("the database is another machine's; ask it in a thread")
        with _outage_named(), self._engines.glancer.connect() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with _outage_named(), self._engines.writer.begin() as connection:
            yield connection

    @contextmanager
    def _jot(self) -> Iterator[Connection]:
        with _outage_named(), self._engines.jotter.begin() as connection:
            yield connection


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
        # One is left for whoever listens.
        pool = postgres.pool(url, connections_max - 1)
        each_alone = pool.execution_options(isolation_level="AUTOCOMMIT")
        # What is jotted goes to a table without a journal, whose commits wait for no disk.
        return _Engines(each_alone, pool, each_alone, None)
    return _Engines(
        sqlite.reader(url),
        sqlite.writer(url, synchronous="FULL"),
        sqlite.writer(url, synchronous="OFF"),
        sqlite.glancer(url),
    )


@contextmanager
def _outage_named() -> Iterator[None]:
    """Turn a locked, full or missing database into the refusal that callers understand."""
    try:
        yield
    except _OUTAGES as error:
        _refuse(error)


def _refuse(error: Exception) -> NoReturn:
    """Say to callers what concerns them. Addresses and names of servers go to the log alone."""
    original = getattr(error, "orig", None)
    reason = "it is busy" if original is None else str(original)
    if original is not None and not sqlite.is_error(original):
        _log.warning("database_away", reason=reason)
        raise ServiceUnavailable(
            "the database cannot be used now; whether anything was changed is unknown, try again"
        ) from error
    raise ServiceUnavailable(
        f"the database cannot be used now ({reason}); nothing was changed, try again"
    ) from error
