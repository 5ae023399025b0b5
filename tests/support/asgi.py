"""Requests without a socket: a stream of body chunks as an ASGI server hands them over."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import anyio
import anyio.lowlevel
from starlette.requests import Request

STALL: Final = object()
"""In place of a chunk: the sender falls silent for good."""

GONE: Final = object()
"""In place of a chunk: the sender closes the connection."""


async def until(is_so: Callable[[], bool]) -> None:
    """Let others run until it is so."""
    while not is_so():
        await anyio.lowlevel.checkpoint()


class Body:
    """What a sender sends, piece by piece; `left` is what nobody has asked for."""

    def __init__(self, pieces: Sequence[bytes | object]) -> None:
        self.left = list(pieces)

    async def receive(self) -> dict[str, Any]:
        """The next ASGI message."""
        piece = self.left.pop(0) if self.left else b""
        if piece is STALL:
            await anyio.sleep_forever()
        if piece is GONE:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(self.left)}


def asgi_request(
    *pieces: bytes | object, verb: str = "POST", query: str = "", address: str = "", **headers: str
) -> tuple[Request, Body]:
    """A request and its body; `_` in the names of headers stands for `-`.

    Without an address the server does not say where it comes from, as with a Unix socket.
    """
    body = Body(pieces)
    raw = [(n.replace("_", "-").lower().encode(), v.encode("latin-1")) for n, v in headers.items()]
    scope = {
        "type": "http",
        "method": verb,
        "path": "/api/x",
        "query_string": query.encode(),
        "headers": raw,
        "client": (address, 50_000) if address else None,
    }
    return Request(scope, body.receive), body
