"""The port of directories: what is asked of one, and the nouns that it answers with."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from likeness.directory.address import Address
from likeness.errors import Mistake
from likeness.model import Secret

ENTRIES_MAX: Final = 200_000
"""Entries of one listing: four times the largest organisation that it was tried with."""

PAGE_ENTRIES: Final = 500
"""Entries of a page: what servers give without more rights, and 0.1 s of reading."""

PAGES_MAX: Final = 4 * ENTRIES_MAX // PAGE_ENTRIES
"""Pages of one listing. Servers may send short ones, and one that never ends is broken."""

PAGE_BYTES_MAX: Final = 32 * 2**20
"""Bytes of one page: 64 KiB for each entry, of which names and addresses take less than one."""

PHOTO_BYTES_MAX: Final = 32 * 2**20
"""Bytes of the photos of one entry, all its attributes and values together."""

CONNECT_S: Final = 10.0
ANSWER_S: Final = 60.0
"""Seconds that a connection with TLS and sign-in may take, and one page or photo."""

Values = Mapping[str, Sequence[bytes]]
"""Attributes of an entry, by their names in small letters."""


class Fault(StrEnum):
    """What is in the way of using a directory, as far as programs make a difference."""

    AWAY = "away"
    CREDENTIAL = "credential"
    RIGHTS = "rights"
    OTHER = "other"


class DirectoryError(Mistake):
    """A directory cannot be used, or did not tell all. The text says why and what to do.

    `reason` is what happened alone, without what is to be done about the settings of a service.
    """

    def __init__(self, text: str, fault: Fault = Fault.OTHER, reason: str = "") -> None:
        super().__init__(text)
        self.fault = fault
        self.reason = reason or text


def _anywhere(_: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Server:
    """Which directory is used, and how. `ca_file` is "" for the authorities of the machine.

    `may_be_asked` says of a network address of the host whether it may be connected to.
    """

    address: Address
    base: str
    filter: str
    bind_dn: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    ca_file: str = ""
    may_be_asked: Callable[[str], bool] = _anywhere

    @property
    def starts_tls(self) -> bool:
        """Whether an unprotected connection has to become one by TLS before anything is said.

        Only programs of this machine can listen in to a connection that stays on it; who names
        an authority wants TLS there too.
        """
        return not self.address.is_tls and (not self.address.is_loopback or bool(self.ca_file))


class Connection(Protocol):
    """One connection to a directory, for one run."""

    @property
    def references(self) -> int:
        """How many references to other servers came with the listings; none is followed."""

    def pages(
        self, filter_text: str, attributes: Sequence[str]
    ) -> AsyncGenerator[list[tuple[str, Values]], None]:
        """The entries below the base, page by page, each with its DN.

        Ends only where the directory said that this is all. Raises DirectoryError where it did
        not, so that nobody takes a part of a listing for the whole.
        """

    async def values(self, dn: str, attributes: Sequence[str]) -> Values:
        """The attributes of one entry; none where there is no such entry any more.

        Raises DirectoryError.
        """

    async def replace(self, dn: str, values: Values) -> None:
        """Give attributes of an entry these values in place of all that they have; none ends one.

        Raises DirectoryError.
        """
