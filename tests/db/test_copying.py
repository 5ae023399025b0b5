"""All rows go from one kind of database to the other, or none of them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select, text, update

from likeness.db import Database, copying, open_database
from likeness.db.migrations import newest
from likeness.db.schema import batches, identities, metadata, users
from likeness.elsewhere import Delivery, Result, Target
from likeness.errors import Mistake
from likeness.model import Address
from likeness.uploads import Kind, Upload
from support.postgres import PostgresServer
from support.rows import NOW, add_token, at, photo, staged, team, user

KINDS: Final = ["sqlite", "debian", pytest.param("wheel", marks=pytest.mark.slow)]


@pytest.fixture
def fresh(
    tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> Iterator[Callable[[str], Database]]:
    """Gives the next empty database of a kind."""
    made: list[Database] = []

    def another(kind: str) -> Database:
        file = f"sqlite:///{tmp_path}/{len(made)}.db"
        made.append(open_database(file if kind == "sqlite" else server_of(kind).new_database()))
        return made[-1]

    yield another
    for each in made:
        each.close()


def fill(database: Database) -> None:
    """Something in every table."""
    database.migrate()
    database.add_team(team())
    for number in (1, 2, 3):
        database.add_user(user(number))
    database.add_address(Address(team().id, user().id, "zoë@example.org", "Zoë@example.org", NOW))
    add_token(database)
    database.add_link(b"l" * 32, user().id, NOW, at(60))
    database.set_photo(photo())
    database.set_photo(photo(set_at=at(1)))
    database.delete_photo(user().id, at(2))
    database.set_photo(photo(user_id=user(2).id))
    database.add_staged(staged())
    database.agree("name", "value")
    fill_new_tables(database)
    fill_targets(database)
    file = Upload(
        "0badcafe", team().id, user().id, "a.zip", Kind.PHOTOS, "{}", "0b", 1, 9, NOW, at(60), NOW
    )
    database.add_upload(file)
    database.take("key", 1.5, 1, NOW.timestamp())


def fill_new_tables(database: Database) -> None:
    """A row of each that no method writes by itself."""
    who = {"team_id": team().id, "source": "csv", "external_id": "1", "user_id": user().id}
    batch = {"id": "b", "team_id": team().id, "kind": "photos", "policy": "always", "actor": "cli"}
    with database._write() as connection:
        connection.execute(identities.insert().values(**who, created_at=NOW, seen_at=NOW))
        connection.execute(batches.insert().values(**batch, started_at=NOW, counts="{}"))


def fill_targets(database: Database) -> None:
    """One that is behind with somebody, after an attempt."""
    database.add_target(Target("tg1", "hook", "webhook", "https://hook.example.org/", NOW))
    database.fill_target("tg1", NOW, "resync")
    database.add_delivery(Delivery(NOW, "tg1", user().id, 1, Result.AWAY, 7, "no answer"))


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything, sorted."""
    with database._read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def copied(source: Database, target: Database) -> dict[str, int]:
    """The rows of each table that were copied, as was told while it went on."""
    told = dict[str, int]()

    def hear(table: str, count: int) -> None:
        told[table] = told.get(table, 0) + count

    with source.snapshot() as snapshot:
        report = target.take_over(snapshot, hear)
    assert {done.table: done.rows for done in report if done.rows} == told
    return told


@pytest.mark.parametrize("target_kind", KINDS)
@pytest.mark.parametrize("source_kind", KINDS)
def test_everything_is_the_same_in_the_other_database(
    fresh: Callable[[str], Database], source_kind: str, target_kind: str
) -> None:
    """To the microsecond, in every table; and numbers go on where they were."""
    source, target = fresh(source_kind), fresh(target_kind)
    fill(source)

    counts = copied(source, target)

    assert rows(source) == rows(target)
    assert set(counts) == set(metadata.tables)
    first = add_token(source, 2).id
    assert first == add_token(target, 2).id > 1


@pytest.mark.parametrize("kind", ["sqlite", "debian"])
def test_many_rows_go_in_batches(
    fresh: Callable[[str], Database], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a database without a token gives out the first number."""
    monkeypatch.setattr(copying, "BATCH", 2)
    source, target = fresh("sqlite"), fresh(kind)
    source.migrate()
    source.add_team(team())
    for number in range(5):
        source.add_user(user(number))

    assert copied(source, target)["users"] == 5
    assert add_token(target).id == 1


@pytest.mark.parametrize("kind", ["sqlite", "debian"])
def test_what_is_written_meanwhile_is_not_copied(
    fresh: Callable[[str], Database], kind: str
) -> None:
    """All tables are of one moment."""
    source, target = fresh(kind), fresh("sqlite")
    fill(source)
    before = rows(source)

    with source.snapshot() as snapshot:
        assert snapshot.count(users) == 3
        source.add_user(user(7))
        target.take_over(snapshot, lambda _, __: None)

    assert before == rows(target) != rows(source)


@pytest.mark.parametrize("kind", ["sqlite", "debian"])
def test_a_database_with_rows_is_no_target(fresh: Callable[[str], Database], kind: str) -> None:
    """Nothing is mixed, and the refusal says what is there."""
    source, target = fresh("sqlite"), fresh(kind)
    fill(source)
    target.migrate()
    target.agree("name", "another")
    before = rows(target)

    with pytest.raises(Mistake, match=r"rows already \(facts\)"):
        copied(source, target)

    assert before == rows(target)


def test_texts_that_postgresql_refuses_are_named_and_nothing_is_copied(
    fresh: Callable[[str], Database],
) -> None:
    """SQLite keeps them, also when it copies."""
    source, target = fresh("sqlite"), fresh("debian")
    fill(source)
    with source._write() as connection:
        for number, name in ((1, "a\0b"), (2, "x" * 201)):
            wrong = update(users).where(users.c.id == user(number).id)
            connection.execute(wrong.values(real_name=name))

    with pytest.raises(Mistake, match="nothing was copied") as told:
        copied(source, target)

    assert [f"table users, key {user(n).id!r}: real_name" for n in (1, 2)] == str(
        told.value
    ).splitlines()[1:]
    assert target.revision() == ""
    copied(source, fresh("sqlite"))


def test_not_all_misfits_are_listed(
    fresh: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the first; that there are more is said."""
    monkeypatch.setattr(copying, "MISFITS_SHOWN", 1)
    source, target = fresh("sqlite"), fresh("debian")
    fill(source)
    with source._write() as connection:
        connection.execute(update(users).values(name="\0"))

    with pytest.raises(Mistake, match=r"name\nand more$"):
        copied(source, target)


def test_a_row_that_breaks_a_rule_ends_the_copying(fresh: Callable[[str], Database]) -> None:
    """As one that was added by hand, with the rules off."""
    source, target = fresh("sqlite"), fresh("sqlite")
    fill(source)
    with source._read() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("UPDATE staged SET user_id = 'nobody'")

    with pytest.raises(Mistake, match="nothing was copied"):
        copied(source, target)

    assert target.revision() == ""


def test_a_source_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A slip of the pen is no empty database."""
    file = tmp_path / "nothing.db"

    with (
        pytest.raises(Mistake, match="no database at"),
        open_database(f"sqlite:///{file}").snapshot(),
    ):
        pass

    assert not file.exists()


def test_tables_of_another_version_are_refused(fresh: Callable[[str], Database]) -> None:
    """Of the source as of the target; passwords are not shown."""
    source, target = fresh("sqlite"), fresh("debian")
    fill(source)
    target.migrate()
    for database in (source, target):
        with database._write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
            if database is target:
                connection.execute(text("CREATE TABLE more (id INTEGER)"))

    with pytest.raises(Mistake, match="revision 9999"), source.snapshot():
        pass
    with source._write() as connection:
        back = text("UPDATE alembic_version SET version_num = :newest")
        connection.execute(back, {"newest": newest()})
    with pytest.raises(Mistake, match="revision 9999"):
        copied(source, target)


def test_copying_may_take_longer_than_a_statement_may(
    fresh: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bounds of others do not count for either side."""
    source, target = fresh("debian"), fresh("debian")
    fill(source)
    source.close()
    monkeypatch.setattr("likeness.db.postgres.IDLE_TIMEOUT_MS", 100)
    source = open_database(source.url)

    with source.snapshot() as snapshot:
        target.take_over(snapshot, lambda _, __: time.sleep(0.15))

    assert rows(source) == rows(target)
    source.close()
