"""How SQLite finds what a method asks for."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from likeness.db import Database

_Statement = tuple[str, Any]


def reads(database: Database, work: Callable[[Database], object]) -> list[_Statement]:
    """The reading statements of some work, with their parameters."""
    found: list[_Statement] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        found.append((statement, parameters))

    event.listen(database._engines.reader, "before_cursor_execute", note)
    try:
        work(database)
    finally:
        event.remove(database._engines.reader, "before_cursor_execute", note)
    return found


def plan(database: Database, work: Callable[[Database], object]) -> list[str]:
    """The steps by which SQLite answers the reading statements of some work."""
    steps: list[str] = []
    for statement, parameters in reads(database, work):
        with database._read() as connection:
            explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps += [row.detail for row in explained]
    return steps
