"""Rows: one database, every statement a named method, grouped by what it speaks of."""

from collections.abc import Callable

from likeness.db.addresses import Addresses
from likeness.db.audit import Audit, Pointer
from likeness.db.connection import CONNECTIONS_MAX, SCHEMES, parse_url
from likeness.db.copying import Copies, TableCopy
from likeness.db.facts import Facts
from likeness.db.limits import Limits
from likeness.db.links import Links
from likeness.db.migrations import migrate, revision
from likeness.db.notices import Listener
from likeness.db.people import People
from likeness.db.photos import PhotoRows
from likeness.model import Change

__all__ = [
    "SCHEMES",
    "Database",
    "Listener",
    "Pointer",
    "TableCopy",
    "open_database",
    "parse_url",
]


class Database(People, Addresses, Links, PhotoRows, Facts, Limits, Copies, Audit):
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

    def listen(
        self, heard: Callable[[Change], None], linked: Callable[[bool], None]
    ) -> Listener | None:
        """Hear what any process changes; None where the database tells nobody.

        See `notices.Listener` for what is called, in a thread of its own.
        """
        return None if self.is_embedded else Listener(self.address, heard, linked)


def open_database(url: str, connections_max: int = CONNECTIONS_MAX) -> Database:
    """The database behind a URL: `sqlite:////ABSOLUTE/PATH` or `postgresql://HOST/NAME`.

    To a server at most `connections_max` connections are made. Raises ValueError for other URLs.
    """
    return Database(url, connections_max)
