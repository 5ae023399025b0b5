"""The database: every SQL statement is a named method, and these are grouped by table."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DatabaseError, ProgrammingError

from likeness.db import sqlite, sqlite_file
from likeness.db.addresses import Addresses
from likeness.db.batches import Batches
from likeness.db.census import Census
from likeness.db.connection import CONNECTIONS_MAX, SCHEMES, parse_url
from likeness.db.copies import CopyRows
from likeness.db.copying import Copies, TableCopy
from likeness.db.enrolling import Enrolment, Enrolments
from likeness.db.events import Events
from likeness.db.facts import Facts
from likeness.db.glance import looked_up
from likeness.db.identities import Identities
from likeness.db.importing import Arrivals, Importing, Member, Renewed
from likeness.db.limits import Limits
from likeness.db.links import Links
from likeness.db.merging import Merging
from likeness.db.migrations import make, migrate, newest, older, revision
from likeness.db.notices import Listener
from likeness.db.outage import Reminder
from likeness.db.people import People
from likeness.db.personal import Personal
from likeness.db.photos import PhotoRows
from likeness.db.roster import Roster, Which
from likeness.db.staged import StagedRows
from likeness.db.targets import TargetRows
from likeness.db.upkeep import Pointer, Upkeep
from likeness.db.uploads import Uploads
from likeness.errors import Mistake
from likeness.model import Change

__all__ = [
    "SCHEMES",
    "Arrivals",
    "Database",
    "Enrolment",
    "Listener",
    "Member",
    "Pointer",
    "Reminder",
    "Renewed",
    "TableCopy",
    "Which",
    "file_of",
    "looked_up",
    "newest",
    "older",
    "open_database",
    "parse_url",
]


class Database(
    People,
    Addresses,
    Identities,
    Enrolments,
    Links,
    PhotoRows,
    StagedRows,
    Events,
    Personal,
    Merging,
    Roster,
    Batches,
    Importing,
    Uploads,
    Facts,
    Limits,
    CopyRows,
    TargetRows,
    Copies,
    Upkeep,
    Census,
):
    """All statements. Methods block; callers run them in threads, unless they say `at_once`.

    A database that is locked, full or away raises `errors.ServiceUnavailable`.
    """

    def migrate(self) -> str:
        """Bring the tables up to date; several processes may try at once.

        Gives the revision that they were at, "" where there were none or nothing was to be done.
        Then nothing is written, not even a lock: the disk may be full. Raises Mistake where the
        server does not let us make tables.
        """
        before = self.revision()
        if before not in older():
            return ""
        try:
            with self._write() as connection:
                migrate(connection)
        except ProgrammingError as error:
            raise Mistake(f"the tables cannot be made in this database: {error.orig}") from error
        return before

    def make_tables(self) -> None:
        """Make all tables in a new database, see `migrations.make`."""
        with self._write() as connection:
            make(connection)

    def revision(self) -> str:
        """The revision that the tables are at, or "" before the first migration.

        Raises Mistake where a file is something else than a database.
        """
        if self.is_missing:
            return ""
        try:
            with self._read() as connection:
                return revision(connection)
        except DatabaseError as error:
            raise Mistake(f"this is no database of Likeness: {error.orig}") from error

    def obstacle_to_writing(self) -> str:
        """Why nothing can be changed, for operators; "" where it can. Raises ServiceUnavailable."""
        if self.is_embedded:
            return sqlite_file.obstacle_to_writing(sqlite.path_of(self.address))
        with self._read() as connection:
            if connection.exec_driver_sql("SHOW transaction_read_only").scalar_one() == "off":
                return ""
        return (
            "the server takes no changes: it is a standby, or default_transaction_read_only is on"
        )

    def now(self) -> datetime | None:
        """The time by the server's clock; None where the database has no other than ours."""
        if self.is_embedded:
            return None
        with self._read() as connection:
            told: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
            return told

    def listen(
        self, heard: Callable[[Change], None], linked: Callable[[bool], None]
    ) -> Listener | None:
        """Listen to the changes of every process; None where the database has no notifications.

        `notices.Listener` describes the two callbacks, which run in a thread of its own.
        """
        return None if self.is_embedded else Listener(self.address, heard, linked)


def file_of(url: str) -> Path | None:
    """The file of an embedded database; None for one on a server."""
    address = parse_url(url)
    return sqlite.path_of(address) if sqlite.is_ours(address) else None


def open_database(url: str, connections_max: int = CONNECTIONS_MAX) -> Database:
    """The database behind a URL: `sqlite:////ABSOLUTE/PATH` or `postgresql://HOST/NAME`.

    To a server at most `connections_max` connections are made. Raises ValueError for other URLs.
    """
    return Database(url, connections_max)
