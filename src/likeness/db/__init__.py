"""Rows: one database, every statement a named method, grouped by what it speaks of."""

from likeness.db.addresses import Addresses
from likeness.db.limits import Limits
from likeness.db.links import Links
from likeness.db.migrations import migrate, revision
from likeness.db.people import People
from likeness.db.photos import PhotoRows

__all__ = ["Database", "open_database"]


class Database(People, Addresses, Links, PhotoRows, Limits):
    """All statements. Methods block; callers run them in threads, unless they say `at_once`.

    A database that is locked, full or away raises `errors.ServiceUnavailable`.
    """

    def migrate(self) -> None:
        """Bring the tables up to date; several processes may try at once."""
        with self._write() as connection:
            migrate(connection)

    def revision(self) -> str:
        """The revision that the tables are at, or "" before the first migration."""
        with self._read() as connection:
            return revision(connection)


def open_database(url: str) -> Database:
    """The database behind a URL: `sqlite:////ABSOLUTE/PATH`. Raises ValueError for any other."""
    return Database(url)
