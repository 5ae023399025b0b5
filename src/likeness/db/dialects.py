"""The one statement that differs by dialect in SQLAlchemy: an insert that skips existing keys."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_Insert = sqlite.Insert | postgresql.Insert

INSERTS: Final[dict[str, Callable[[Table], _Insert]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
"""By the name of the dialect; both inserts have the same methods for conflicts."""


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Add those of the rows whose keys are not there yet."""
    insert = INSERTS[connection.dialect.name]
    if rows:
        connection.execute(insert(table).on_conflict_do_nothing(), rows)
