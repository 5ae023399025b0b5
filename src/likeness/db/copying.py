"""All rows of one database into another one, of either kind, in one transaction.

The copy is a snapshot: writes that happen meanwhile are not part of it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Integer,
    String,
    Table,
    cast,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError

from likeness.db.connection import Connected
from likeness.db.migrations import migrate, newest, revision
from likeness.db.schema import metadata
from likeness.errors import Mistake

BATCH: Final = 1000
"""Rows that are in memory at once."""

MISFITS_SHOWN: Final = 10

Told = Callable[[str, int], None]
"""Hears the name of a table, and how many more of its rows were copied."""


@dataclass(frozen=True, slots=True)
class TableCopy:
    """The result of copying one table."""

    table: str
    rows: int


class Snapshot:
    """All rows as they were at one moment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def is_embedded(self) -> bool:
        """Whether they are SQLite's, which keeps texts that others refuse."""
        return self._connection.dialect.name == "sqlite"

    def count(self, table: Table) -> int:
        """How many there are."""
        return _count(self._connection, table)

    def total(self) -> int:
        """How many there are in all tables."""
        return sum(map(self.count, metadata.sorted_tables))

    def rows(self, table: Table) -> Iterator[list[dict[str, Any]]]:
        """The rows of a table, in batches."""
        options = {"yield_per": BATCH}
        found = self._connection.execute(select(table), execution_options=options)
        for batch in found.mappings().partitions():
            yield [dict(row) for row in batch]

    def misfits(self) -> Iterator[str]:
        """Texts that PostgreSQL has no room for, each with its table and key."""
        for table in metadata.sorted_tables:
            texts = [column for column in table.columns if isinstance(column.type, String)]
            wrong = {column.name: _is_misfit(column) for column in texts}
            if not wrong:
                continue
            chosen = select(table, *(mark.label(f"?{name}") for name, mark in wrong.items()))
            for row in self._connection.execute(chosen.where(or_(*wrong.values()))).mappings():
                names = [name for name in wrong if row[f"?{name}"]]
                keys = ", ".join(repr(row[column.name]) for column in table.primary_key)
                yield f"table {table.name}, key {keys}: {', '.join(names)}"


class Copies(Connected):
    """A database as a source of all its rows, and as an empty target of another's."""

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """A snapshot of every table; later writes are not seen.

        Raises Mistake where there is no database, or one of another version of this program.
        """
        self._check_source()
        with self._read() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                _take_time(connection)
            else:
                connection.exec_driver_sql("BEGIN")
            try:
                yield Snapshot(connection)
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def take_over(self, source: Snapshot, told: Told) -> list[TableCopy]:
        """Make the tables and fill them with all rows of a snapshot, or do nothing at all.

        Raises Mistake where this database has rows already, or where rows do not fit into it.
        """
        with self._write() as connection:
            _take_time(connection)
            migrate(connection)
            _check_version(connection, self.address)
            _take_time(connection)
            _keep_writers_out(connection)
            _check_empty(connection)
            if source.is_embedded and connection.dialect.name == "postgresql":
                _check_fit(source)
            try:
                return [_copy(connection, source, table, told) for table in metadata.sorted_tables]
            except (DataError, IntegrityError) as error:
                raise Mistake(
                    f"a row does not fit ({str(error.orig).strip()}); nothing was copied"
                ) from error

    def _check_source(self) -> None:
        file = self.address.database
        if self.is_embedded and file and not Path(file).is_file():
            raise Mistake(f"there is no database at {self.address}")
        with self._read() as connection:
            _check_version(connection, self.address)


def _check_version(connection: Connection, address: URL) -> None:
    found = revision(connection)
    if found != newest():
        raise Mistake(
            f"the tables of {address} are at revision {found or '(none)'}, and this version of the "
            f"program copies those at {newest()}; let `likeness migrate` of the newer one of both "
            "versions bring them up to date"
        )


def _copy(connection: Connection, source: Snapshot, table: Table, told: Told) -> TableCopy:
    for batch in source.rows(table):
        connection.execute(insert(table), batch)
        told(table.name, len(batch))
    _go_on_counting(connection, table)
    expected, found = source.count(table), _count(connection, table)
    if expected != found:
        raise Mistake(f"{table.name} has {found} rows of {expected}; nothing was copied")
    return TableCopy(table.name, found)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let numbers that the database gives out begin after those that were brought along."""
    numbered = table.autoincrement_column
    if numbered is None or connection.dialect.name != "postgresql":
        return
    sequence = func.pg_get_serial_sequence(table.name, numbered.name)
    last = select(func.max(numbered)).scalar_subquery()
    # Without rows the first number is still to come.
    connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def _check_empty(connection: Connection) -> None:
    full = [
        table.name
        for table in metadata.sorted_tables
        if connection.execute(select(text("1")).select_from(table).limit(1)).first()
    ]
    if full:
        raise Mistake(
            f"the database to copy into has rows already ({', '.join(full)}); "
            "rows are never mixed, so give a new, empty database"
        )


def _check_fit(source: Snapshot) -> None:
    misfits = list(islice(source.misfits(), MISFITS_SHOWN + 1))
    if misfits:
        more = misfits[MISFITS_SHOWN:] and ["and more"]
        shown = "\n".join([*misfits[:MISFITS_SHOWN], *more])
        raise Mistake(
            "some texts have a NUL in them, or more characters than their column, which "
            f"PostgreSQL does not keep; nothing was copied. Change these first:\n{shown}"
        )


def _keep_writers_out(connection: Connection) -> None:
    """SQLite's transactions begin by that."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


def _take_time(connection: Connection) -> None:
    """Lift the statement timeout, which protects callers that wait; nothing waits for a copy."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def _count(connection: Connection, table: Table) -> int:
    counted = connection.execute(select(func.count()).select_from(table))
    return int(counted.scalar_one())


def _is_misfit(column: ColumnElement[Any]) -> ColumnElement[bool]:
    has_nul = func.instr(column, func.char(0)) > 0
    limit = getattr(column.type, "length", None)
    return has_nul if limit is None else or_(has_nul, func.length(column) > cast(limit, Integer))
