"""The databases that must pass: a new back end adds how its empty database is named."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from likeness.db import Database, open_database
from support.rows import team, user

BACK_ENDS: Final[dict[str, Callable[[Path], str]]] = {
    "sqlite": lambda folder: f"sqlite:///{folder}/likeness.db",
}


@pytest.fixture(params=BACK_ENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database is, of each kind."""
    return BACK_ENDS[request.param](tmp_path)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A database with its tables."""
    opened = open_database(url)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def peopled(database: Database) -> Database:
    """The database with `team()` and two of its people, `user(1)` and `user(2)`."""
    database.add_team(team())
    database.add_user(user(1))
    database.add_user(user(2))
    return database
