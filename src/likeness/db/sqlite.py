"""SQLite: a file in WAL, one writer at a time, and readers that nobody holds up."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from likeness.db import sqlite_file
from likeness.db.sqlite_file import Unchanging

BUSY_TIMEOUT_S: Final = 5.0
"""How long a writer waits for another one; a transaction here takes about a millisecond."""

READERS_MAX: Final = 16

_RETRY_INTERVAL_S: Final = 0.01
_NO_FILES: Final = {None, "", ":memory:"}
"""URLs of databases in memory, which end with their connection."""


SCHEMES: Final = frozenset({"sqlite"})
ERRORS: Final = (sqlite3.Error,)
"""The exceptions of SQLite."""


def is_ours(url: URL) -> bool:
    """Whether a URL names a file: `sqlite:////ABSOLUTE/PATH`."""
    is_file = not url.host and url.database not in _NO_FILES and not url.query
    return url.drivername in SCHEMES and is_file


def path_of(url: URL) -> Path:
    """The file of such a URL."""
    return Path(str(url.database)).absolute()


def reader(url: URL) -> Engine:
    """Connections on which each statement commits by itself."""
    return _reading(url, BUSY_TIMEOUT_S, _prepare, READERS_MAX)


def glancer(url: URL) -> Engine:
    """One connection that never waits, not even to turn the file to WAL, which others do."""
    return _reading(url, 0, _look, 1)


def writer(url: URL, *, synchronous: str) -> Engine:
    """One connection whose transactions begin by taking the write lock. It makes a missing file."""
    path = path_of(url)

    def connect() -> sqlite3.Connection:
        sqlite_file.create(path)
        return _prepared(sqlite_file.opened(path, BUSY_TIMEOUT_S), _prepare)

    engine = create_engine(
        url, pool_size=1, max_overflow=0, pool_timeout=BUSY_TIMEOUT_S, creator=connect
    )

    @event.listens_for(engine, "connect")
    def synchronise(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute(f"PRAGMA synchronous={synchronous}")
        # What is deleted is overwritten, also where SQLite was not built to do so by itself.
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def is_torn(connection: Connection) -> bool:
    """Whether somebody wrote to a file while it was read as one that does not change."""
    if connection.invalidated:
        # A server's connection that was lost; to look at it would raise another error.
        return False
    plain = connection.connection.dbapi_connection
    return isinstance(plain, Unchanging) and plain.has_changed


def _reading(
    url: URL, timeout_s: float, prepare: Callable[[sqlite3.Connection], None], connections_max: int
) -> Engine:
    """Connections that read, also from a disk that is full or read-only."""
    path = path_of(url)

    def connect() -> sqlite3.Connection:
        try:
            return _prepared(sqlite_file.opened(path, timeout_s), prepare)
        except sqlite3.OperationalError as error:
            unchanging = sqlite_file.opened_unchanging(path)
            if unchanging is None or not sqlite_file.cannot_write(error):
                raise
            # On good days there is nothing to look at, and a look-up takes 45 microseconds.
            if not event.contains(engine, "checkout", _drop_what_has_changed):
                event.listen(engine, "checkout", _drop_what_has_changed)
            return unchanging

    engine = create_engine(
        url, isolation_level="AUTOCOMMIT", pool_size=connections_max, creator=connect
    )
    return engine


def _drop_what_has_changed(connection: Any, *_: Any) -> None:
    """Have a pool replace connections whose file has changed."""
    if isinstance(connection, Unchanging) and connection.has_changed:
        raise DisconnectionError


def _prepared(
    connection: sqlite3.Connection, prepare: Callable[[sqlite3.Connection], None]
) -> sqlite3.Connection:
    """The connection; where opening fails, it is closed, since SQLite counts open files."""
    try:
        prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _look(connection: sqlite3.Connection) -> None:
    """Read something, since SQLite opens a file no sooner."""
    connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")


def _prepare(connection: sqlite3.Connection) -> None:
    """Set the pragmas that SQLite does not store, and leave BEGIN to us."""
    connection.isolation_level = None
    _turn_to_wal(connection)
    connection.execute("PRAGMA foreign_keys=ON")


def _turn_to_wal(connection: sqlite3.Connection) -> None:
    """Retry while another connection does it: for this statement SQLite has no busy timeout."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not sqlite_file.is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_INTERVAL_S)
        else:
            return
