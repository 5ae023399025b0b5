"""Prepares an installation: its folder, tables up to date, one secret key for all nodes.

Only a start, `migrate`, `workspace add` and `demo` make what is missing. Every other verb refuses:
with a slip in a setting it would begin a second installation beside the intended one.
"""

import os
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from likeness.app.secret import (
    change_key,
    check_key,
    has_key,
    is_its_key,
    key_file,
    key_source,
    keys_of,
    known_key,
    missing_key,
    old_key,
)
from likeness.config import Config
from likeness.db import Database, Reminder, file_of, open_database
from likeness.errors import Mistake, ServiceUnavailable, Trouble
from likeness.log import Log
from likeness.ownership import close_to_others, explain, make_folder, obstacle

_RETRY_INTERVAL_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a database that is away is waited for, by which clock, and how."""

    limit_s: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


OF_A_START: Final = Patience(60.0)
"""A minute, as when a whole machine comes up."""

OF_A_VERB: Final = Patience(5.0)
"""Somebody sits before it. A server that is restarted takes some seconds."""

_BESIDE_DATABASE: Final = ("", "-wal", "-shm", "-journal")
_OURS: Final = frozenset(
    {
        *(f"likeness.db{suffix}" for suffix in _BESIDE_DATABASE),
        *("secret.key", "secret.key.old", "blobs"),
    }
)
"""Names of an installation's files in its data folder."""

T = TypeVar("T")

_log = Log(__name__)


def prepare(
    database: Database, config: Config, *, begins: bool = True, patience: Patience = OF_A_START
) -> str:
    """Bring the tables up to date, and see that all processes have the same secret key.

    Gives the revision that older tables were at, "" where nothing was done to any. Waits for a
    database that may come up by itself. Raises Mistake where it does not in time, where waiting
    cannot help, where the key is another one, and where there are no tables yet unless this
    `begins` an installation.
    """

    def settle() -> str:
        if not begins:
            _check_tables(database)
        before = database.migrate()
        check_key(database, keys_of(config), key_source(config))
        return before

    return _patiently(settle, database, patience)


def prepare_alone(config: Config, *, patience: Patience = OF_A_START) -> None:
    """Make what is missing, prepare, and leave no connection and no thread: a fork may follow.

    Permissions for everybody are removed, and problems are logged. Raises Mistake, as `prepare`
    does, and where the key of an installation is missing, since with a new one all tokens would
    end.
    """
    make_data_folder(config)
    with closing(open_database(config.database_url)) as database:

        def settle() -> str:
            database.migrate()
            _settle_key(database, config)
            return database.obstacle_to_writing()

        reason = _patiently(settle, database, patience)
    _close_installation(config)
    if reason:
        _log.warning("nothing_can_be_written", reason=reason)
    if config.has_dead_address:
        _log.warning("public_url_is_missing", reason=dead_address(config))


def take_key(config: Config, at: datetime) -> int | None:
    """Go on with the secret key as configured; how many tokens and sessions end by that.

    None where the installation has that key already.
    Raises Mistake as `prepare_alone` does.
    """
    make_data_folder(config)
    with closing(open_database(config.database_url)) as database:

        def settle() -> int | None:
            database.migrate()
            return change_key(database, keys_of(config), at)

        return _patiently(settle, database, OF_A_START)


def _settle_key(database: Database, config: Config) -> None:
    """See that the key is the installation's. One is made where there was none, or an old one."""
    if known_key(config) is None and has_key(database):
        old = old_key(config)
        if old is None or not is_its_key(database, old):
            raise Mistake(missing_key(config))
    check_key(database, keys_of(config), key_source(config))


def make_data_folder(config: Config) -> None:
    """Make the folder of an installation that needs one. Raises Mistake where it cannot."""
    if not config.has_folder:
        return
    folder = config.data.absolute()
    try:
        make_folder(folder)
    except OSError as error:
        is_there = f"{folder} is no folder" if folder.exists() else ""
        reason = obstacle(folder, os.W_OK) or is_there or explain(error)
        raise Mistake(f"the folder that LIKENESS_DATA names cannot be made: {reason}") from error


def files_of(config: Config) -> list[Path]:
    """Paths of an installation on this machine, whether they exist or not."""
    folder, file = config.data.absolute(), file_of(config.database_url)
    paths = {folder / name for name in _OURS}
    if file is not None:
        paths |= {file.with_name(file.name + suffix) for suffix in _BESIDE_DATABASE}
    return sorted(paths)


def check_begun(config: Config) -> None:
    """See that there is an installation, for verbs that are not to begin one. Raises Mistake.

    A database on a server is asked later, by `prepare`.
    """
    file = file_of(config.database_url)
    if file is not None and not (file.is_file() and file.stat().st_size):
        raise Mistake(_not_begun(file))
    if known_key(config) is None:
        raise Mistake(_not_begun(key_file(config)))


def dead_address(config: Config) -> str:
    """Why the public address leads nowhere, and the remedy."""
    return (
        f"photos and links are given out as {config.base_url}, which no browser can open; set "
        "LIKENESS_PUBLIC_URL to the address that people use"
    )


def _not_begun(path: Path) -> str:
    return (
        f"there is no installation here, since there is no {path}. Name its folder by --data or "
        "LIKENESS_DATA, and give its other settings too; a new one begins with `likeness workspace "
        "add NAME`"
    )


def _check_tables(database: Database) -> None:
    if not database.revision():
        raise Mistake(
            "the database that LIKENESS_DATABASE names has no installation in it. Correct it; a "
            "new one begins with `likeness workspace add NAME`"
        )


def _patiently(settle: Callable[[], T], database: Database, patience: Patience) -> T:
    """Retry until the database can be used. Raises Mistake with the obstacle."""
    deadline, reminder = patience.clock() + patience.limit_s, Reminder(patience.clock)
    while True:
        try:
            return settle()
        except ServiceUnavailable as refusal:
            may_pass = refusal.trouble is Trouble.BUSY or database.may_come_up()
            if not may_pass or patience.clock() > deadline:
                raise Mistake(refusal.reason) from refusal
            if reminder.is_due(refusal.reason):
                _log.warning("waiting_for_the_database", reason=refusal.reason)
            patience.sleep(_RETRY_INTERVAL_S)


def _close_installation(config: Config) -> None:
    """Remove the permissions of other users from files of an installation that are open to all.

    Photos are not walked: their folder is shut. The data folder is too, unless it has
    files that are not ours, for which it may have been opened.
    """
    folder, paths = config.data.absolute(), files_of(config)
    with suppress(OSError):
        if {path.name for path in folder.iterdir()} <= _OURS:
            paths.append(folder)
    closed = [str(path) for path in paths if close_to_others(path)]
    if closed:
        _log.info("closed_to_others", paths=closed)
