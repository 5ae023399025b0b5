"""Inserts that mind what is there, of each dialect."""

from sqlalchemy import select

from likeness.db import Database
from likeness.db.dialects import INSERTS, insert_new
from likeness.db.schema import facts


def test_both_databases_have_their_insert() -> None:
    """By the names that SQLAlchemy has for them."""
    assert {"sqlite", "postgresql"} == set(INSERTS)


def test_only_new_rows_are_added(database: Database) -> None:
    """Those with a key that is there stay as they are."""
    with database._write() as connection:
        insert_new(connection, facts, [{"name": "a", "value": "1"}])
        insert_new(connection, facts, [{"name": "a", "value": "2"}, {"name": "b", "value": "3"}])
        rows = connection.execute(select(facts).order_by(facts.c.name)).all()

    assert [("a", "1"), ("b", "3")] == [tuple(row) for row in rows]
