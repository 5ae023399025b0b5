"""Somebody who left a row in every table, and a search for what is left of them anywhere."""

from datetime import date
from hashlib import md5, sha256
from typing import Any, Final

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, Table, insert

from likeness.db import Database
from likeness.db.personal import OWNED
from likeness.db.schema import Instant, metadata
from likeness.events import Actor, Verb
from likeness.model import Address, Source, User
from support.rows import NOW, add_token, at, photo, staged

Row = tuple[str, dict[str, Any]]

NETWORK: Final = "192.0.2.0/24"


def rows(database: Database) -> list[Row]:
    """Every row of every table, with the name of its table."""
    with database.snapshot() as snapshot:
        return [
            (table.name, row)
            for table in metadata.sorted_tables
            for batch in snapshot.rows(table)
            for row in batch
        ]


def telling(found: list[Row], *marks: str | bytes | int) -> list[Row]:
    """The rows in which one of these stands: a value, a part of a text, a number."""
    return [row for row in found if any(_tells(value, marks) for value in row[1].values())]


def marks_of(user: User, *addresses: str) -> list[str | bytes | int]:
    """What names a person: addresses, their digests in every spelling, names. Not their id."""
    emails = (user.email, *addresses)
    hashes = [kind(each.encode()) for each in emails for kind in (md5, sha256)]
    digests = [each.digest() for each in hashes]
    return [*emails, user.real_name, *digests, *(each.hex() for each in digests)]


def leave_traces(database: Database, user: User, number: int) -> list[str | bytes | int]:
    """Give a user something in every table that has rows of users; the marks of all that."""
    another = f"another-{number}@example.org"
    database.add_address(Address(user.team_id, user.id, another, another.title(), NOW))
    token = add_token(database, number, user_id=user.id)
    database.add_link(bytes([number]) * 32, user.id, NOW, at(900))
    database.add_staged(staged(number, user_id=user.id))
    photos = [photo(user_id=user.id, set_at=at(second)) for second in (1, 2)]
    for each in photos:
        database.set_photo(each, NETWORK)
    themselves = Actor(user.id, Source.SELF, NETWORK)
    detail = f"of {user.email}"
    database.add_event(NOW, themselves, user.id, Verb.USER_HIDDEN, detail)
    database.take(f"users.setPhoto {user.team_id} {user.id}", 3.0, 20, NOW.timestamp())
    for table in _without_a_row(database, user.id):
        with database._write() as connection:
            values = {column.name: _plausible(column, user) for column in table.columns}
            connection.execute(insert(table).values(**values))
    marks = [*marks_of(user, another, another.title()), token.digest, bytes([number]) * 32]
    return [*marks, staged(number).key, *(each.id for each in photos)]


def _without_a_row(database: Database, user_id: str) -> list[Table]:
    """Tables that the tests know no noun for, such as one that was just added."""
    names = {name for name, row in rows(database) if row.get("user_id") == user_id}
    return [table for table in OWNED if table.name not in names]


def _plausible(column: Column[Any], user: User) -> object:
    """A value of the column's type."""
    known: dict[str, object] = {"user_id": user.id, "team_id": user.team_id}
    if column.name in known:
        return known[column.name]
    kinds: list[tuple[type, object]] = [
        (Instant, NOW),
        (Date, date(2026, 11, 23)),
        (Boolean, True),
        (LargeBinary, user.id.encode().ljust(32)),
        (Integer, int.from_bytes(user.id.encode()[-4:])),
    ]
    fitting = [value for kind, value in kinds if isinstance(column.type, kind)]
    return fitting[0] if fitting else f"{column.name} of {user.email}"


def _tells(value: object, marks: tuple[str | bytes | int, ...]) -> bool:
    for mark in marks:
        if isinstance(mark, str) and isinstance(value, str):
            if mark.lower() in value.lower():
                return True
        elif value == mark:
            return True
    return False
