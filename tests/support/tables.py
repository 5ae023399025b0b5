"""A SQLite database with its tables and nothing in them, copied for each test that wants one.

To run all migrations takes longer than most tests.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from likeness.db import Database, open_database


def write_tables(path: Path) -> None:
    """Write the file of one, for its owner alone."""
    path.touch(mode=0o600)
    path.write_bytes(_tables())


def open_with_tables(path: Path) -> Database:
    """A new database at a path."""
    write_tables(path)
    return open_database(f"sqlite:///{path}")


@cache
def _tables() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "likeness.db"
        database = open_database(f"sqlite:///{path}")
        database.migrate()
        database.close()
        return path.read_bytes()
