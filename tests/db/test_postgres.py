"""PostgreSQL as it is reached: bounds on everything that could hang, and restarts."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from signal import SIGINT, SIGKILL
from typing import Final

import pytest
from sqlalchemy import text

from likeness.db import Database, open_database, postgres
from likeness.errors import ServiceUnavailable
from support.postgres import PostgresServer, postgres_server
from support.rows import NOW, add_token, photo, team, user

CONNECTIONS_MAX: Final = 3


@pytest.fixture
def database(server_of: Callable[[str], PostgresServer]) -> Iterator[Database]:
    """A database with a team and one of its people."""
    opened = open_database(server_of("debian").new_database(), CONNECTIONS_MAX)
    opened.migrate()
    opened.add_team(team())
    opened.add_user(user())
    yield opened
    opened.close()


@pytest.mark.parametrize("access", ["_read", "_write", "_jot"])
def test_every_connection_has_its_bounds(database: Database, access: str) -> None:
    """The server ends what takes too long, also where the client is gone."""
    with getattr(database, access)() as used:
        found = {
            name: used.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("statement_timeout", "lock_timeout", "application_name")
        }

    assert found == {
        "statement_timeout": f"{postgres.STATEMENT_TIMEOUT_MS // 1000}s",
        "lock_timeout": f"{postgres.LOCK_TIMEOUT_MS // 1000}s",
        "application_name": "likeness",
    }


def test_a_statement_that_takes_too_long_is_an_outage(database: Database) -> None:
    """And the connection can be used for the next one."""
    with pytest.raises(ServiceUnavailable, match="try again"), database._read() as connection:
        connection.execute(text("SET statement_timeout = 50; SELECT pg_sleep(5)"))

    assert [team()] == database.teams()


def test_whoever_waits_too_long_for_a_row_is_told_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was changed, and once the row is free all goes on."""
    monkeypatch.setattr(postgres, "LOCK_TIMEOUT_MS", 100)
    impatient = open_database(database.url)

    with database._write() as holding:
        holding.execute(text("SELECT id FROM users FOR UPDATE"))
        with pytest.raises(ServiceUnavailable):
            impatient.set_photo(photo())

    impatient.set_photo(photo())
    assert 1 == len(database.history(user().id))
    impatient.close()


def test_no_more_connections_are_made_than_allowed(
    database: Database, server_of: Callable[[str], PostgresServer]
) -> None:
    """Whoever comes then waits for one."""
    most, ended = [0], threading.Event()
    name = database.address.database

    def count() -> None:
        while not ended.is_set():
            names = server_of("debian").ask("SELECT datname FROM pg_stat_activity")
            most[0] = max(most[0], names.count((name,)))

    counting = threading.Thread(target=count)
    counting.start()
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: database.teams(), range(400)))
    ended.set()
    counting.join()

    assert 0 < most[0] <= CONNECTIONS_MAX


def test_texts_that_the_server_cannot_hold_lead_to_nobody(database: Database) -> None:
    """NUL is no character of PostgreSQL's; who asks for it gets the answer of SQLite."""
    assert database.user(team().id, f"{user().id}\0") is None
    assert [] == database.users_by_email("person-1@example.org\0")
    assert database.staged(user().id, "\0", NOW) is None


@pytest.mark.parametrize("how", [SIGINT, SIGKILL])
def test_a_restarted_server_is_used_again_without_help(how: int) -> None:
    """Each connection is looked at before its use, so that the first call succeeds already."""
    with postgres_server("debian", durable=True) as server:
        database = open_database(server.new_database())
        database.migrate()
        database.add_team(team())
        database.add_user(user())
        token = add_token(database)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: database.teams(), range(40)))

        server.stop(SIGINT if how is SIGINT else SIGKILL)
        started = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            database.teams()
        took_s = time.monotonic() - started
        server.start()

        for _ in range(8):
            assert [team()] == database.teams()
        assert database.caller(token.digest)
        database.set_photo(photo())
        assert took_s < postgres.CONNECT_TIMEOUT_S
        database.close()
