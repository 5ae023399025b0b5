"""HTTP as tests speak it: httpx with patience, and with certificates that are read once.

httpx itself gives up after 5 s, which a busy machine may need for anything, and reads all
certificates for each call outside a client, which takes 30 ms of a core: longer than most answers.
"""

import ssl
from typing import Any, Final

import httpx

from support.patience import PATIENCE_S

_OURS: Final[dict[str, Any]] = {
    # For each step of a call; only for a connection of one's own client nobody waits in vain.
    "timeout": httpx.Timeout(PATIENCE_S, pool=None),
    "verify": ssl.create_default_context(),
}


class Client(httpx.Client):
    """A client that keeps its connections."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**_OURS | options)


class AsyncClient(httpx.AsyncClient):
    """The same for event loops."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**_OURS | options)


def request(verb: str, url: str, **options: Any) -> httpx.Response:
    """One request on a connection of its own."""
    return httpx.request(verb, url, **_OURS | options)


def says_ok(url: str) -> bool:
    """Whether somebody is there and says 200."""
    try:
        return get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def get(url: str, **options: Any) -> httpx.Response:
    """Read something."""
    return request("GET", url, **options)


def head(url: str, **options: Any) -> httpx.Response:
    """Learn what reading would give."""
    return request("HEAD", url, **options)


def post(url: str, **options: Any) -> httpx.Response:
    """Have something done."""
    return request("POST", url, **options)


def put(url: str, **options: Any) -> httpx.Response:
    """Leave something there."""
    return request("PUT", url, **options)
