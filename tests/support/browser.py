"""Somebody at the page: cookies, forms and buttons, without a socket and without scripts."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Final

import httpx

from likeness.app.web import build
from likeness.model import User
from support.studio import Studio, studio

HOME: Final = "http://likeness.invalid"
ADDRESS: Final = "192.0.2.7"
"""Where visitors come from, unless a test says it."""

MINUTE: Final = timedelta(minutes=1)


@dataclass
class Visitor:
    """A browser at the page of a service, which sends forms as our own pages do."""

    client: httpx.AsyncClient
    work: Studio
    headers: dict[str, str] = field(default_factory=lambda: {"Origin": HOME})

    async def link(self, user: User | None = None, lifetime: timedelta = MINUTE) -> str:
        """The code of a fresh link; Ada's unless it is said whose."""
        sessions = self.work.service.sessions
        issued = await sessions.issue_link((user or self.work.ada).email, lifetime)
        return issued.code.reveal()

    async def sign_in(self, user: User | None = None) -> None:
        """Come in by a fresh link."""
        answer = await self.post("/sign-in", code=await self.link(user))
        assert answer.status_code == 303, answer.text

    async def administer(self) -> str:
        """Ada comes in as an administrator; what her forms are signed with."""
        await self.work.service.people.set_admin(self.work.ada.email, is_admin=True)
        await self.sign_in()
        return await self.token()

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path)

    async def post(
        self, path: str, image: bytes | None = None, **fields: str | bytes
    ) -> httpx.Response:
        """Send a form, one with a file by multipart."""
        files = None if image is None else {"image": ("me.jpg", image)}
        return await self.client.post(path, data=fields, files=files, headers=self.headers)

    async def change(self, image: bytes | None = None, **fields: str) -> httpx.Response:
        """Send the form of the page as it was just opened."""
        return await self.post("/", image, token=await self.token(), **fields)

    async def token(self) -> str:
        """What the page's form is signed with."""
        return field_of((await self.get("/")).text, "token")

    @property
    def cookies(self) -> dict[str, str]:
        """What the browser keeps."""
        return dict(self.client.cookies)


def field_of(page: str, name: str) -> str:
    """The value of a hidden field. Fails when the page has no such field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return unescape(found[1])


@asynccontextmanager
async def visitor(
    data: Path, *, address: str = ADDRESS, home: str = HOME, **settings: str
) -> AsyncIterator[Visitor]:
    """Open a service as `studio` does, and somebody's browser at its page."""
    async with studio(data, **{"public_url": home, **settings}) as work:
        transport = httpx.ASGITransport(build(work.service), client=(address, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=home) as client:
            yield Visitor(client, work, {"Origin": home})
