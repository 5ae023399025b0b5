"""The service that verbs and doors use, wired from the settings.

What has to do with pictures is wired when it is first asked for: most verbs need nothing of it, and
importing it takes a sixth of their time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from likeness.accounts import Accounts
from likeness.admission import Admission
from likeness.app.preparing import OF_A_START, Patience, make_data_folder, prepare
from likeness.app.secret import keys_of
from likeness.config import Config
from likeness.db import Database, open_database
from likeness.people import People
from likeness.precedence import Policy
from likeness.roster import Roster
from likeness.sessions import Sessions
from likeness.threads import in_thread

if TYPE_CHECKING:
    from likeness.app.pictures import Pictures
    from likeness.blobs import BlobStore
    from likeness.delivery import Delivery
    from likeness.enrolling import Enrolling
    from likeness.imaging.engine import WorkerEngine
    from likeness.offers import Offers
    from likeness.photo_writer import PhotoWriter
    from likeness.photos import Photos
    from likeness.upkeep.sweeping import Sweeper


@dataclass(frozen=True)
class Service:
    """Everything that runs, wired together once."""

    config: Config
    clock: Callable[[], datetime]
    database: Database
    people: People
    roster: Roster
    accounts: Accounts
    admission: Admission
    sessions: Sessions

    @cached_property
    def pictures(self) -> "Pictures":
        """The objects that handle pictures; the properties below give them one by one."""
        from likeness.app.pictures import wire_pictures  # noqa: PLC0415 - see the module's first lines

        return wire_pictures(self.config, self.database, self.clock)

    @property
    def blobs(self) -> "BlobStore":
        """The store of files."""
        return self.pictures.blobs

    @property
    def engine(self) -> "WorkerEngine":
        """The picture engine, which decodes, renders and draws."""
        return self.pictures.engine

    @property
    def writer(self) -> "PhotoWriter":
        """The one order of writing photos."""
        return self.pictures.writer

    @property
    def photos(self) -> "Photos":
        """The use case: have a photo."""
        return self.pictures.photos

    @property
    def offers(self) -> "Offers":
        """Photos that imports, directories and providers bring."""
        return self.pictures.offers

    @cached_property
    def enrolling(self) -> "Enrolling":
        """The use case: people and photos come in from a directory."""
        from likeness.enrolling import Enrolling  # noqa: PLC0415 - see the module's first lines

        said = self.config.directory_photos
        policy = None if said == "never" else Policy(said)
        return Enrolling(self.database, self.offers, self.clock, policy)

    @property
    def sweeper(self) -> "Sweeper":
        """The sweeper, which removes files and rows that nobody needs."""
        return self.pictures.sweeper

    @property
    def delivery(self) -> "Delivery":
        """The use case: look at a photo."""
        return self.pictures.delivery

    async def prepare(self, *, begins: bool = True, patience: Patience = OF_A_START) -> str:
        """Run `preparing.prepare` in a thread; open the store, where an installation `begins`."""
        if begins:
            _ = self.blobs
        return await in_thread(
            prepare, self.database, self.config, begins=begins, patience=patience
        )

    async def close(self) -> None:
        """End the picture workers and let go of the database."""
        if "pictures" in vars(self):
            await self.engine.close()
        self.database.close()


def utc_now() -> datetime:
    """The one clock of the service."""
    return datetime.now(UTC)


def open_service(config: Config, clock: Callable[[], datetime] = utc_now) -> Service:
    """Build the service. Creates the data folder and its secret when they are missing."""
    make_data_folder(config)
    database = open_database(config.database_url, config.database_connections_max)
    keys = keys_of(config)
    people = People(database, clock)
    accounts = Accounts(database, people, keys, clock)
    admission = Admission(database, people, clock, workspaces=config.workspaces)
    sessions = Sessions(database, people, accounts, keys, clock, lifetime=config.session_lifetime)
    roster = Roster(database, people, clock)
    return Service(config, clock, database, people, roster, accounts, admission, sessions)
