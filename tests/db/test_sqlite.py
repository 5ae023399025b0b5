"""SQLite as it is reached: locks, journals, disks that are full, and files that are not there."""

import itertools
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import DatabaseError

from likeness.db import Database, open_database, sqlite
from likeness.db.schema import limits
from likeness.errors import Mistake, ServiceUnavailable
from support.disks import small_disk
from support.patience import PATIENCE_S
from support.rows import NOW, photo, team, user

BUSY_S: Final = 0.2
"""How long writers wait who wait in vain; the service has 5 s."""

SMALL: Final = 2**20

WRITES: Final[dict[str, Callable[[Database], object]]] = {
    "write": lambda database: database.add_team(team(2)),
    "jot": lambda database: database.take("key", 60.0, 1, NOW.timestamp()),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The one file that is the database."""
    return tmp_path / "likeness.db"


@pytest.fixture
def database(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with one team, whose writers are impatient."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", BUSY_S)
    opened = open_database(f"sqlite:///{file}")
    opened.migrate()
    opened.add_team(team())
    yield opened
    opened.close()


@contextmanager
def locked(file: Path, begin: str = "BEGIN IMMEDIATE") -> Iterator[sqlite3.Connection]:
    """Somebody else holds the write lock."""
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute(begin)
        yield holder


@pytest.mark.parametrize("write", WRITES)
def test_a_locked_database_is_said_so_after_a_while(
    file: Path, database: Database, write: str
) -> None:
    """Not at once, since most locks are short; afterwards all is well."""
    with locked(file):
        started = time.monotonic()
        with pytest.raises(ServiceUnavailable, match=r"database is locked.*try again"):
            WRITES[write](database)
        took_s = time.monotonic() - started

    assert took_s >= BUSY_S
    WRITES[write](database)


def test_migrating_waits_for_no_lock_where_nothing_is_to_be_done(
    file: Path, database: Database
) -> None:
    """As at almost every start; a disk that is full has no room for a lock."""
    with locked(file):
        database.migrate()


def test_a_short_lock_is_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is refused because of a writer who is done soon."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", PATIENCE_S)
    database = open_database(f"sqlite:///{file}")
    database.migrate()
    with locked(file) as holder:
        release = threading.Timer(BUSY_S, holder.execute, ["COMMIT"])
        release.start()
        database.add_team(team(2))
        release.join()

    assert [team(2)] == database.teams()
    database.close()


def test_a_short_lock_on_a_new_database_is_waited_for(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that start on an empty folder both get their tables."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", PATIENCE_S)
    opened = open_database(f"sqlite:///{file}")
    with locked(file) as holder:
        release = threading.Timer(BUSY_S, holder.execute, ["COMMIT"])
        release.start()
        try:
            opened.migrate()
        finally:
            release.join()
            opened.close()


def test_the_writers_of_one_process_wait_for_each_other(database: Database) -> None:
    """They share one connection; who waits too long is told so."""
    with database._write(), pytest.raises(ServiceUnavailable, match="it is busy"):
        database.add_team(team(2))

    database.add_team(team(2))


def test_readers_do_not_wait_for_a_writer(file: Path, database: Database) -> None:
    """They see what was true before, whoever writes; to wait would be in vain while it is held."""
    with database._write() as writing:
        writing.execute(insert(limits).values(key="half", arrival_s=1.0))
        found = database.teams()
    with locked(file, "BEGIN EXCLUSIVE"):
        again = database.teams()

    assert [team()] == found == again


def test_who_looks_at_once_waits_for_nobody(
    file: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer is not in the way; who has the file alone is, and that is said before any wait."""
    with locked(file, "BEGIN EXCLUSIVE"):
        assert database.listed(b"", at_once=True) is None
    database.close()
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", PATIENCE_S)
    database = open_database(database.url)
    with closing(sqlite3.connect(file, isolation_level=None)) as alone:
        alone.execute("PRAGMA locking_mode=EXCLUSIVE")
        alone.execute("DELETE FROM limits")
        started = time.monotonic()
        with pytest.raises(ServiceUnavailable, match="database is locked"):
            database.listed(b"", at_once=True)
        took_s = time.monotonic() - started

    assert took_s < PATIENCE_S
    assert database.listed(b"", at_once=True) is None
    database.close()


def test_a_writer_does_not_wait_for_a_reader(file: Path, database: Database) -> None:
    """However long it reads, and it goes on seeing what it saw first."""
    with locked(file, "BEGIN") as reader:
        before = reader.execute("SELECT count(*) FROM teams").fetchone()
        database.add_team(team(2))
        after = reader.execute("SELECT count(*) FROM teams").fetchone()

    assert (1,) == before == after


@pytest.mark.parametrize("transaction", ["_write", "_jot"])
def test_a_transaction_has_the_lock_from_its_start(
    file: Path, database: Database, transaction: str
) -> None:
    """So that what it reads cannot change before it writes."""
    begin: Callable[[], AbstractContextManager[Connection]] = getattr(database, transaction)

    with (
        begin(),
        closing(sqlite3.connect(file, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


@pytest.mark.parametrize("transaction", ["_write", "_jot"])
def test_a_transaction_that_fails_leaves_nothing(database: Database, transaction: str) -> None:
    """And the next one can begin."""
    begin: Callable[[], AbstractContextManager[Connection]] = getattr(database, transaction)

    with suppress(ZeroDivisionError), begin() as writing:
        writing.execute(insert(limits).values(key="half", arrival_s=NOW.timestamp() + 60))
        _ = 1 / 0

    assert 0 == database.take("half", 60.0, 1, NOW.timestamp())


@pytest.mark.parametrize(
    ("access", "synchronous"), [("_read", 2), ("_write", 2), ("_jot", 0)], ids=["FULL", "2", "OFF"]
)
def test_every_connection_has_its_settings(
    database: Database, access: str, synchronous: int
) -> None:
    """A journal beside the file, references checked, and durable but for what need not be."""
    begin: Callable[[], AbstractContextManager[Connection]] = getattr(database, access)

    with begin() as used:
        found = {
            name: used.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }

    assert {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": synchronous,
        "busy_timeout": int(BUSY_S * 1000),
    } == found


def test_closing_leaves_one_file(file: Path, database: Database) -> None:
    """The journal is folded in, so that the file can be copied."""
    database.add_user(user())

    database.close()

    assert [file] == list(file.parent.iterdir())


def test_many_may_read_at_once(database: Database) -> None:
    """Sixteen and more, each on a connection of its own."""
    with database._read() as first, database._read() as second:
        assert first.connection.dbapi_connection is not second.connection.dbapi_connection
        assert [team()] == database.teams()


@pytest.mark.parametrize("access", [Database.teams, Database.migrate, Database.revision])
def test_a_missing_folder_is_an_outage(
    tmp_path: Path, access: Callable[[Database], object]
) -> None:
    """Perhaps its disk is not mounted yet; opening alone says nothing."""
    database = open_database(f"sqlite:///{tmp_path}/missing/likeness.db")

    with pytest.raises(ServiceUnavailable, match="unable to open database file"):
        access(database)

    (tmp_path / "missing").mkdir()
    database.migrate()
    database.close()


def test_a_database_without_tables_is_an_outage(tmp_path: Path) -> None:
    """Until somebody migrates it."""
    (tmp_path / "new.db").touch()
    database = open_database(f"sqlite:///{tmp_path}/new.db")

    with pytest.raises(ServiceUnavailable, match="no such table"):
        database.teams()

    database.close()


def test_a_file_that_is_no_database_is_no_outage(tmp_path: Path) -> None:
    """Waiting does not mend it, so it is not called so."""
    (tmp_path / "letter.db").write_bytes(b"Dear Sir or Madam, " * 500)
    database = open_database(f"sqlite:///{tmp_path}/letter.db")

    with pytest.raises(DatabaseError, match="not a database"):
        database.teams()

    database.close()


def fill_up(database: Database) -> None:
    """Add people until there is no room for another."""
    for number in itertools.count():
        database.add_user(user(number, real_name="x" * 5000))


def test_a_full_disk_is_an_outage_and_loses_nothing(tmp_path: Path) -> None:
    """What was kept can be read, and writing goes on once there is room."""
    with small_disk(tmp_path / "disk", SMALL) as folder:
        (folder / "filler").write_bytes(bytes(SMALL // 2))
        database = open_database(f"sqlite:///{folder}/likeness.db")
        database.migrate()
        database.add_team(team())
        with pytest.raises(ServiceUnavailable, match="database or disk is full"):
            fill_up(database)
        kept = len(database.users_page(team().id, "", 9999))

        (folder / "filler").unlink()
        database.add_user(user(kept))
        database.set_photo(photo(user_id=user(kept).id))

        assert kept + 1 == len(database.users_page(team().id, "", 9999))
        database.close()


def test_two_people_with_one_address_are_a_mistake_and_no_outage(database: Database) -> None:
    """The transaction is over afterwards."""
    database.add_user(user(1))

    with pytest.raises(Mistake):
        database.add_user(user(2, email=user(1).email))

    database.add_user(user(2))


@pytest.mark.parametrize("name", ["with space.db", "é.db", "a#b.db", "a+b.db"])
def test_a_file_may_have_any_ordinary_name(tmp_path: Path, name: str) -> None:
    """And the URL is kept as it was given."""
    database: Any = open_database(f"sqlite:///{tmp_path / name}")

    database.migrate()
    database.close()

    assert (tmp_path / name).is_file()
    assert f"sqlite:///{tmp_path / name}" == database.url
