"""How many there are, by both kinds of database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from likeness.db import Database, open_database
from likeness.db.census import Counted
from support.plans import plan
from support.postgres import PostgresServer
from support.rows import NOW, at, photo, team, user


def peopled(database: Database) -> Database:
    """Four people, of whom one is a bot and one has left; two photos are shown."""
    database.migrate()
    database.add_team(team())
    for number in (1, 2, 3):
        database.add_user(user(number))
    database.add_user(user(4, is_bot=True))
    for each in (photo(), photo(set_at=at(1)), photo(user_id=user(2).id)):
        database.set_photo(each)
    database.deactivate_user(user(3).id, NOW)
    return database


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_people_and_photos_are_counted(
    kind: str, tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> None:
    """Active people and photos that are shown, not what there ever was."""
    url = f"sqlite:///{tmp_path}/a.db" if kind == "sqlite" else server_of("debian").new_database()
    database = peopled(open_database(url))

    assert database.census() == Counted(people=2, photos=2)
    if kind == "sqlite":
        assert any(
            "photos USING COVERING INDEX" in each for each in plan(database, Database.census)
        )
    database.close()
