"""The tables: moments to numbers and back, and no difference from what the migrations make."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, Table, UniqueConstraint, inspect, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateTable

from likeness.db import Database
from likeness.db.schema import Instant, limits, metadata
from likeness.model import Format, PhotoState, TokenKind
from support.rows import NOW, photo, staged, team

DIALECTS: Final[list[Dialect]] = [
    make_url(f"{name}://").get_dialect()() for name in ("sqlite", "postgresql")
]
ZONES: Final = st.integers(-23 * 60, 23 * 60).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)
SPANS: Final = st.timedeltas(timedelta(days=-365 * 1900), timedelta(days=365 * 1900))
MOMENTS: Final = st.builds(lambda span, zone: (NOW + span).astimezone(zone), SPANS, ZONES)
NAME_LENGTH_MAX: Final = 63
"""PostgreSQL cuts longer names."""


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@given(moment=MOMENTS)
def test_a_moment_survives_to_the_microsecond(dialect: Dialect, moment: datetime) -> None:
    """As a whole number that a column of 64 bits takes; it comes back in UTC."""
    number = Instant().process_bind_param(moment, dialect)
    assert number is not None
    back = Instant().process_result_value(number, dialect)

    assert -(2**63) <= number < 2**63
    assert moment == back
    assert UTC == back.tzinfo


@given(first=MOMENTS, second=MOMENTS)
def test_numbers_have_the_order_of_their_moments(first: datetime, second: datetime) -> None:
    """So that the database can compare and sort them, zones and all."""
    numbers = [Instant().process_bind_param(moment, DIALECTS[0]) for moment in (first, second)]

    assert numbers[0] is not None
    assert numbers[1] is not None
    assert (first < second) == (numbers[0] < numbers[1])


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 0, 0, 1, 2, tzinfo=UTC), 1_000_002),
        (datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), -1),
        (datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), 0),
        (None, None),
    ],
)
def test_a_moment_counts_microseconds_since_1970(
    moment: datetime | None, number: int | None
) -> None:
    """And no moment stays none, both ways."""
    assert number == Instant().process_bind_param(moment, DIALECTS[0])
    assert moment == Instant().process_result_value(number, DIALECTS[0])


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    """It could mean two dozen others."""
    with pytest.raises(StatementError, match="offset-naive and offset-aware"):
        database.add_team(team(created_at=datetime(2026, 11, 23)))  # noqa: DTZ001 - the subject.

    assert [] == database.teams()


def test_the_comparison_would_find_a_difference(database: Database) -> None:
    """A table that no migration made."""
    other = type(metadata)(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(other)
    other.tables["teams"].append_column(Column("new", BigInteger))
    with database._read() as connection:
        found: list[Any] = compare_metadata(MigrationContext.configure(connection), other)

    assert [("add_column", "teams", "new")] == [(kind, at, c.name) for kind, _, at, c in found]


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_the_migrations_name_every_constraint_as_the_tables_do(
    database: Database, table: Table
) -> None:
    """A later migration has to call it by its name to change it."""
    with database._read() as connection:
        seen = inspect(connection)
        names = {seen.get_pk_constraint(table.name)["name"]}
        names |= {one["name"] for one in seen.get_foreign_keys(table.name)}
        names |= {one["name"] for one in seen.get_unique_constraints(table.name)}
        names |= {one["name"] for one in seen.get_indexes(table.name)}

    indexes = {str(index.name) for index in table.indexes}
    assert indexes | {str(one.name) for one in table.constraints if one.name} == names
    assert all(name and len(name) <= NAME_LENGTH_MAX for name in names)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_can_be_made_by_both_databases(table: Table, dialect: Dialect) -> None:
    """Moments are whole numbers in each."""
    text = str(CreateTable(table).compile(dialect=dialect))

    moments = [column for column in table.columns if isinstance(column.type, Instant)]
    assert all(f"{column.name} BIGINT" in text for column in moments)
    assert "TIMESTAMP" not in text


@pytest.mark.parametrize(
    ("table", "column", "longest"),
    [
        ("photos", "format", max(Format, key=len)),
        ("photos", "state", max(PhotoState, key=len)),
        ("photos", "sizes", ",".join(map(str, photo().sizes))),
        ("photos", "secret", photo().secret),
        ("tokens", "kind", max(TokenKind, key=len)),
        ("staged", "id", staged().id),
        ("staged", "key", staged().key.replace("jpg", "webp")),
        ("users", "email", f"{'l' * 64}@{'d' * 255}"),
        ("limits", "key", "users.profile.getSomethingVeryLong T0000000001 9223372036854775807"),
    ],
)
def test_columns_are_wide_enough(table: str, column: str, longest: str) -> None:
    """SQLite does not care, PostgreSQL does."""
    width = getattr(metadata.tables[table].columns[column].type, "length", None)

    assert width is not None
    assert len(longest) <= width


def test_limits_keep_fractions_of_a_second() -> None:
    """With all the digits of a Python float."""
    assert 53 == getattr(limits.c.arrival_s.type, "precision", None)


def test_an_address_is_unique_in_its_team_only() -> None:
    """Slack's rule: the same address in two workspaces is two people."""
    unique = [
        sorted(column.name for column in one.columns)
        for one in metadata.tables["users"].constraints
        if isinstance(one, UniqueConstraint)
    ]

    assert [["email", "team_id"]] == unique
