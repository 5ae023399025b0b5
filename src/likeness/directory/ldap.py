"""LDAP, by anyldap: one connection that is protected, signed in, and read in bounds.

Nothing else imports that library, so that another one could take its place: what is needed are
`open_directory`, the pages of a listing, and the attributes of one entry, read and replaced.
"""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeGuard

import anyio
from anyio.abc import ByteStream
from anyio.streams.tls import TLSStream
from anyldap import ldap
from anyldap.ldap import errors
from anyldap.ldap.controls.pagedresults import SimplePagedResultsControl
from anyldap.ldap.ldapobject import ResultData, SimpleLDAPObject

from likeness.directory.port import (
    ANSWER_S,
    CONNECT_S,
    ENTRIES_MAX,
    PAGE_BYTES_MAX,
    PAGE_ENTRIES,
    PAGES_MAX,
    PHOTO_BYTES_MAX,
    Connection,
    DirectoryError,
    Fault,
    Server,
    Values,
)
from likeness.outgoing import ADDRESSES_MAX, resolve

_ANY: Final = "(objectClass=*)"
LISTING: Final = "the listing"

_PIECE_BYTES: Final = 16 * 2**10
"""Bytes that are read and understood at a time: 5 ms in which nobody else of this process is
served."""

_PIECE_OF_PHOTO_BYTES: Final = 256 * 2**10
"""The same of a photo, of which nothing is to be understood, but which is copied at each piece."""

CONTEXTS_KEPT_MAX: Final = 8
"""Sets of authorities in memory, one for each directory that has its own."""

_SIGN_IN_BYTES_MAX: Final = 2**20
"""Bytes of all answers until somebody is signed in, certificates of the server included."""


class _TooMuchError(Exception):
    """An answer is longer than it may be."""


class _Metered(ByteStream):
    """A connection of which so much may be read, in pieces of such a length."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._left = 0
        self._piece = 0
        self.allow(_SIGN_IN_BYTES_MAX, _PIECE_BYTES)

    def allow(self, length_max: int, piece: int) -> None:
        """Let the next answer be as long as this, in bytes."""
        self._left, self._piece = length_max, piece

    async def receive(self, max_bytes: int = 65536) -> bytes:
        """See anyio. Raises _TooMuchError beyond the bound."""
        data = await self._stream.receive(min(max_bytes, self._piece))
        self._left -= len(data)
        if self._left < 0:
            raise _TooMuchError
        return data

    async def send(self, item: bytes) -> None:
        """See anyio."""
        await self._stream.send(item)

    async def send_eof(self) -> None:
        """See anyio."""
        await self._stream.send_eof()

    async def aclose(self) -> None:
        """See anyio."""
        await self._stream.aclose()

    @property
    def extra_attributes(self) -> Mapping[Any, Callable[[], Any]]:
        """See anyio."""
        return self._stream.extra_attributes


class _Client(SimpleLDAPObject):
    """A connection of anyldap whose bytes are counted, and which is closed where TLS fails."""

    def __init__(self, server: Server, context: ssl.SSLContext) -> None:
        super().__init__(str(server.address), ssl_context=context)
        # It would sign in, as nobody, at any server that this one names.
        self.set_option(ldap.OPT_REFERRALS, 0)
        self._server, self._context = server, context
        self.meter: _Metered | None = None

    async def _connect_stream(self) -> ByteStream:
        address = self._server.address
        stream: ByteStream = await _connected(self._server)
        if address.is_tls:
            stream = await _wrapped(stream, address.host, self._context)
        self.meter = _Metered(stream)
        return self.meter


class _Connection:
    """See `Connection`."""

    def __init__(self, client: _Client, server: Server) -> None:
        self._client = client
        self._server = server
        self.references = 0

    async def pages(
        self, filter_text: str, attributes: Sequence[str]
    ) -> AsyncGenerator[list[tuple[str, Values]], None]:
        """See `Connection`."""
        count, cookie = 0, b""
        for _ in range(PAGES_MAX):
            entries, cookie = await self._page(filter_text, attributes, cookie)
            count += len(entries)
            if count > ENTRIES_MAX:
                raise DirectoryError(
                    f"there are more than {ENTRIES_MAX} entries; narrow LIKENESS_LDAP_BASE or "
                    "LIKENESS_LDAP_FILTER"
                )
            yield entries
            if not cookie:
                return
        raise DirectoryError(f"the listing did not end within {PAGES_MAX} pages")

    async def values(self, dn: str, attributes: Sequence[str]) -> Values:
        """See `Connection`."""
        self._allow(PHOTO_BYTES_MAX, _PIECE_OF_PHOTO_BYTES)
        search, what = self._client.search_ext_s, f"an entry's {', '.join(attributes)}"
        with _in_words(self._server, what), anyio.fail_after(ANSWER_S):
            try:
                found = await search(dn, ldap.SCOPE_BASE, _ANY, list(attributes), timeout=ANSWER_S)
            except errors.NO_SUCH_OBJECT:
                return {}
        return next((values for _, values in _entries(found)), {})

    async def replace(self, dn: str, values: Values) -> None:
        """See `Connection`."""
        self._allow(PAGE_BYTES_MAX, _PIECE_BYTES)
        changes = [(ldap.MOD_REPLACE, name, list(found)) for name, found in values.items()]
        with _in_words(self._server, "writing an entry"), anyio.fail_after(ANSWER_S):
            await self._client.modify_s(dn, changes)

    async def _page(
        self, filter_text: str, attributes: Sequence[str], cookie: bytes
    ) -> tuple[list[tuple[str, Values]], bytes]:
        """One page, and the cookie of the next, which is empty after the last one."""
        self._allow(PAGE_BYTES_MAX, _PIECE_BYTES)
        asked = SimplePagedResultsControl(criticality=True, size=PAGE_ENTRIES, cookie=cookie)
        with _in_words(self._server, LISTING), anyio.fail_after(ANSWER_S):
            number = await self._client.search_ext(
                self._server.base,
                ldap.SCOPE_SUBTREE,
                filter_text,
                list(attributes),
                serverctrls=[asked],
                timeout=ANSWER_S,
            )
            _, found, _, controls = await self._client.result3(number)
        entries = _entries(found)
        self.references += len(found) - len(entries)
        return entries, _cookie(controls)

    def _allow(self, length_max: int, piece: int) -> None:
        if self._client.meter is not None:
            self._client.meter.allow(length_max, piece)


@asynccontextmanager
async def open_directory(server: Server) -> AsyncIterator[Connection]:
    """A connection that is protected and signed in, while the block runs.

    Raises DirectoryError with what is in the way and what to do.
    """
    client = _Client(server, _context(server.ca_file))
    try:
        with _in_words(server, "signing in"), anyio.fail_after(CONNECT_S):
            if server.starts_tls:
                await client.start_tls_s()
            await client.simple_bind_s(server.bind_dn, server.password.reveal())
        yield _Connection(client, server)
    finally:
        with anyio.move_on_after(CONNECT_S, shield=True):
            await client.unbind_s()


async def _connected(server: Server) -> ByteStream:
    """A connection to the first address of the host that lets us in, of those that may be asked.

    The name is resolved once, so that a moment later it leads nowhere else.
    """
    address = server.address
    found = dict.fromkeys(host for host, _ in await resolve(address.host, address.port))
    allowed = [host for host in found if server.may_be_asked(host)][:ADDRESSES_MAX]
    last: OSError = OSError(f"may not be asked at {', '.join(found)}, see LIKENESS_TARGET_NETWORKS")
    for host in allowed:
        try:
            with anyio.fail_after(CONNECT_S / len(allowed)):
                return await anyio.connect_tcp(host, address.port)
        except OSError as error:
            last = error
    raise last


async def _wrapped(stream: ByteStream, host: str, context: ssl.SSLContext) -> ByteStream:
    """The same connection by TLS; it is closed where that fails."""
    try:
        return await TLSStream.wrap(
            stream,
            server_side=False,
            hostname=host,
            ssl_context=context,
            standard_compatible=False,
        )
    except BaseException:
        await anyio.aclose_forcefully(stream)
        raise


def _context(ca_file: str) -> ssl.SSLContext:
    """What checks certificates: by the authorities of this machine, or by that of a file alone."""
    try:
        return _read_context(ca_file, Path(ca_file).stat().st_mtime_ns if ca_file else 0)
    except OSError as error:
        reason = f"{ca_file} has no certificates in PEM that can be read: {error}"
        raise DirectoryError(f"LIKENESS_LDAP_CA_FILE: {reason}", reason=reason) from error


@lru_cache(maxsize=CONTEXTS_KEPT_MAX)
def _read_context(ca_file: str, _changed_ns: int) -> ssl.SSLContext:
    """The same, read anew when the file changed: reading takes 30 ms, in which nobody is served."""
    return ssl.create_default_context(cafile=ca_file or None)


def _cookie(controls: Sequence[object]) -> bytes:
    """What the next page is asked for by. Raises DirectoryError where the server did not say."""
    for each in controls:
        if isinstance(each, SimplePagedResultsControl):
            return bytes(each.cookie)
    raise DirectoryError(
        "nothing was done: the server does not say whether its listing is whole, as RFC 2696 has "
        "it; another program may stand between, such as a proxy"
    )


def _entries(found: ResultData) -> list[tuple[str, Values]]:
    """Entries with their DNs, without the references to other servers that are among them."""
    return [(dn, _plain(values)) for dn, values in found if dn is not None and _is_entry(values)]


def _is_entry(values: dict[str, list[bytes]] | list[str]) -> TypeGuard[dict[str, list[bytes]]]:
    return isinstance(values, dict)


def _plain(values: Mapping[str, Sequence[bytes]]) -> Values:
    """Attributes by small letters, without those in other languages, `displayName;lang-de`."""
    return {name.lower(): tuple(found) for name, found in values.items() if ";" not in name}


_FAILURES: Final = (
    *(errors.LDAPError, OSError, anyio.BrokenResourceError, anyio.EndOfStream, _TooMuchError),
    # What the library raises where an answer is not LDAP.
    *(AssertionError, ValueError, LookupError, TypeError, RecursionError),
)


@contextmanager
def _in_words(server: Server, what: str) -> Iterator[None]:
    """Turn what goes wrong into a sentence for operators."""
    try:
        yield
    except _FAILURES as error:
        is_hidden = isinstance(error, errors.SERVER_DOWN) and error.__cause__ is not None
        cause = error.__cause__ if is_hidden else error
        incomplete = "the listing is incomplete, so that nothing was done: "
        begun = incomplete if what == LISTING else f"{what}: "
        happened, advice = _told(cause), _advice(cause)
        text = f"{begun}{server.address} {happened}{f'; {advice}' if advice else ''}"
        raise DirectoryError(text, _fault(cause), f"it {happened}") from error


def _told(error: BaseException | None) -> str:
    """What happened to a server."""
    if isinstance(error, errors.LDAPError):
        info = " ".join((error.info or "").split())[:_INFO_LENGTH_MAX]
        return f"says {': '.join(filter(None, (error.desc, info)))!r}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"has a certificate that is not believed: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, _TooMuchError):
        return "sent more than is taken of one answer"
    if isinstance(error, OSError | anyio.BrokenResourceError | anyio.EndOfStream):
        return f"cannot be reached: {str(error) or type(error).__name__}"
    return "does not speak LDAP"


def _advice(error: BaseException | None) -> str:
    """What to do about it, "" where nothing is known."""
    if isinstance(error, errors.LDAPError):
        return next((text for kind, text in _ADVICE.items() if isinstance(error, kind)), "")
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "name its authority in LIKENESS_LDAP_CA_FILE, and the host in LIKENESS_LDAP_URL as the "
            "certificate has it"
        )
    return "" if isinstance(error, _TooMuchError) else _REACHED


def _fault(error: BaseException | None) -> Fault:
    """Which fault it is. Whatever is no answer of a directory means that it is away."""
    if not isinstance(error, errors.LDAPError) or isinstance(error, _OF_THE_SERVER):
        return Fault.AWAY
    if isinstance(error, (errors.INVALID_CREDENTIALS, errors.INAPPROPRIATE_AUTH)):
        return Fault.CREDENTIAL
    return Fault.RIGHTS if isinstance(error, errors.INSUFFICIENT_ACCESS) else Fault.OTHER


_OF_THE_SERVER: Final = (
    *(errors.SERVER_DOWN, errors.TIMEOUT, errors.CONNECT_ERROR, errors.BUSY, errors.UNAVAILABLE),
    *(errors.TIMELIMIT_EXCEEDED, errors.ADMINLIMIT_EXCEEDED, errors.OTHER),
)


_REACHED: Final = "look at LIKENESS_LDAP_URL, and whether the server runs"
_INFO_LENGTH_MAX: Final = 200
"""Characters of what a server says of a failure that are repeated."""

_ADVICE: Final[Mapping[type[errors.LDAPError], str]] = {
    errors.SERVER_DOWN: _REACHED,
    errors.INVALID_CREDENTIALS: "look at LIKENESS_LDAP_BIND_DN and its password",
    errors.INAPPROPRIATE_AUTH: "look at LIKENESS_LDAP_BIND_DN and its password",
    errors.INVALID_DN_SYNTAX: "write LIKENESS_LDAP_BIND_DN and LIKENESS_LDAP_BASE as DNs",
    errors.NO_SUCH_OBJECT: "LIKENESS_LDAP_BASE names no entry that this account may see",
    errors.FILTER_ERROR: "mend LIKENESS_LDAP_FILTER",
    errors.INSUFFICIENT_ACCESS: "let this account read the people below LIKENESS_LDAP_BASE",
    errors.OPERATIONS_ERROR: "set LIKENESS_LDAP_BIND_DN: most servers tell strangers nothing",
    errors.SIZELIMIT_EXCEEDED: "let this account read without a limit, which OpenLDAP calls "
    "`limits dn.exact=... size=unlimited`",
    errors.ADMINLIMIT_EXCEEDED: "let this account read without a limit",
    errors.TIMELIMIT_EXCEEDED: "let this account read for a minute, or index what "
    "LIKENESS_LDAP_FILTER asks for",
    errors.UNAVAILABLE_CRITICAL_EXTENSION: "the server cannot list page by page, as RFC 2696 "
    "has it",
    errors.REFERRAL: "LIKENESS_LDAP_BASE is another server's; name that one in LIKENESS_LDAP_URL",
    errors.CONFIDENTIALITY_REQUIRED: "the server wants TLS: write ldaps:// in LIKENESS_LDAP_URL",
    errors.STRONG_AUTH_REQUIRED: "the server wants TLS: write ldaps:// in LIKENESS_LDAP_URL",
    errors.PROTOCOL_ERROR: "the server may not know StartTLS: write ldaps:// in LIKENESS_LDAP_URL",
}
