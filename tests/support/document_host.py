"""Somebody else's web server on loopback, by real TLS, that says what a test has it say."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

Say = Callable[[asyncio.StreamWriter], Awaitable[None]]

_HEAD_MAX = 2**16


@dataclass
class DocumentHost:
    """Answers each path of `says`, and any other with 404. `asked` has the head of each request."""

    port: int
    says: dict[str, Say] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    serving: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    def answer(
        self,
        path: str,
        body: bytes = b"",
        kind: str = "image/jpeg",
        status: int = 200,
        **fields: str,
    ) -> None:
        """Answer a path so from now on; further headers have `_` in place of `-`."""
        lengths = {"content-type": kind, "content-length": str(len(body))}
        named = {name.replace("_", "-"): value for name, value in fields.items()}

        async def say(writer: asyncio.StreamWriter) -> None:
            writer.write(head_of(status, lengths | named) + body)
            await writer.drain()

        self.says[path] = say

    def asked_for(self, path: str) -> list[str]:
        """The heads of requests for a path."""
        return [head for head in self.asked if head.split(" ")[1] == path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one answer. The client may go at any time."""
        task = asyncio.current_task()
        assert task
        self.serving[task] = writer
        with closing(writer), suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked.append(head)
            say = self.says.get(head.split(" ")[1])
            if say is None:
                writer.write(head_of(404, {"content-length": "0"}))
            else:
                await say(writer)
            await writer.drain()

    async def end(self) -> None:
        """End all connections; what nobody ends is found in a later test, which fails for it."""
        for task, writer in self.serving.items():
            task.cancel()
            # By TLS a farewell is waited for, which may never come.
            writer.transport.abort()
        await asyncio.gather(*self.serving, return_exceptions=True)
        # The loop closes in its next round what was aborted in this one.
        await asyncio.sleep(0)


def head_of(status: int, fields: dict[str, str]) -> bytes:
    """The head of an answer."""
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@asynccontextmanager
async def document_host(
    tls: ssl.SSLContext | None = None, address: str = "127.0.0.1"
) -> AsyncIterator[DocumentHost]:
    """A running server on a free port, by TLS where there is a context for it."""
    host = DocumentHost(0)
    server = await asyncio.start_server(host.serve, address, 0, ssl=tls, limit=_HEAD_MAX)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        await host.end()
