"""Directories: `jpegPhoto` of people in LDAP, and `thumbnailPhoto` of those in Active Directory.

Programs that read a directory show the photo then, among them mail clients, Nextcloud and Zulip.
Beyond this machine nothing is said without TLS.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final
from uuid import UUID

from likeness.destinations import may_be_told
from likeness.directory.address import parse
from likeness.directory.entries import IDS, LISTED, Entry, entry_of
from likeness.directory.port import Connection, DirectoryError, Fault, Server, Values
from likeness.email_address import ascii_email
from likeness.errors import Mistake
from likeness.model import Format, Secret
from likeness.targets.kind import Given, Kind
from likeness.targets.port import NOTHING, Away, Person, Picture, Refused, Wants

TIMEOUT_S: Final = 15.0
"""For all that one call needs: connected, protected, signed in, asked, answered."""

BYTES_MAX: Final = 256 * 1024
"""A picture of 512 pixels has a quarter of it; OpenLDAP takes 4 MiB in one message."""

THUMBNAIL_BYTES_MAX: Final = 102_400
"""What Active Directory's schema allows."""

SIDE_PX: Final = 512
THUMBNAIL_SIDE_PX: Final = 96
"""As it is the custom there; all domain controllers replicate the photos of all people."""

SIDE_PX_MAX: Final = 1024

JPEG_PHOTO: Final = "jpegPhoto"
THUMBNAIL_PHOTO: Final = "thumbnailPhoto"

_ASCII: Final = 128
_ATTRIBUTES: Final = {
    JPEG_PHOTO: (JPEG_PHOTO,),
    THUMBNAIL_PHOTO: (THUMBNAIL_PHOTO,),
    "both": (JPEG_PHOTO, THUMBNAIL_PHOTO),
}
"""The values of the option `attribute`."""


class Ldap:
    """One directory, by the password of an account that may write the photos of its people."""

    def __init__(self, given: Given, timeout_s: float = TIMEOUT_S) -> None:
        options = given.target.options
        self._attributes = _chosen(options.get("attribute") or JPEG_PHOTO)
        self.wants = _wants(self._attributes, options.get("side_px"))
        self._server = _server(given)
        self._timeout_s = timeout_s

    async def find(self, person: Person) -> str | None:
        """The id of the entry that has one of their addresses."""
        async with self._connected() as connection:
            for email in person.emails:
                if found := await self._search(connection, _by_email(email)):
                    entry, _ = _only(found, f"the address {email}")
                    return _id_of(entry)
        return None

    async def show(
        self,
        remote_id: str,
        picture: Picture,
        marker: str | None,  # noqa: ARG002 - The directory itself tells what is there.
    ) -> str:
        """Replace all values, unless there is just this one."""
        wanted = dict.fromkeys(self._attributes, (picture.data,))
        async with self._connected() as connection:
            entry, values = await self._entry(connection, remote_id)
            if not entry.is_active:
                raise Refused(f"the account {entry.dn} is closed there")
            if self._marker(values) != self._marker(wanted):
                await connection.replace(entry.dn, wanted)
        return self._marker(wanted)

    async def clear(self, remote_id: str, marker: str | None) -> None:
        """Take the attributes away; without a marker whatever is there counts as ours."""
        async with self._connected() as connection:
            for entry, values in await self._search(connection, _by_id(remote_id)):
                shown = self._marker(values)
                if shown != NOTHING and marker in {shown, None}:
                    await connection.replace(entry.dn, dict.fromkeys(self._attributes, ()))

    async def look(self, remote_id: str) -> str | None:
        """A digest of the values."""
        async with self._connected() as connection:
            found = await self._search(connection, _by_id(remote_id))
        return self._marker(found[0][1]) if found else None

    async def check(self) -> str:
        """See that the account may sign in, and finds people below the base."""
        try:
            async with self._connected() as connection:
                pages = connection.pages(f"(&{self._server.filter}(mail=*))", LISTED)
                async with aclosing(pages):
                    first: Sequence[tuple[str, Values]] = await anext(pages, [])
        except _NotBelievedError as error:
            raise Refused(str(error)) from error
        if not first:
            raise Refused(f"this account finds nobody with an address below {self._server.base}")
        _id_of(entry_of(*first[0]))
        return f"{self._server.bind_dn} at {self._server.address}"

    async def _entry(self, connection: Connection, remote_id: str) -> tuple[Entry, Values]:
        found = await self._search(connection, _by_id(remote_id))
        if not found:
            raise Refused(f"there is no entry with the id {remote_id} any more")
        return _only(found, f"the id {remote_id}")

    async def _search(self, connection: Connection, condition: str) -> list[tuple[Entry, Values]]:
        """The entries below the base for which a condition is true, and the target's own filter."""
        pages = connection.pages(
            f"(&{self._server.filter}{condition})", (*LISTED, *self._attributes)
        )
        return [(entry_of(dn, values), values) async for page in pages for dn, values in page]

    def _marker(self, values: Mapping[str, Iterable[bytes]]) -> str:
        """A digest of the photos of an entry, NOTHING where it has none."""
        plain = {name.lower(): tuple(found) for name, found in values.items()}
        photos = [sorted(plain.get(name.lower(), ())) for name in self._attributes]
        if not any(photos):
            return NOTHING
        digests = [[hashlib.sha256(each).hexdigest() for each in found] for found in photos]
        return hashlib.sha256(str(digests).encode()).hexdigest()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        """A connection for one call. Raises the refusals of the port."""
        try:
            # Few have a directory, and the library takes 0.3 s to import.
            from likeness.directory.ldap import open_directory  # noqa: PLC0415 - see above
        except ModuleNotFoundError as error:
            raise Away("install `likeness-avatars[ldap]` in place of `likeness-avatars`") from error
        try:
            async with asyncio.timeout(self._timeout_s), open_directory(self._server) as connection:
                yield connection
        except TimeoutError as error:
            raise Away(f"it did not answer within {self._timeout_s:g} s") from error
        except DirectoryError as error:
            if error.fault is Fault.CREDENTIAL:
                raise _NotBelievedError(error.reason) from error
            if error.fault is Fault.AWAY:
                raise Away(error.reason) from error
            raise Refused(error.reason) from error


class _NotBelievedError(Away):
    """The account or its password is not accepted."""


def _server(given: Given) -> Server:
    """The directory of a target. Raises Mistake where its options do not suffice."""
    options = given.target.options
    try:
        address = parse(given.target.url)
    except ValueError as error:
        raise Mistake(
            "write an address such as ldaps://ldap.example.org, with nothing more"
        ) from error
    missing = [name for name in ("base", "bind_dn") if not options.get(name)]
    if missing:
        raise Mistake(f"a target of kind ldap needs the options {' and '.join(missing)}")
    is_plain = address.is_loopback and not address.is_tls and not options.get("ca_file")

    def may_be_asked(host: str) -> bool:
        return may_be_told(host, given.networks, is_plain=is_plain)

    return Server(
        address,
        str(options["base"]),
        str(options.get("filter") or "(objectClass=*)"),
        str(options["bind_dn"]),
        given.credential or Secret(""),
        str(options.get("ca_file") or ""),
        may_be_asked,
    )


def _chosen(name: object) -> tuple[str, ...]:
    """The attributes that are written. Raises Mistake."""
    if found := _ATTRIBUTES.get(str(name)):
        return found
    raise Mistake(f"the option attribute is one of {', '.join(_ATTRIBUTES)}")


def _wants(attributes: tuple[str, ...], side: object) -> Wants:
    """A JPEG that all of the attributes may have. Raises Mistake for a side that cannot be."""
    is_thumbnail = THUMBNAIL_PHOTO in attributes
    text = str(side or (THUMBNAIL_SIDE_PX if is_thumbnail else SIDE_PX))
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= SIDE_PX_MAX):
        raise Mistake(f"the option side_px is a number of pixels of at most {SIDE_PX_MAX}")
    bytes_max = THUMBNAIL_BYTES_MAX if is_thumbnail else BYTES_MAX
    return Wants(int(text), bytes_max, (Format.JPEG,))


def _by_email(email: str) -> str:
    """A filter for who has an address, as people write it or as the network does."""
    forms = dict.fromkeys((email, ascii_email(email)))
    texts = [_escaped(form) for form in forms]
    return f"(|{''.join(f'(mail={each})(proxyAddresses=smtp:{each})' for each in texts)})"


def _by_id(remote_id: str) -> str:
    """A filter for an entry by its id, whichever attribute has that."""
    named = [f"({name}={_escaped(remote_id)})" for name in IDS if name != "objectguid"]
    with suppress(ValueError):
        guid = "".join(f"\\{byte:02x}" for byte in UUID(remote_id).bytes_le)
        named.append(f"(objectGUID={guid})")
    return f"(|{''.join(named)})"


def _escaped(text: str) -> str:
    """A text as a filter has it (RFC 4515): all but letters, digits and a few signs by number."""
    return "".join(
        chr(byte) if (chr(byte).isalnum() and byte < _ASCII) or byte in b"@._-" else f"\\{byte:02x}"
        for byte in text.encode()
    )


def _only(found: list[tuple[Entry, Values]], of: str) -> tuple[Entry, Values]:
    if len(found) > 1:
        raise Refused(f"{len(found)} entries have {of}")
    return found[0]


def _id_of(entry: Entry) -> str:
    """The id of an entry, which stays when it is moved. Raises Refused where none is seen."""
    if not entry.id:
        raise Refused(f"the entry {entry.dn}: {entry.fault}")
    return entry.id


KIND: Final = Kind(
    "ldap",
    "people of a directory, such as OpenLDAP or Active Directory",
    Ldap,
    options={
        "base": "Where people are, such as ou=people,dc=example,dc=org.",
        "bind_dn": "The account whose password the credential is; it writes the photos.",
        "filter": "Which entries are people, such as (objectClass=person); all unless told.",
        "attribute": f"{JPEG_PHOTO}, {THUMBNAIL_PHOTO} or both; {JPEG_PHOTO} unless told.",
        "side_px": f"Pixels of a side: {SIDE_PX} unless told, {THUMBNAIL_SIDE_PX} with "
        f"{THUMBNAIL_PHOTO}.",
        "ca_file": "Certificates of the authorities that are believed, where not the machine's.",
    },
    schemes=("ldaps", "ldap"),
)
