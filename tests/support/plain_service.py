"""A small application in a server process of its own: `python -m support.plain_service PLACE`.

It prints where it listens when it is ready. `/wait` is answered once a file `go` is in its folder,
anything else at once with the path; whether it drains is in the answer too.
"""

import asyncio
import sys
from pathlib import Path

from starlette.types import Receive, Scope, Send

from likeness.server.draining import Draining
from likeness.server.head import Fields
from likeness.server.listening import open_slots, place_of
from likeness.server.process import ServerProcess

TIMEOUT_S = 60.0


class PlainService:
    """The application."""

    def __init__(self, draining: Draining) -> None:
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start, end, or answer a request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["path"] == "/wait":
            while not Path("go").exists():  # noqa: ASYNC110 - Another process makes it.
                await asyncio.sleep(0.01)
        body = f"{scope['path']} {self._draining.has_begun}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    def at_hand(
        self, method: str, path: str, query: bytes, fields: Fields
    ) -> tuple[bytes, bytes] | None:
        """One answer is."""
        del method, query, fields
        is_here = path == "/avatar/at-hand"
        return (b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n", b"hand") if is_here else None

    async def _live(self, receive: Receive, send: Send) -> None:
        for step in ("startup", "shutdown"):
            await receive()
            if step == "shutdown":
                Path("ended").touch()
            await send({"type": f"lifespan.{step}.complete"})


def main() -> None:
    """Serve until told to stop."""
    [sockets] = open_slots(sys.argv[1], 0, 1)
    ServerProcess(
        PlainService,
        sockets,
        connections_max=100,
        timeout_s=TIMEOUT_S,
        ready=lambda: print(place_of(sockets[0]), flush=True),  # noqa: T201 - For who started it.
    ).run()


if __name__ == "__main__":
    main()
