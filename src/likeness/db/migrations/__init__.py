"""Migrations, shipped with the package and run by it; there is no alembic.ini to keep.

Each start asks which revision there is and which is the newest. Alembic, which takes a tenth of a
second to import, is there only when something has to be done.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, column, insert, inspect, select, table

from likeness.db.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER: Final = Path(__file__).parent
_SCRIPTS: Final = "[0-9][0-9][0-9][0-9]_*.py"
"""In `versions`: a revision is called by the number that its file begins with."""

_KEPT: Final = table("alembic_version", column("version_num"))
"""Where Alembic keeps the revision of the tables."""

_LOCK: Final = 0x6C696B65
"""The number of the advisory lock of migrations: "like"."""

_TABLE_TIMEOUT_S: Final = 10


def migrate(connection: Connection) -> None:
    """Run missing revisions inside the transaction of `connection`, under a lock.

    Tables of a newer version of the program are left as they are: its additions do not disturb
    this one, which goes on until it is replaced too.
    """
    _keep_others_out(connection)
    if revision(connection) not in older():
        return
    from alembic import command  # noqa: PLC0415 - see above

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def make(connection: Connection) -> None:
    """Make the tables of the schema where there are none, as all revisions would.

    It takes a tenth of their time, for databases that are gone before another version meets them.
    """
    metadata.create_all(connection)
    kept = f"CREATE TABLE {_KEPT.name} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
    connection.exec_driver_sql(kept)
    connection.execute(insert(_KEPT).values(version_num=newest()))


def revision(connection: Connection) -> str:
    """The revision that the tables are at, or "" before the first."""
    if not inspect(connection).has_table(_KEPT.name):
        return ""
    return connection.execute(select(_KEPT.c.version_num)).scalar_one_or_none() or ""


def _keep_others_out(connection: Connection) -> None:
    """SQLite's transactions begin with a lock. On PostgreSQL the second process waits."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        # Queries hold a table for milliseconds; while we wait for its lock, all others wait too.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_TABLE_TIMEOUT_S}s'")


def older() -> set[str]:
    """The revisions that this version of the program goes on from, "" for no tables at all."""
    return {"", *_revisions()[:-1]}


def newest() -> str:
    """The revision that this version of the program needs."""
    return _revisions()[-1]


def _revisions() -> list[str]:
    """All of this version, the first one first."""
    return sorted(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob(_SCRIPTS))


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
