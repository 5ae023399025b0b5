"""A database as an older version of the program left it."""

from alembic import command

from likeness.db import Database, migrations


def move(database: Database, to: str) -> None:
    """Migrate back to a revision."""
    config = migrations._config()
    with database._write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)
