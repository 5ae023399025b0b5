"""A database with very many people, made as quickly as SQLite takes rows."""

import hashlib
import itertools
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, insert
from sqlalchemy.dialects import sqlite

from likeness.app.service import Service
from likeness.db.schema import addresses, digests, photos, teams, users
from likeness.db.searching import search_text, sort_name
from likeness.scopes import SCOPES_DEFAULT

WORKSPACE: Final = "Benchmark"
_TEAM: Final = "TCROWD"
_BATCH: Final = 10_000
_NOW_US: Final = 1_700_000_000_000_000
_CACHE_KB: Final = 500_000
"""Digests come in no order, so that each one changes another page."""

Row = dict[str, Any]


async def uploaders(service: Service, count: int) -> tuple[str, ...]:
    """Add that many people who may set a photo; their tokens."""
    people, accounts = service.people, service.accounts
    service.database.migrate()
    await people.add_team(WORKSPACE)
    tokens = []
    for number in range(count):
        email = f"person{number}@example.com"
        await people.add_user(email, WORKSPACE, is_bot=False)
        issued = await accounts.issue_token(email, SCOPES_DEFAULT, None, WORKSPACE)
        tokens.append(issued.secret.reveal())
    return tuple(tokens)


def fill(database: Path, people: int) -> float:
    """Add that many people, each with an address and a photo whose files are nowhere; seconds."""
    started = time.monotonic()
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
        connection.execute("BEGIN IMMEDIATE")
        _add(connection, teams, [_team()])
        for numbers in _batches(people):
            _add(connection, users, map(_user, numbers))
            _add(connection, addresses, map(_address, numbers))
            _add(connection, digests, (row for each in numbers for row in _digests(each)))
            _add(connection, photos, map(_photo, numbers))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return time.monotonic() - started


def id_of(number: int) -> str:
    """The user id of one of them."""
    return f"UCROWD{number}"


def email_of(number: int) -> str:
    """The address of one of them."""
    return f"somebody.{number}@crowd.example"


def digest_of(number: int) -> str:
    """The SHA-256 of that address."""
    return hashlib.sha256(email_of(number).encode()).hexdigest()


def _batches(people: int) -> Iterator[range]:
    return (range(first, min(first + _BATCH, people)) for first in range(0, people, _BATCH))


def _add(connection: sqlite3.Connection, table: Table, rows: Any) -> None:
    """Rows that are plain values already, past everything that SQLAlchemy does for each."""
    iterator = iter(rows)
    first = next(iterator)
    statement = str(insert(table).values(first).compile(dialect=sqlite.dialect(paramstyle="named")))
    connection.executemany(statement, itertools.chain([first], iterator))


def _team() -> Row:
    return {"id": _TEAM, "name": "Crowd", "domain": "crowd", "created_at": _NOW_US}


def _user(number: int) -> Row:
    return {
        "id": id_of(number),
        "team_id": _TEAM,
        "email": email_of(number),
        "name": f"somebody.{number}",
        "real_name": f"Somebody {number}",
        "is_bot": False,
        "created_at": _NOW_US,
        "updated_at": _NOW_US,
        "is_listed": True,
        "photo_id": number,
        "sort_name": sort_name(f"Somebody {number}"),
        "search": search_text(f"Somebody {number}", f"somebody.{number}", [email_of(number)]),
    }


def _address(number: int) -> Row:
    return {
        "team_id": _TEAM,
        "email": email_of(number),
        "user_id": id_of(number),
        "entered": email_of(number),
        "added_at": _NOW_US,
    }


def _digests(number: int) -> Iterator[Row]:
    email = email_of(number).encode()
    for digest in (hashlib.sha256(email), hashlib.md5(email, usedforsecurity=False)):
        yield {"digest": digest.digest(), "user_id": id_of(number)}


def _photo(number: int) -> Row:
    return {
        "id": number,
        "user_id": id_of(number),
        "day": datetime.fromtimestamp(_NOW_US / 1e6, UTC).date().isoformat(),
        "secret": secrets.token_hex(10),
        "format": "jpeg",
        "sizes": "24,32,48,72,192,512,1024",
        "width": 1024,
        "height": 1024,
        "frames": 1,
        "source_digest": bytes(32),
        "set_at": _NOW_US,
        "state": "current",
    }
