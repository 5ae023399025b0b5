"""Programs that are told over HTTP: a server on loopback keeps each request and says its part."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from likeness.elsewhere import Target
from likeness.model import User
from likeness.outgoing import Outgoing
from likeness.targets.http import TIMEOUT_S, Http
from likeness.targets.kind import Given
from support.document_host import head_of
from support.rows import NOW

SECRETS = (b"n" * 32, b"o" * 32)


@dataclass(frozen=True)
class Request:
    """One that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ReceivingHost:
    """Keeps what it is sent; `answers` are used up one by one, the last again and again."""

    port: int = 0
    got: list[Request] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=lambda: [answer(200)])
    say: Callable[[Request, asyncio.StreamWriter], Awaitable[None]] | None = None
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        if task := asyncio.current_task():
            self.serving.add(task)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        fields = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)
        }
        method, path, _ = first.split(" ")
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        request = Request(method, path, fields, body)
        self.got.append(request)
        if self.say is not None:
            await self.say(request, writer)
        else:
            said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            writer.write(said)
        await writer.drain()


def answer(status: int, body: bytes = b"", **fields: str) -> bytes:
    """An answer as bytes."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return head_of(status, {"content-length": str(len(body)), **named}) + body


@asynccontextmanager
async def receiving_host() -> AsyncIterator[ReceivingHost]:
    """One that runs."""
    host = ReceivingHost()
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        for task in host.serving:
            task.cancel()
        await asyncio.gather(*host.serving, return_exceptions=True)


def http_to(url: str, timeout_s: float = TIMEOUT_S, **options: Any) -> Http:
    """A client that may ask loopback."""
    here = Outgoing(lambda address, _: address == "127.0.0.1")
    return Http(url, here, timeout_s=timeout_s, **options)


def given(url: str, kind: str = "webhook", **options: Any) -> Given:
    """What a target at that address is opened with."""
    return Given(
        target=Target("tg1", "hook", kind, url, NOW, options=options),
        http=http_to(url),
        credential=None,
        signing=SECRETS[:1],
        photo_url="https://photos.example.org",
        networks=(),
        slack_user=slack_user,
    )


def slack_user(user: User) -> dict[str, Any]:
    """A user as the Web API shows them, in short."""
    photo = user.photo.avatar_hash if user.photo else "g00000000000"
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted_at is not None,
        "profile": {"avatar_hash": photo, "email": user.email},
        "updated": int(user.updated_at.timestamp()),
    }
