"""How the database is reached: engines, transactions, and outages by their own name."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from likeness.errors import ServiceUnavailable

BUSY_TIMEOUT_S: Final = 5.0
"""How long a writer waits for another one; a transaction here takes about a millisecond."""

READERS_MAX: Final = 16

_RETRY_INTERVAL_S: Final = 0.01
_NO_FILES: Final = {None, "", ":memory:"}
"""What SQLite takes for a database that is gone with its connection."""


class Connected:
    """Access to one database, shared by all that name statements.

    Reads commit by themselves; `_glance` is one that never waits, for who must not. `_write` is a
    transaction that holds the write lock from its start, so two of them never meet half way; `_jot`
    is one that may be forgotten by a power cut.
    """

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self.url: Final = url
        self._reader = create_engine(
            parsed,
            isolation_level="AUTOCOMMIT",
            pool_size=READERS_MAX,
            connect_args={"timeout": BUSY_TIMEOUT_S},
        )
        event.listen(self._reader, "connect", _prepare)
        # Without `_prepare`, which waits: it is others who turn the file to WAL.
        self._glancer = create_engine(
            parsed, isolation_level="AUTOCOMMIT", pool_size=1, connect_args={"timeout": 0}
        )
        self._writer = _writing_engine(parsed, synchronous="FULL")
        self._jotter = _writing_engine(parsed, synchronous="OFF")

    def close(self) -> None:
        """Close every connection."""
        for engine in (self._reader, self._glancer, self._writer, self._jotter):
            engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with _outage_named(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def _glance(self) -> Iterator[Connection]:
        with _outage_named(), self._glancer.connect() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with _outage_named(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _jot(self) -> Iterator[Connection]:
        with _outage_named(), self._jotter.begin() as connection:
            yield connection


def _parsed(url: str) -> URL:
    """The parts of a URL that names a file. Raises ValueError for any other."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _no_database(url) from error
    if parsed.drivername != "sqlite" or parsed.host or parsed.database in _NO_FILES:
        raise _no_database(url)
    return parsed


def _no_database(url: str) -> ValueError:
    return ValueError(f"{url!r} is no database; write sqlite:////ABSOLUTE/PATH")


def _writing_engine(url: URL, *, synchronous: str) -> Engine:
    """An engine with one connection whose transactions begin by taking the write lock."""
    engine = create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_S,
        connect_args={"timeout": BUSY_TIMEOUT_S},
    )
    event.listen(engine, "connect", _prepare)

    @event.listens_for(engine, "connect")
    def synchronise(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute(f"PRAGMA synchronous={synchronous}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    """Set what SQLite forgets between connections, and leave BEGIN to us."""
    connection.isolation_level = None
    _turn_to_wal(connection)
    connection.execute("PRAGMA foreign_keys=ON")


def _turn_to_wal(connection: sqlite3.Connection) -> None:
    """Wait for whoever is at it already: for this one statement SQLite does not wait by itself."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_INTERVAL_S)
        else:
            return


def _is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether another connection is in the way; the low byte tells, whatever the finer cause."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


@contextmanager
def _outage_named() -> Iterator[None]:
    """Turn a locked, full or missing database into the refusal that callers understand."""
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        reason = error.orig if isinstance(error, OperationalError) else "it is busy"
        raise ServiceUnavailable(
            f"the database cannot be used now ({reason}); nothing was changed, try again"
        ) from error
