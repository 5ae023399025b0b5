"""Migrations, shipped with the package and run by it; there is no alembic.ini to keep."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_FOLDER: Final = Path(__file__).parent

_LOCK: Final = 0x6C696B65
"""The number of the lock that whoever migrates holds: "like"."""

_TABLE_TIMEOUT_S: Final = 10


def migrate(connection: Connection) -> None:
    """Run what is missing inside the transaction of `connection`, keeping others out of it.

    Tables of a newer version of the program are left as they are: what it added does not disturb
    this one, which goes on until it is replaced too.
    """
    _keep_others_out(connection)
    if revision(connection) not in older():
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def revision(connection: Connection) -> str:
    """The revision that the tables are at, or "" before the first."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def _keep_others_out(connection: Connection) -> None:
    """SQLite's transactions begin by that. On PostgreSQL whoever comes second waits."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        # Whoever uses a table holds it for milliseconds; while we wait for it, all others do.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_TABLE_TIMEOUT_S}s'")


def older() -> set[str]:
    """The revisions that this version of the program goes on from, "" for no tables at all."""
    newest_first = ScriptDirectory.from_config(_config()).walk_revisions()
    return {"", *(each.revision for each in list(newest_first)[1:])}


def newest() -> str:
    """The revision that this version of the program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
