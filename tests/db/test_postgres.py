"""PostgreSQL as it is reached: bounds on everything that could hang, and restarts."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from signal import SIGINT, SIGKILL
from typing import Any, Final

import pytest
from sqlalchemy import event, make_url, text

from likeness.db import Database, open_database, postgres
from likeness.errors import ServiceUnavailable, Trouble
from support.patience import PATIENCE_S
from support.postgres import PostgresServer, postgres_server
from support.rows import NOW, add_token, photo, team, user

CONNECTIONS_MAX: Final = 3
PEOPLE: Final = 20_000
COST_MAX: Final = 100.0
"""By the planner's measure, in which reading one page is 1; all digests are 300 of them."""


@pytest.fixture(scope="module")
def peopled(server_of: Callable[[str], PostgresServer]) -> str:
    """The name of a database with a team and one of its people, of which there can be copies."""
    return _filled(server_of("debian").new_database(), lambda _: None)


@pytest.fixture(scope="module")
def crowded(server_of: Callable[[str], PostgresServer], peopled: str) -> str:
    """The same with PEOPLE more."""
    return _filled(server_of("debian").new_database(peopled), _crowd)


@pytest.fixture
def database(
    request: pytest.FixtureRequest, server_of: Callable[[str], PostgresServer]
) -> Iterator[Database]:
    """A database of its own like `peopled`, or like the one that a test names."""
    like = request.getfixturevalue(getattr(request, "param", "peopled"))
    opened = open_database(server_of("debian").new_database(like), CONNECTIONS_MAX)
    yield opened
    opened.close()


def _filled(url: str, more: Callable[[Database], object]) -> str:
    opened = open_database(url, CONNECTIONS_MAX)
    opened.migrate()
    if not opened.teams():
        opened.add_team(team())
        opened.add_user(user())
    more(opened)
    opened.close()
    return str(opened.address.database)


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


def test_what_the_url_says_wins(server_of: Callable[[str], PostgresServer]) -> None:
    """For an operator whose server needs longer, or who wants to find us by another name."""
    url = f"{server_of('debian').url()}&application_name=photos"

    database = open_database(url)
    with database._read() as used:
        name = used.exec_driver_sql("SHOW application_name").scalar()
        assert used.connection.dbapi_connection
        told = used.connection.dbapi_connection.info.get_parameters()
    database.close()

    assert ("photos", f"{PATIENCE_S:.0f}") == (name, told["connect_timeout"])


def test_a_statement_that_takes_too_long_is_an_outage(database: Database) -> None:
    """And the connection can be used for the next one."""
    with pytest.raises(ServiceUnavailable, match="try again"), database._read() as connection:
        connection.execute(text("SET statement_timeout = 50; SELECT pg_sleep(5)"))

    assert [team()] == database.teams()


@pytest.mark.parametrize("access", ["_read", "_write", "_jot"])
def test_a_connection_that_is_lost_in_the_middle_is_an_outage(
    database: Database, access: str
) -> None:
    """As where a server dies under a statement; the next one has a new connection."""
    with pytest.raises(ServiceUnavailable, match="try again"), getattr(database, access)() as used:
        used.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

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


def _crowd(database: Database) -> None:
    """Many people with an address and a photo each, made by the server itself."""
    some = f"FROM generate_series(1, {PEOPLE}) AS n"
    team_id, now = team().id, int(NOW.timestamp() * 1e6)
    with database._write() as connection:
        for statement in (
            (
                f"INSERT INTO users SELECT 'C' || n, '{team_id}', 'c' || n, 'c', 'C', false, NULL, "
                f"{now}, {now}, NULL, n, true, false {some}"
            ),
            f"INSERT INTO addresses SELECT '{team_id}', 'c' || n, 'C' || n, 'c' || n, {now} {some}",
            f"INSERT INTO digests SELECT sha256(('c' || n)::bytea), 'C' || n {some}",
            (
                f"INSERT INTO photos SELECT n, 'C' || n, '2026-11-23', 's', 'jpeg', '24', 1, 1, 1, "
                f"'', {now}, 'current', NULL, NULL {some}"
            ),
            "ANALYZE",
        ):
            connection.exec_driver_sql(statement)


def _cost_of(step: str) -> float:
    """What the planner thinks of a whole statement, by the first line of its plan."""
    found = re.search(r"cost=[\d.]+\.\.([\d.]+) ", step)
    assert found, step
    return float(found[1])


@pytest.mark.parametrize("database", ["crowded"], indirect=True)
@pytest.mark.parametrize(
    "work",
    [
        lambda database: database.set_photo(photo()),
        lambda database: database.delete_photo(user().id, NOW),
        lambda database: database.restore_photo(user().id, 1, NOW),
        lambda database: database.mark_purged([1, 2], NOW),
        lambda database: database.listed(b"digest"),
        lambda database: database.caller(b"digest"),
        lambda database: database.users_by_email("ada@example.org"),
        lambda database: database.set_listed(user().id, NOW, is_listed=False),
        lambda database: database.take("key", 60.0, 1, NOW.timestamp()),
        lambda database: database.photos_to_purge(100),
        lambda database: database.expire_replaced(NOW, NOW),
        lambda database: database.use_link(b"digest", NOW),
    ],
    ids=[
        *("set", "delete", "restore", "purged", "listed", "caller", "email", "hide", "limit"),
        *("to purge", "expire", "link"),
    ],
)
def test_everything_is_found_by_an_index(
    database: Database, work: Callable[[Database], object]
) -> None:
    """What is told of a change included, which once took a tenth of a second with a million people.

    By what the planner expects of twenty thousand.
    """
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(database._engines.writer, "before_cursor_execute", note)
    work(database)
    event.remove(database._engines.writer, "before_cursor_execute", note)
    with database._write() as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
            for statement, parameters in asked
        ]

    assert plans
    assert [] == [steps for steps in plans if _cost_of(steps[0]) > COST_MAX]


def test_a_server_that_is_stopped_may_come_up_and_a_wrong_name_may_not() -> None:
    """By what the server is, and not by its words, which are in its own language."""
    with postgres_server("debian") as server:
        wrong = open_database(server.url("nosuch"))
        with pytest.raises(ServiceUnavailable, match="try again") as caught:
            wrong.teams()

        assert '"nosuch" does not exist' in caught.value.reason
        assert not wrong.may_come_up()
        server.stop()
        assert wrong.may_come_up()


def test_where_a_server_is_can_be_shown() -> None:
    """Without a password, wherever it stands."""
    url = "postgresql://ada:open-sesame@db:5433/acme?sslmode=require&password=open-sesame"

    assert "postgresql://ada@db:5433/acme" == postgres.shown(make_url(url))


def test_a_server_that_takes_no_changes_can_be_read(database: Database) -> None:
    """As a standby; callers hear that nothing was changed."""
    assert "" == database.obstacle_to_writing()
    name = str(database.address.database)
    with database._read() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    standby = open_database(database.url)

    with pytest.raises(
        ServiceUnavailable, match=r"can only be read.*nothing was changed"
    ) as caught:
        standby.set_photo(photo())

    assert caught.value.trouble is Trouble.UNWRITABLE
    assert "takes no changes" in standby.obstacle_to_writing()
    assert [team()] == standby.teams()
    standby.close()


def test_the_time_of_a_server_can_be_asked_for(database: Database) -> None:
    """It is of this machine here."""
    before = datetime.now(UTC)

    told = database.now()

    assert told
    assert before <= told <= datetime.now(UTC)


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
        with pytest.raises(ServiceUnavailable):
            database.teams()
        server.start()

        for _ in range(8):
            assert [team()] == database.teams()
        assert database.caller(token.digest)
        database.set_photo(photo())
        database.close()
