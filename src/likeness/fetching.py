"""The one guarded client: it fetches one document from a host that the settings name.

URLs of documents come from others, so nothing of one is believed before `destinations` has judged
it. A name is resolved once, and connected to at the very address that was judged: a name that leads
elsewhere a moment later (DNS rebinding) changes nothing. Nothing that goes wrong raises.
"""

import asyncio
import re
import ssl
from collections.abc import Collection
from typing import Final

import httpx2

from likeness.destinations import Destination, Failure, NotFetched, destination, may_be_asked
from likeness.model import Secret
from likeness.outgoing import NONSENSE, TOLD_LENGTH_MAX, Outgoing, Resolve, read_body, resolve
from likeness.seldom import SeldomLog
from likeness.version import VERSION

TIMEOUT_S: Final = 5.0
"""For all of one document: its name resolved, connected, asked and read."""

LENGTH_MAX: Final = 10 * 2**20
"""Bytes of a document."""

PICTURE_TYPES: Final = ("image/", "application/octet-stream", "binary/octet-stream")
"""Content types of pictures; buckets say the other two of files that nobody told them the type of.
What a picture is, its bytes say."""

_HOST_IN_URL: Final = re.compile(r"://(?:[^/?#]*@)?([^/?#]*)")
_OK: Final = 200
_REDIRECTIONS: Final = range(300, 400)
_ABSENT: Final = (404, 410)


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
        self._out = Outgoing(self._may_be_asked, resolve=resolve, tls=tls)
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
        except NONSENSE as error:
            failure, detail = Failure.BROKEN_OFF, type(error).__name__
        if failure is not Failure.ABSENT:
            host = wanted.name[:TOLD_LENGTH_MAX] if wanted else _host_of(url)
            self._log.warning("document_not_fetched", reason=failure.value, host=host, found=detail)
        return failure

    async def _fetched(
        self, wanted: Destination, types: tuple[str, ...], bearer: Secret | None
    ) -> bytes:
        headers = _headers(types, bearer)
        timeout_s = self._timeout_s
        async with self._out.answer("GET", wanted, headers, timeout_s=timeout_s) as response:
            _judge(response, types)
            return await read_body(response, LENGTH_MAX)

    def _may_be_asked(self, address: str, wanted: Destination) -> bool:
        return may_be_asked(address, wanted, has_loopback=self._has_loopback)


def _headers(types: tuple[str, ...], bearer: Secret | None) -> dict[str, str]:
    """Headers of a request. They tell nothing about the user or the page that asks."""
    accept = ", ".join(each + "*" if each.endswith("/") else each for each in types) or "*/*"
    said = {
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
        raise NotFetched(Failure.COMPRESSED, headers["content-encoding"][:TOLD_LENGTH_MAX])
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if types and not kind.startswith(types):
        raise NotFetched(Failure.WRONG_TYPE, kind[:TOLD_LENGTH_MAX])
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > LENGTH_MAX:
        raise NotFetched(Failure.TOO_LARGE, f"{length} bytes, at most {LENGTH_MAX}")


def _host_of(url: str) -> str:
    """The host of a URL, without user and password, for the log."""
    found = _HOST_IN_URL.search(url)
    return ascii(found[1][:TOLD_LENGTH_MAX])[1:-1] if found else ""
