"""SQLite: a file in WAL, one writer at a time, and readers that nobody holds up."""

import sqlite3
import time
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event

BUSY_TIMEOUT_S: Final = 5.0
"""How long a writer waits for another one; a transaction here takes about a millisecond."""

READERS_MAX: Final = 16

_RETRY_INTERVAL_S: Final = 0.01
_NO_FILES: Final = {None, "", ":memory:"}
"""What SQLite takes for a database that is gone with its connection."""


SCHEMES: Final = frozenset({"sqlite"})


def is_ours(url: URL) -> bool:
    """Whether a URL names a file: `sqlite:////ABSOLUTE/PATH`."""
    return url.drivername in SCHEMES and not url.host and url.database not in _NO_FILES


def is_error(error: object) -> bool:
    """Whether it was SQLite that complained."""
    return isinstance(error, sqlite3.Error)


def reader(url: URL) -> Engine:
    """Connections on which each statement commits by itself."""
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=READERS_MAX,
        connect_args={"timeout": BUSY_TIMEOUT_S},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def glancer(url: URL) -> Engine:
    """One connection that never waits, not even to turn the file to WAL, which others do."""
    return create_engine(
        url, isolation_level="AUTOCOMMIT", pool_size=1, connect_args={"timeout": 0}
    )


def writer(url: URL, *, synchronous: str) -> Engine:
    """One connection whose transactions begin by taking the write lock."""
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
