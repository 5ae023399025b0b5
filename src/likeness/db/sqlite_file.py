"""The file of an SQLite database: whether it can be read and written, and what errors mean.

It is made for the owner of its folder alone. Where its disk is full, or where nothing may be
written, SQLite cannot make the two files that it keeps beside it, and refuses even to read. Then
the file is read as one that does not change, for as long as it does not.
"""

import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from likeness.ownership import make_file, obstacle

FREE_BYTES_MIN: Final = 64 * 1024
"""SQLite needs 32 KiB for the index of its journal, and the journal some pages more."""

_CANNOT_WRITE: Final = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
)
"""Error codes of SQLite for a full disk and for a file that it may not write."""

_PRIMARY: Final = 0xFF
"""The bits of an error's code that tell its kind."""

_BESIDE: Final = ("-wal", "-journal")


class _State(NamedTuple):
    """A value that changes with each write to the file."""

    number: int
    length: int
    changed_ns: int


class Unchanging(sqlite3.Connection):
    """A connection that reads a file without locks, as if nobody ever wrote to it."""

    path: Path
    state: _State | None

    @property
    def has_changed(self) -> bool:
        """Whether somebody has written since it was opened: then nothing that was read counts."""
        return _settled_state(self.path) != self.state


def create(path: Path) -> None:
    """Make an empty database for its owner alone; one that is there stays as it is.

    Where that cannot be done SQLite cannot open it either, and has its own word for it.
    """
    with suppress(OSError):
        os.close(make_file(path))


def opened(path: Path, timeout_s: float) -> sqlite3.Connection:
    """A connection to a file that is there, for reading and writing as far as that is allowed."""
    connection: sqlite3.Connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", **_options(timeout_s)
    )
    return connection


def opened_unchanging(path: Path) -> Unchanging | None:
    """A connection to a file that nobody is writing to; None where somebody is, or was stopped."""
    state = _settled_state(path)
    if state is None:
        return None
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, factory=Unchanging, **_options(0))
    connection.path, connection.state = path, state
    return connection


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection is in the way, which waiting may cure."""
    return _kind(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def cannot_write(error: sqlite3.Error) -> bool:
    """Whether it is a disk that is full, or that nothing may be written."""
    return _kind(error) in _CANNOT_WRITE


def reason(path: Path, error: sqlite3.Error) -> str:
    """The reason for API callers: in plain words, without paths."""
    told = str(error)
    if cannot_write(error):
        # Where the folder is shut or gone, SQLite's own words have to do.
        with suppress(OSError):
            if _kind(error) == sqlite3.SQLITE_FULL or (path.is_file() and _is_full(path)):
                told = "database or disk is full"
            elif path.is_file() and obstacle_to_writing(path):
                told = "it can only be read"
    return told


def explain(path: Path, error: sqlite3.Error) -> str:
    """The reason for operators: the path, its owner, and the remedy."""
    return (cannot_write(error) and obstacle_to_writing(path)) or str(error)


def obstacle_to_writing(path: Path) -> str:
    """The reason why writes fail, with path, owner and remedy; "" where they do not."""
    # SQLite makes files beside it, so that its folder must be open too.
    hindered = obstacle(path, os.R_OK | os.W_OK) or obstacle(path.parent, os.W_OK)
    if hindered:
        return hindered
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    if path.is_dir():
        return f"{path} is a folder, and must be a file"
    free = shutil.disk_usage(path.parent).free
    return "" if free >= FREE_BYTES_MIN else f"the disk of {path} is full ({free} bytes left)"


def _options(timeout_s: float) -> dict[str, Any]:
    """Options of every connection: pools hand one from thread to thread."""
    return {"uri": True, "timeout": timeout_s, "check_same_thread": False}


def _kind(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY


def _settled_state(path: Path) -> _State | None:
    """The state of a file in which everything stands; None where a journal beside it has a part."""
    journals = [path.with_name(path.name + suffix) for suffix in _BESIDE]
    try:
        if any(journal.exists() and journal.stat().st_size for journal in journals):
            return None
        status = path.stat()
    except OSError:
        return None
    return _State(status.st_ino, status.st_size, status.st_mtime_ns)


def _is_full(path: Path) -> bool:
    return shutil.disk_usage(path.parent).free < FREE_BYTES_MIN
