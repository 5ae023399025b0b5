"""The one guarded client: it fetches one document from a host that the settings name.

URLs of documents come from others, so nothing of one is believed before `destinations` has judged
it. A name is resolved once, and connected to at the very address that was judged: a name that leads
elsewhere a moment later (DNS rebinding) changes nothing. Nothing that goes wrong raises.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

import httpx2

from likeness.destinations import Destination, Failure, NotFetched, destination, may_be_asked
from likeness.model import Secret
from likeness.seldom import SeldomLog
from likeness.threads import in_thread
from likeness.version import VERSION

TIMEOUT_S: Final = 5.0
"""For all of one document: its name resolved, connected, asked and read."""

CONNECT_TIMEOUT_S: Final = 2.0
"""For each address of a name, so that one that is dead leaves time for the next."""

ADDRESSES_MAX: Final = 3
"""Addresses of one name that are tried."""

LENGTH_MAX: Final = 10 * 2**20
"""Bytes of a document."""

_TOLD_LENGTH_MAX: Final = 100
"""Characters in the log of what anybody may have written."""

_HOST_IN_URL: Final = re.compile(r"://(?:[^/?#]*@)?([^/?#]*)")
_NONSENSE: Final = (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError)
"""What httpx2 raises for a connection that ends too early, and for answers that are no HTTP."""

_OK: Final = 200
_REDIRECTIONS: Final = range(300, 400)
_ABSENT: Final = (404, 410)

Resolve = Callable[[str, int], Awaitable[Sequence[tuple[str, int]]]]
"""A host and a port to network addresses with ports. Raises OSError where there are none."""


async def resolve(host: str, port: int) -> list[tuple[str, int]]:
    """The network addresses of a name as the system knows them, best first."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(str(address[0]), int(address[1])) for *_, address in found]


class Fetcher:
    """Fetches documents from `hosts`, each `HOST` or `HOST:PORT`, and from nowhere else.

    By HTTPS, unless `has_loopback` says that this machine may be asked, which then may be by HTTP.
    No redirect is followed, no proxy of the environment is used, and there are no cookies.
    """

    def __init__(
        self,
        hosts: Collection[str],
        *,
        has_loopback: bool = False,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.hosts: Final = frozenset(hosts)
        self._has_loopback = has_loopback
        self._resolve = resolve
        self._tls = tls
        self._timeout_s = timeout_s
        self._log = SeldomLog()

    async def fetch(
        self, url: str, *, types: tuple[str, ...] = (), bearer: Secret | None = None
    ) -> bytes | Failure:
        """The document at `url`, at most LENGTH_MAX bytes, or why there is none.

        Where there are `types`, its Content-Type has to begin with one of them. `bearer` is a token
        that the host is shown. The log has each failure but that of an absent document.
        """
        wanted = None
        try:
            wanted = destination(url, self.hosts, has_loopback=self._has_loopback)
            async with asyncio.timeout(self._timeout_s):
                return await self._fetched(wanted, types, bearer)
        except NotFetched as none:
            failure, detail = none.why, none.detail
        except (TimeoutError, httpx2.TimeoutException):
            failure, detail = Failure.TOO_SLOW, f"more than {self._timeout_s:g} s"
        except _NONSENSE as error:
            failure, detail = Failure.BROKEN_OFF, type(error).__name__
        if failure is not Failure.ABSENT:
            host = wanted.name[:_TOLD_LENGTH_MAX] if wanted else _host_of(url)
            self._log.warning("document_not_fetched", reason=failure.value, host=host, found=detail)
        return failure

    async def _fetched(
        self, wanted: Destination, types: tuple[str, ...], bearer: Secret | None
    ) -> bytes:
        # A client of its own for each document. One that is kept would have cookies, and would ask
        # for another host on a connection whose certificate was that of the first.
        tls = await self._authorities()
        timeout = httpx2.Timeout(self._timeout_s, connect=min(CONNECT_TIMEOUT_S, self._timeout_s))
        async with httpx2.AsyncClient(verify=tls, trust_env=False, timeout=timeout) as client:
            response = await self._connected(client, _headers(wanted, types, bearer), wanted)
            try:
                _judge(response, types)
                return await _read(response)
            finally:
                await response.aclose()

    async def _connected(
        self, client: httpx2.AsyncClient, headers: dict[str, str], wanted: Destination
    ) -> httpx2.Response:
        """The head of the answer of the first address that can be connected to."""
        last: Exception | None = None
        for address, port in await self._addresses(wanted):
            request = client.build_request("GET", wanted.url_at(address, port), headers=headers)
            request.extensions["sni_hostname"] = wanted.host
            try:
                return await client.send(request, stream=True, follow_redirects=False)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                last = error
        raise _unreachable(last)

    async def _addresses(self, wanted: Destination) -> list[tuple[str, int]]:
        """Those of the name that may be asked, each once."""
        try:
            found = await self._resolve(wanted.host, wanted.port)
        except (OSError, UnicodeError) as error:
            raise NotFetched(Failure.NAME_UNKNOWN, type(error).__name__) from error
        allowed = [
            (address, port)
            for address, port in dict.fromkeys(found)
            if may_be_asked(address, wanted, has_loopback=self._has_loopback)
        ]
        if not allowed:
            raise NotFetched(Failure.ADDRESS_FORBIDDEN, ", ".join(address for address, _ in found))
        return allowed[:ADDRESSES_MAX]

    async def _authorities(self) -> ssl.SSLContext:
        """Those whose certificates are believed, as by the sign-in; SSL_CERT_FILE counts."""
        if self._tls is None:
            # Reading them takes 30 ms.
            self._tls = await in_thread(httpx2.create_ssl_context)
        return self._tls


def _headers(wanted: Destination, types: tuple[str, ...], bearer: Secret | None) -> dict[str, str]:
    """All that the host is told. It does not learn whom the document is about, or from where."""
    accept = ", ".join(each + "*" if each.endswith("/") else each for each in types) or "*/*"
    said = {
        "Host": wanted.name,
        "User-Agent": f"likeness/{VERSION}",
        "Accept": accept,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    return said | ({"Authorization": f"Bearer {bearer.reveal()}"} if bearer else {})


def _judge(response: httpx2.Response, types: tuple[str, ...]) -> None:
    """Raise NotFetched where the head of an answer says that it is none to be read."""
    status, headers = response.status_code, response.headers
    if status in _REDIRECTIONS:
        raise NotFetched(Failure.REDIRECTED, str(status))
    if status in _ABSENT:
        raise NotFetched(Failure.ABSENT, str(status))
    if status != _OK:
        raise NotFetched(Failure.REFUSED, str(status))
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        # We asked for none. To unpack one piece can take a thousand times its length.
        raise NotFetched(Failure.COMPRESSED, headers["content-encoding"][:_TOLD_LENGTH_MAX])
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if types and not kind.startswith(types):
        raise NotFetched(Failure.WRONG_TYPE, kind[:_TOLD_LENGTH_MAX])
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > LENGTH_MAX:
        raise NotFetched(Failure.TOO_LARGE, f"{length} bytes, at most {LENGTH_MAX}")


async def _read(response: httpx2.Response) -> bytes:
    """The body, of which no more is held than may be."""
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > LENGTH_MAX:
            raise NotFetched(Failure.TOO_LARGE, f"more than {LENGTH_MAX} bytes")
    return bytes(body)


def _unreachable(error: Exception | None) -> NotFetched:
    """Why no address could be connected to: of the last one, by its own words of TLS."""
    cause: BaseException | None = error
    while cause is not None:
        # Without a reason it has only been waiting.
        if isinstance(cause, ssl.SSLError) and cause.reason:
            return NotFetched(Failure.NOT_TRUSTED, getattr(cause, "verify_message", cause.reason))
        cause = cause.__cause__ or cause.__context__
    detail = str(error) or type(error).__name__
    return NotFetched(Failure.UNREACHABLE, detail[:_TOLD_LENGTH_MAX])


def _host_of(url: str) -> str:
    """What stands where a URL has its host, without user and password, for the log."""
    found = _HOST_IN_URL.search(url)
    return ascii(found[1][:_TOLD_LENGTH_MAX])[1:-1] if found else ""
