"""The one way out for HTTP: a request goes to the very network address that was judged before.

A name is resolved once, each of its addresses is judged, and the connection is made to one of those
that may be asked: a name that leads elsewhere a moment later (DNS rebinding) changes nothing. No
redirect is followed, no proxy of the environment is used, and there are no cookies.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx2

from likeness.destinations import Destination, Failure, NotFetched
from likeness.threads import in_thread

CONNECT_TIMEOUT_S: Final = 2.0
"""For each address of a name, so that one that is dead leaves time for the next."""

ADDRESSES_MAX: Final = 3
"""Addresses of one name that are tried."""

TOLD_LENGTH_MAX: Final = 100
"""Characters in the log of what anybody may have written."""

Resolve = Callable[[str, int], Awaitable[Sequence[tuple[str, int]]]]
"""A host and a port to network addresses with ports. Raises OSError where there are none."""

Judge = Callable[[str, Destination], bool]
"""Whether a network address may be asked for a destination."""

NONSENSE: Final = (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError)
"""What httpx2 raises for a connection that ends too early, and for answers that are no HTTP."""


async def resolve(host: str, port: int) -> list[tuple[str, int]]:
    """The network addresses of a name as the system knows them, best first."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(str(address[0]), int(address[1])) for *_, address in found]


class Outgoing:
    """Sends requests to addresses that `may_be_asked`, and reads no more than it is told to."""

    def __init__(
        self,
        may_be_asked: Judge,
        *,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._may_be_asked = may_be_asked
        self._resolve = resolve
        self._tls = tls

    @asynccontextmanager
    async def answer(
        self,
        method: str,
        wanted: Destination,
        headers: dict[str, str],
        body: bytes | None = None,
        *,
        timeout_s: float,
    ) -> AsyncIterator[httpx2.Response]:
        """The head of the answer, whose body is still to be read.

        `timeout_s` is for each step; the caller bounds the whole. Raises NotFetched where nothing
        can be connected to, and NONSENSE.
        """
        # A client of its own for each request. One that is kept would have cookies, and would ask
        # for another host on a connection whose certificate was that of the first.
        tls = await self._authorities()
        timeout = httpx2.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))
        async with httpx2.AsyncClient(verify=tls, trust_env=False, timeout=timeout) as client:
            response = await self._connected(client, method, wanted, headers, body)
            try:
                yield response
            finally:
                await response.aclose()

    async def _connected(
        self,
        client: httpx2.AsyncClient,
        method: str,
        wanted: Destination,
        headers: dict[str, str],
        body: bytes | None,
    ) -> httpx2.Response:
        """The head of the answer of the first address that can be connected to."""
        last: Exception | None = None
        told = {"Host": wanted.name, **headers}
        for address, port in await self._addresses(wanted):
            url = wanted.url_at(address, port)
            request = client.build_request(method, url, headers=told, content=body)
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
        allowed = [each for each in dict.fromkeys(found) if self._may_be_asked(each[0], wanted)]
        if not allowed:
            raise NotFetched(Failure.ADDRESS_FORBIDDEN, ", ".join(address for address, _ in found))
        return allowed[:ADDRESSES_MAX]

    async def _authorities(self) -> ssl.SSLContext:
        """Those whose certificates are believed, as by the sign-in; SSL_CERT_FILE counts."""
        if self._tls is None:
            # Reading them takes 30 ms.
            self._tls = await in_thread(httpx2.create_ssl_context)
        return self._tls


async def read_body(response: httpx2.Response, length_max: int) -> bytes:
    """The body, of which no more is held than may be. Raises NotFetched."""
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > length_max:
            raise NotFetched(Failure.TOO_LARGE, f"more than {length_max} bytes")
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
    return NotFetched(Failure.UNREACHABLE, detail[:TOLD_LENGTH_MAX])
