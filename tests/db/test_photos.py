"""Photos in a SQLite file: what it refuses, how it finds them, and what a sudden end leaves."""

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy.exc import IntegrityError

from likeness.db import Database
from likeness.model import PhotoState
from support.plans import plan, reads
from support.rows import NOW, at, photo, user
from support.starting import Started, ended_after

_SET: Final = """
import sys, time
from dataclasses import replace
from likeness.db import open_database
database = open_database(sys.argv[1])
person = database.users_page("T0000000001", "", 1)[0]
for number in range(1, 100_000):
    database.set_photo(replace(person.photo, id=person.photo.id + number))
    print(person.photo.id + number, flush=True)
"""


def values(file: Path, column: str) -> list[Any]:
    """One column of the photos as it is stored, by their ids."""
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute(f"SELECT {column} FROM photos ORDER BY id")]  # noqa: S608 - a name of ours.


def test_photos_are_stored_as_plain_values(file: Path, peopled: Database) -> None:
    """So that other programs can read the file: words, numbers, microseconds, ISO days."""
    peopled.set_photo(photo(sizes=(24, 512), set_at=at(0)))

    found = [values(file, name)[0] for name in ("day", "format", "sizes", "set_at", "state")]

    microseconds = round(NOW.timestamp() * 1_000_000)
    assert ["2026-11-23", "jpeg", "24,512", microseconds, "current"] == found


def test_each_end_is_dated(file: Path, peopled: Database) -> None:
    """The replacing, the deleting, the expiring and the purging."""
    for number in range(3):
        peopled.set_photo(photo(set_at=at(number)))
    peopled.delete_photo(user().id, at(10))
    peopled.expire_replaced(at(2), at(20))
    peopled.mark_purged(values(file, "id")[:1], at(30))
    zero = round(NOW.timestamp() * 1_000_000)

    ended = [(number - zero) / 1e6 for number in values(file, "ended_at")]
    purged = [number and (number - zero) / 1e6 for number in values(file, "purged_at")]

    assert [20, 2, 10] == ended
    assert [30, None, None] == purged


def test_an_id_is_used_once(peopled: Database) -> None:
    """A second photo of the same id is refused, and the one shown stays."""
    mine = photo()
    peopled.set_photo(mine)

    with pytest.raises(IntegrityError, match="UNIQUE"):
        peopled.set_photo(photo(id=mine.id, user_id=user(2).id))
    with pytest.raises(IntegrityError, match="UNIQUE"):
        peopled.set_photo(photo(id=mine.id))

    assert [mine] == peopled.history(user().id)
    assert [] == peopled.history(user(2).id)


@pytest.mark.parametrize(
    "look_up",
    [
        lambda database: database.history("U"),
        lambda database: database.photos_to_purge(10),
        lambda database: database.known_photo_ids([1, 2, 3]),
        lambda database: database.count_purgeable(NOW),
    ],
    ids=["history", "purge", "known", "count"],
)
def test_photos_are_found_without_reading_all(
    peopled: Database, look_up: Callable[[Database], object]
) -> None:
    """By an index at each step."""
    steps = plan(peopled, look_up)

    assert steps
    assert [] == [step for step in steps if step.startswith("SCAN")]


@pytest.mark.parametrize(("count", "statements"), [(0, 0), (1, 1), (500, 1), (501, 2), (1200, 3)])
def test_ids_are_asked_for_in_portions(peopled: Database, count: int, statements: int) -> None:
    """Older builds of SQLite take 999 parameters."""
    found = reads(peopled, lambda database: database.known_photo_ids(range(count)))

    assert statements == len(found)
    assert all(len(parameters) <= 500 for _, parameters in found)


def test_whoever_is_killed_leaves_one_current_photo(peopled: Database) -> None:
    """Kill -9 while one photo after another is set: the last one told of, or the one after."""
    first = photo(id=200_000_000_000)
    peopled.set_photo(first)
    command = [sys.executable, "-c", _SET, peopled.url]

    with Started(command) as process:
        told = [process.first_line()]
        assert process.stdout
        with ended_after(process):
            told += [process.stdout.readline() for _ in range(5)]
        process.kill()
        told += process.stdout.read().splitlines()

    history = peopled.history(user().id)
    current = [one for one in history if one.state is PhotoState.CURRENT]
    shown = peopled.users_page(user().team_id, "", 1)[0].photo
    assert [shown] == current
    assert current[0].id - int(told[-1]) in {0, 1}
    assert len(history) == current[0].id - first.id + 1
