"""The databases and programs elsewhere that must pass: a new one adds how it is started."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from likeness.db import Database, postgres, sqlite
from support.ldap_program import DirectoryProgram
from support.other_likeness import other_likeness
from support.patience import PATIENCE_S
from support.played_keycloak import PlayedKeycloak
from support.played_synapse import PlayedSynapse
from support.postgres import PostgresServer
from support.programs import Program
from support.receivers import ReceivingHost, receiving_host
from support.rows import team, user
from support.slapd import slapd
from support.synapse import Synapse
from support.tables import open_with_tables

PLAYED: Final[dict[str, Callable[[ReceivingHost], PlayedSynapse | PlayedKeycloak]]] = {
    "played synapse": lambda host: PlayedSynapse(host=host),
    "played keycloak": lambda host: PlayedKeycloak(host=host),
}
"""Programs of which the shapes alone are played."""

BACK_ENDS: Final = ["sqlite", "debian", pytest.param("wheel", marks=pytest.mark.slow)]
"""SQLite, the oldest PostgreSQL that is supported, and the newest."""


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that a database is busy because this machine is; tests/db tries that."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr(postgres, "POOL_TIMEOUT_S", PATIENCE_S)
    for name in ("LOCK_TIMEOUT_MS", "STATEMENT_TIMEOUT_MS"):
        monkeypatch.setattr(postgres, name, int(PATIENCE_S * 1000))


@pytest.fixture(params=BACK_ENDS)
def url(
    request: pytest.FixtureRequest, tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> str:
    """Where an empty database is, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/likeness.db"
    return server_of(request.param).new_database()


@pytest.fixture(params=BACK_ENDS)
def database(
    request: pytest.FixtureRequest, tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> Iterator[Database]:
    """A database with its tables, of each kind."""
    if request.param == "sqlite":
        opened = open_with_tables(tmp_path / "likeness.db")
    else:
        opened = server_of(request.param).open_emptied()
    yield opened
    opened.close()


@pytest.fixture
def peopled(database: Database) -> Database:
    """The database with `team()` and two of its people, `user(1)` and `user(2)`."""
    database.add_team(team())
    database.add_user(user(1))
    database.add_user(user(2))
    return database


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """A real one, for all tests."""
    running = Synapse(tmp_path_factory.mktemp("synapse"))
    try:
        running.start()
        yield running
    finally:
        running.servers.kill()


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryProgram]:
    """A real OpenLDAP, for all tests."""
    with slapd(tmp_path_factory.mktemp("slapd"), "") as running:
        yield DirectoryProgram(running)


@pytest.fixture
def program_of(
    request: pytest.FixtureRequest,
) -> Callable[[str], AbstractAsyncContextManager[Program]]:
    """Gives the running program of a name, real or played."""

    @asynccontextmanager
    async def program(name: str) -> AsyncIterator[Program]:
        if make := PLAYED.get(name):
            async with receiving_host() as host:
                running = make(host)
                host.say = running.say
                yield running
        elif name == "likeness":
            async with other_likeness(request.getfixturevalue("server")) as other:
                yield other
        else:
            yield request.getfixturevalue(name)

    return program
