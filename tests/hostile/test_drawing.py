"""Floods of drawn pictures, each of another hash: photos of people and others' pictures go on."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import httpx
import pytest

from support import web
from support.live import LiveServer, add_person
from support.patience import until
from support.pictures import jpeg, opened

CONNECTIONS: Final = 64
ADDRESS: Final = "ada@example.org"
DEAREST: Final = "webp?d=robohash&s=2048"
"""What took most CPU of all that is drawn: 0.6 s, while all views and drawings had one line."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with somebody who has a photo."""
    with LiveServer(tmp_path_factory.mktemp("drawn") / "data") as live:
        token = add_person(live, ADDRESS).token
        reply = web.post(
            f"{live.api}users.setPhoto",
            files={"image": jpeg(600, 600)},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert reply.json()["ok"]
        yield live


@dataclass
class Flood:
    """Requests for drawn pictures on every connection; `drawn` were made, `plain` stood in."""

    client: httpx.AsyncClient
    sent: int = 0
    drawn: int = 0
    plain: int = 0
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def begins(self) -> None:
        """All connections have asked, and the first picture is there."""
        self._tasks = [asyncio.create_task(self._asks()) for _ in range(CONNECTIONS)]
        await until(lambda: self.sent > CONNECTIONS and self.drawn)

    async def ends(self) -> None:
        """Nobody asks any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _asks(self) -> None:
        while True:
            self.sent += 1
            reply = await self.client.get(f"/avatar/{secrets.token_hex(16)}.{DEAREST}")
            assert reply.status_code == httpx.codes.OK
            is_drawn = reply.headers["content-type"] == "image/webp"
            self.drawn, self.plain = self.drawn + is_drawn, self.plain + (not is_drawn)


@asynccontextmanager
async def flooded(server: LiveServer) -> AsyncIterator[tuple[Flood, httpx.AsyncClient]]:
    """A server that draws all the time, and another client of it."""
    connections = httpx.Limits(max_connections=CONNECTIONS)
    async with (
        web.AsyncClient(base_url=server.url, limits=connections) as many,
        web.AsyncClient(base_url=server.url) as one,
    ):
        flood = Flood(many)
        await flood.begins()
        try:
            yield flood, one
        finally:
            await flood.ends()


@pytest.mark.anyio
async def test_a_photo_is_scaled_before_what_is_drawn(server: LiveServer) -> None:
    """It is there, in its size, while half of those that were asked for before it still wait."""
    path = f"/avatar/{sha256(ADDRESS.encode()).hexdigest()}"
    async with flooded(server) as (flood, client):
        for side in (81, 82):
            before = flood.drawn
            reply = await client.get(f"{path}?s={side}")

            assert opened(reply.content).size == (side, side)
            assert flood.drawn - before < CONNECTIONS // 2


@pytest.mark.anyio
async def test_nobodys_picture_waits_behind_a_crowd(server: LiveServer) -> None:
    """It is drawn when it is its turn, or something plain stands in; neither is an error."""
    async with flooded(server) as (flood, client):
        before = flood.drawn
        reply = await client.get(f"/avatar/{'0f' * 16}?d=identicon&s=40")

        assert reply.status_code == httpx.codes.OK
        assert opened(reply.content).size == (40, 40)
        assert flood.drawn - before < CONNECTIONS // 2


@pytest.mark.anyio
async def test_a_plain_picture_stands_in_for_a_minute_only(server: LiveServer) -> None:
    """Caches ask again soon for what was not drawn; what costs nothing is never refused."""
    async with flooded(server) as (_, client):
        replies = [await client.get(f"/avatar/{n:032x}?d=monsterid&s=1000") for n in range(9)]
        colour = await client.get(f"/avatar/{'0f' * 16}?d=color&s=2048")

    lives = {reply.headers["cache-control"].split(",")[1].strip() for reply in replies}
    assert lives <= {"max-age=60", "max-age=300"}
    assert "max-age=300" in colour.headers["cache-control"]
    assert opened(colour.content).size == (2048, 2048)
