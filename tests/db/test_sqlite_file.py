"""The file of an embedded database where its disk is full, read-only, or somebody else's."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy.exc import DatabaseError

from likeness.db import Database, open_database
from likeness.db.sqlite_file import (
    FREE_BYTES_MIN,
    create,
    explain,
    is_busy,
    obstacle_to_writing,
    opened,
    opened_unchanging,
    reason,
)
from likeness.errors import ServiceUnavailable, Trouble
from support.disks import fill, forbid_changes, small_disk
from support.rows import NOW, photo, team, user
from support.users import NOBODY, acting_as, folder_of, mode, owner, umask

SMALL: Final = 2**20
TESTS: Final = Path(__file__).parents[1]

_LEAVE_A_JOURNAL: Final = """
import os, sys
from likeness.db import open_database
from support.rows import team
open_database(sys.argv[1]).add_team(team(int(sys.argv[2])))
os._exit(0)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    with small_disk(tmp_path / "disk", SMALL) as folder:
        yield folder


@pytest.fixture
def file(disk: Path) -> Path:
    """A database with a team on that disk, which was closed properly."""
    path = disk / "likeness.db"
    with closing(open_database(f"sqlite:///{path}")) as database:
        database.migrate()
        database.add_team(team())
    return path


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    """The same, about to be opened."""
    with closing(open_database(f"sqlite:///{file}")) as unopened:
        yield unopened


def stop_in_the_middle(file: Path, number: int = 2) -> None:
    """Add a team in a process that is gone before it could fold its journal in."""
    command = [sys.executable, "-c", _LEAVE_A_JOURNAL, f"sqlite:///{file}", str(number)]
    subprocess.run(command, check=True, cwd=TESTS)


def write(database: Database) -> None:
    """Change something for good, and count something."""
    for change in (
        lambda: database.add_user(user()),
        lambda: database.take("key", 60.0, 1, NOW.timestamp()),
    ):
        with pytest.raises(ServiceUnavailable) as caught:
            change()
        assert caught.value.trouble is Trouble.UNWRITABLE


@pytest.mark.parametrize("bits", [0o000, 0o022])
def test_a_database_is_for_its_owner_alone(tmp_path: Path, bits: int) -> None:
    """The two files beside it too, whatever the umask."""
    with umask(bits), closing(open_database(f"sqlite:///{tmp_path}/likeness.db")) as database:
        database.migrate()
        modes = {path.name: mode(path) for path in tmp_path.iterdir()}

    assert dict.fromkeys(["likeness.db", "likeness.db-shm", "likeness.db-wal"], 0o600) == modes


def test_a_database_that_root_makes_belongs_to_the_owner_of_its_folder(public_path: Path) -> None:
    """The two files beside it too: with one of root's the service could read nothing."""
    folder = folder_of(NOBODY, public_path / "theirs")

    with closing(open_database(f"sqlite:///{folder}/likeness.db")) as database:
        database.migrate()
        owners = {path.name: owner(path) for path in folder.iterdir()}

    names = ["likeness.db", "likeness.db-shm", "likeness.db-wal"]
    assert dict.fromkeys(names, (NOBODY, NOBODY)) == owners


def test_a_database_that_is_there_is_not_made_anew(file: Path) -> None:
    """Nor is anything said where it cannot be made; SQLite says it."""
    before = file.read_bytes()

    create(file)
    create(file.parent / "missing/likeness.db")

    assert before == file.read_bytes()


def test_a_full_disk_can_be_read(disk: Path, database: Database) -> None:
    """By a process that starts when it is full; SQLite cannot make the files that it reads by."""
    fill(disk)

    assert [team()] == database.teams()
    assert database.listed(b"", at_once=True) is None
    database.migrate()
    write(database)
    assert [team()] == database.teams()


def test_a_disk_with_room_again_can_be_written(disk: Path, database: Database) -> None:
    """By the same process, which reads what it wrote, and so do those that only read."""
    filler = fill(disk)
    reader = open_database(database.url)
    assert [team()] == database.teams() == reader.teams()

    filler.unlink()
    database.add_team(team(2))

    assert [team(), team(2)] == database.teams() == reader.teams()
    database.close()
    assert [team(), team(2)] == reader.teams()
    reader.close()


def test_a_full_disk_of_a_service_that_was_killed_can_be_read(
    disk: Path, file: Path, database: Database
) -> None:
    """A part of the rows is in the journal, which must not be left out."""
    stop_in_the_middle(file)
    fill(disk)

    assert [team(), team(2)] == database.teams()


def test_a_read_only_disk_can_be_read(disk: Path, database: Database) -> None:
    """Linux makes it so after an error of the file system."""
    forbid_changes(disk)

    assert [team()] == database.teams()
    assert database.listed(b"", at_once=True) is None
    database.migrate()
    write(database)


def test_a_read_only_disk_of_a_service_that_was_killed_can_be_read(
    disk: Path, file: Path, database: Database
) -> None:
    """The files beside the database are there then, and are enough."""
    stop_in_the_middle(file)
    forbid_changes(disk)

    assert [team(), team(2)] == database.teams()


def test_rows_that_cannot_be_put_together_are_not_shown_in_part(
    disk: Path, file: Path, database: Database
) -> None:
    """A journal without its index, which nobody may make anew: an outage, and no old rows."""
    stop_in_the_middle(file)
    (disk / "likeness.db-shm").unlink()
    forbid_changes(disk)

    with pytest.raises(ServiceUnavailable, match="cannot be used now"):
        database.teams()


def test_files_that_somebody_may_only_read_can_be_read(public_path: Path) -> None:
    """Root's own, as after a restore; nothing can be put beside them."""
    folder = folder_of(NOBODY, public_path / "theirs")
    file = folder / "likeness.db"
    with closing(open_database(f"sqlite:///{file}")) as database:
        database.migrate()
        database.add_team(team())
    file.chmod(0o444)
    folder.chmod(0o555)
    database = open_database(f"sqlite:///{file}")
    assert [team()] == database.teams()  # Whatever is imported late is so by now.
    database.close()

    with acting_as(NOBODY), closing(open_database(f"sqlite:///{file}")) as database:
        assert [team()] == database.teams()
        write(database)
        assert f"{file} belongs to" in database.obstacle_to_writing()


def test_who_reads_without_locks_notices_a_writer(file: Path, database: Database) -> None:
    """Before the next read, and at the end of one that was under way."""
    forbidden = file.parent
    forbid_changes(forbidden)
    assert [team()] == database.teams()
    subprocess.run(["mount", "-o", "remount,rw", str(forbidden)], check=True)

    with pytest.raises(ServiceUnavailable, match="changed while it was read"), database._read():
        stop_in_the_middle(file)

    assert [team(), team(2)] == database.teams()


def test_halves_of_two_moments_are_no_broken_file(file: Path, database: Database) -> None:
    """SQLite takes them for one, where somebody wrote meanwhile; else it is right."""
    malformed = DatabaseError("SELECT", None, Exception("database disk image is malformed"))

    def write_and_stumble() -> None:
        stop_in_the_middle(file)
        raise malformed

    forbid_changes(file.parent)
    with pytest.raises(DatabaseError), database._read():
        raise malformed
    subprocess.run(["mount", "-o", "remount,rw", str(file.parent)], check=True)

    with pytest.raises(ServiceUnavailable, match="changed while it was read"), database._read():
        write_and_stumble()


def test_a_file_with_a_journal_is_never_taken_for_settled(file: Path) -> None:
    """What is read without locks has to be whole; an empty journal has nothing."""
    stop_in_the_middle(file)
    assert opened_unchanging(file) is None

    with closing(opened(file, 1.0)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        settled = opened_unchanging(file)

    assert settled is not None
    assert not settled.has_changed
    stop_in_the_middle(file, 3)
    assert settled.has_changed
    settled.close()
    file.unlink()
    assert settled.has_changed
    assert opened_unchanging(file) is None


def test_callers_hear_plain_words_and_operators_what_to_do(disk: Path, database: Database) -> None:
    """Neither hears of the other's: no path for callers, no "try again" for a full disk."""
    fill(disk)

    with pytest.raises(ServiceUnavailable, match=r"\(database or disk is full\)") as caught:
        database.add_user(user())

    assert str(disk) not in str(caught.value)
    assert f"the disk of {disk / 'likeness.db'} is full" in caught.value.reason


def test_a_disk_that_takes_no_changes_is_said_so(disk: Path, database: Database) -> None:
    """In the same two ways."""
    forbid_changes(disk)

    with pytest.raises(ServiceUnavailable, match="it can only be read") as caught:
        database.set_photo(photo())

    assert f"the file system of {disk / 'likeness.db'} is mounted read-only" in caught.value.reason


def test_what_is_no_matter_of_the_disk_keeps_its_own_words(tmp_path: Path) -> None:
    """A lock, or a folder that is not there."""
    path = tmp_path / "likeness.db"
    path.touch()
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    ill = sqlite3.OperationalError("disk I/O error")
    ill.sqlite_errorcode = sqlite3.SQLITE_IOERR | 3 << 8

    assert is_busy(busy)
    assert not is_busy(ill)
    assert ("database is locked", "disk I/O error") == (reason(path, busy), reason(path, ill))
    assert ("database is locked", "disk I/O error") == (explain(path, busy), explain(path, ill))


def test_what_is_in_the_way_of_a_file_is_named(tmp_path: Path) -> None:
    """A missing folder, and a folder where the file should be."""
    (tmp_path / "folder.db").mkdir()

    assert f"there is no folder {tmp_path / 'a'}" == obstacle_to_writing(tmp_path / "a/x.db")
    assert "is a folder, and must be a file" in obstacle_to_writing(tmp_path / "folder.db")
    assert "" == obstacle_to_writing(tmp_path / "new.db")


def test_a_disk_is_full_before_the_last_byte(disk: Path, file: Path) -> None:
    """The journal needs some room as well."""
    filler = fill(disk, FREE_BYTES_MIN // 2)
    assert "is full" in obstacle_to_writing(file)

    os.truncate(filler, 0)
    assert shutil.disk_usage(disk).free >= FREE_BYTES_MIN
    assert "" == obstacle_to_writing(file)


def test_a_missing_file_is_made_by_nobody_who_only_reads(tmp_path: Path) -> None:
    """A service whose database was taken away must not show an empty one."""
    with closing(open_database(f"sqlite:///{tmp_path}/likeness.db")) as database:
        with pytest.raises(ServiceUnavailable, match="unable to open database file"):
            database.teams()
        with suppress(ServiceUnavailable):
            database.listed(b"", at_once=True)

        assert "" == database.revision()
    assert [] == list(tmp_path.iterdir())
