"""The rows behind rate limits, as SQLite has them. What a limit allows is in tests/contract."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from likeness.db import Database, open_database
from support.rows import NOW

NOW_S = NOW.timestamp()


def rows(file: Path) -> Iterator[tuple[str, float]]:
    """Every key with the moment until which it is busy, in seconds from NOW."""
    with closing(connect(file)) as connection:
        for key, arrival_s in connection.execute("SELECT key, arrival_s FROM limits ORDER BY key"):
            yield key, round(arrival_s - NOW_S, 3)


def test_a_key_has_one_row_however_often_it_is_used(file: Path, database: Database) -> None:
    """With the moment at which all calls are back."""
    for _ in range(3):
        database.take("a", 3.0, 20, NOW_S)
    database.take("b", 3.0, 20, NOW_S + 1)

    assert [("a", 9.0), ("b", 4.0)] == list(rows(file))


def test_a_refused_call_leaves_the_row_as_it_was(file: Path, database: Database) -> None:
    """So whoever tries again and again does not wait for ever."""
    database.take("a", 60.0, 1, NOW_S)
    before = list(rows(file))

    for number in range(10):
        assert database.take("a", 60.0, 1, NOW_S + number) > 0

    assert before == list(rows(file))


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, ["a", "b"]), (3, ["a", "b"]), (3.001, ["b"]), (61, [])]
)
def test_only_the_idle_are_forgotten(
    file: Path, database: Database, seconds: float, expected: list[str]
) -> None:
    """Those who have their whole burst back."""
    database.take("a", 3.0, 20, NOW_S)
    database.take("b", 60.0, 1, NOW_S)

    database.forget_idle(NOW_S + seconds)

    assert expected == [key for key, _ in rows(file)]


def test_a_key_is_a_text_and_no_statement(file: Path, database: Database) -> None:
    """Quotes and all."""
    key = '\'; DROP TABLE limits; -- "%s" :key ?'

    assert 0 == database.take(key, 60.0, 1, NOW_S)

    assert [(key, 60.0)] == list(rows(file))


def test_counts_outlive_the_process_that_made_them(database: Database) -> None:
    """A restart of the service gives nobody a second burst; only a power cut may."""
    database.take("a", 60.0, 1, NOW_S)
    database.close()
    again = open_database(database.url)

    assert 60.0 == pytest.approx(again.take("a", 60.0, 1, NOW_S))

    again.close()
