"""All that is kept of one person, in a SQLite file: its bytes, and how leavers are found."""

from pathlib import Path

from likeness.db import Database, open_database
from likeness.events import OPERATOR, SWEEP
from support.plans import plan
from support.rows import NOW, user
from support.traces import leave_traces


def erase(database: Database) -> None:
    """All but the files."""
    database.begin_erasing(user().id, NOW, OPERATOR)
    database.mark_purged([each.id for each in database.history(user().id)], NOW)
    database.remove_staged([each.id for each in database.staged_of(user().id)])
    assert database.finish_erasing(user().id, NOW, OPERATOR)


def searched(file: Path) -> bytes:
    """The file and its journal."""
    journal = file.with_name(f"{file.name}-wal")
    return file.read_bytes() + (journal.read_bytes() if journal.exists() else b"")


def test_what_is_erased_is_overwritten(file: Path, peopled: Database) -> None:
    """In the file, and in the journal, also while another process has it open."""
    leave_traces(peopled, user(), 1)
    marks = [user().email.encode(), b"nother-1@example.org", bytes([1]) * 32]
    other = open_database(f"sqlite:///{file}")
    assert other.teams()
    assert all(mark in searched(file) for mark in marks)

    erase(peopled)
    peopled.empty_journal()

    assert [] == [mark for mark in marks if mark in searched(file)]
    assert user(2).email.encode() in searched(file)
    other.close()


def test_leavers_are_found_by_an_index(peopled: Database) -> None:
    """Since the sweep asks for them four times a minute."""
    steps = plan(peopled, lambda database: database.end_photos_of_leavers(NOW, NOW, SWEEP, 9))

    assert any("ix_users_deleted_at" in step for step in steps), steps
    assert not any("SCAN" in step for step in steps), steps
