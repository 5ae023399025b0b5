"""The directory of the settings, wired: how it is connected to, and how often it is read."""

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final

from likeness.app.directory_figures import DONE, FAILED, FAMILIES, READ_AT, RUNS
from likeness.app.service import Service
from likeness.config import Config
from likeness.directory.address import parse
from likeness.directory.port import Connection, DirectoryError, Server
from likeness.errors import Mistake, ServiceUnavailable
from likeness.events import ACTOR_LENGTH_MAX
from likeness.figures import Sheet
from likeness.identities import LDAP_PREFIX
from likeness.log import Log
from likeness.model import Secret, Source
from likeness.precedence import Offer, Policy
from likeness.seldom import SeldomLog
from likeness.syncing.plan import Terms
from likeness.syncing.run import DirectorySync, Done
from likeness.threads import in_thread

LOOK_S: Final = 15
"""How often each node asks whether a run is due: a node that has just been started is soon in step,
and one that dies is replaced as soon."""

_log = Log(__name__)


class Silent:
    """Nobody looks on."""

    def listed(self, more: int) -> None:
        """See `Watch`."""

    def expect(self, total: int, label: str) -> None:
        """See `Watch`."""

    def advance(self, more: int) -> None:
        """See `Watch`."""


class DirectoryRounds:
    """Reads the directory again and again, on one node at a time."""

    def __init__(self, service: Service, sheet: Sheet | None = None) -> None:
        self._service = service
        self._sheet = sheet or Sheet.alone(*FAMILIES)
        self._log = SeldomLog()

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.round()
            except (Mistake, ServiceUnavailable) as error:
                self._sheet.add(RUNS, FAILED)
                self._log.warning("directory_not_read", reason=str(error))
            except Exception as error:  # noqa: BLE001 - the next round has to come all the same
                self._sheet.add(RUNS, FAILED)
                _log.error("directory_failed", exc_info=error)

    async def round(self) -> Done | None:
        """Do a run, if one is due. Raises Mistake and ServiceUnavailable as `apply` does."""
        service = self._service
        every_s, now_s = service.config.ldap_every.total_seconds(), service.clock().timestamp()
        if await in_thread(service.database.take, "directory", every_s, 1, now_s):
            return None
        team = await service.people.team(service.config.ldap_workspace)
        done = await directory_sync(service).apply(team, Silent())
        self._sheet.add(RUNS, DONE)
        self._sheet.set(READ_AT, service.clock().timestamp())
        _log.info("directory_read", **done.plan.counts(), photos=dict(done.photos))
        return done


def directory_sync(service: Service, *, at_once: int = 1) -> DirectorySync:
    """What keeps this service in step with the directory of its settings. Raises Mistake."""
    return DirectorySync(
        service.database,
        service.enrolling,
        service.clock,
        partial(open_connection, service.config),
        terms_of(service.config),
        at_once=at_once,
    )


def open_connection(config: Config) -> AbstractAsyncContextManager[Connection]:
    """A connection to the directory of the settings. Raises Mistake where there is none."""
    server = server_of(config)
    try:
        # Few have a directory, and the library takes 0.3 s to import.
        from likeness.directory.ldap import open_directory  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        raise DirectoryError(
            "to read a directory, install `likeness-avatars[ldap]` in place of `likeness-avatars`"
        ) from error
    return open_directory(server)


def server_of(config: Config) -> Server:
    """The directory of the settings. Raises Mistake where they name none."""
    if not config.ldap_url:
        raise Mistake("there is no directory; set LIKENESS_LDAP_URL and LIKENESS_LDAP_BASE")
    return Server(
        parse(config.ldap_url),
        config.ldap_base,
        config.ldap_filter,
        config.ldap_bind_dn,
        Secret(config.ldap_bind_password.get_secret_value()),
        config.ldap_ca_file,
    )


def terms_of(config: Config) -> Terms:
    """How people and photos of the directory are taken."""
    source = source_of(config.ldap_base)
    wants = config.directory_photos != "never" and config.ldap_photo
    offer = (
        Offer(Source.DIRECTORY, Policy(config.directory_photos), set_by=source) if wants else None
    )
    return Terms(source, config.ldap_filter, config.ldap_photo, offer)


def source_of(base: str) -> str:
    """What a directory's people are known by: its domain, or where it has none, the base.

    Neither its servers nor the branch that people are in is a part of it, so that both may change.

    >>> source_of("OU=People, DC=Example,dc=org")
    'ldap:example.org'
    """
    parts = [part.strip().casefold() for part in base.split(",")]
    domain = ".".join(part.removeprefix("dc=") for part in parts if part.startswith("dc="))
    return (LDAP_PREFIX + (domain or ",".join(parts)))[:ACTOR_LENGTH_MAX]
