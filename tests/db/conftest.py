"""A real SQLite file, migrated, without and with people."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from likeness.db import Database
from support.rows import team, user
from support.tables import open_with_tables


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The one file that is the database."""
    return tmp_path / "likeness.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    """A database with its tables."""
    opened = open_with_tables(file)
    yield opened
    opened.close()


@pytest.fixture
def peopled(database: Database) -> Database:
    """The database with `team()` and two of its people, `user(1)` and `user(2)`."""
    database.add_team(team())
    database.add_user(user(1))
    database.add_user(user(2))
    return database
