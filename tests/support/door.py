"""The Web API of a whole service in this process, called without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from likeness.app.web import build
from likeness.model import User
from likeness.scopes import ADMIN_SCOPE, SCIM_SCOPE, SCOPES
from support.studio import Studio, studio

EVERY_SCOPE = ",".join(scope for scope in SCOPES if scope not in {ADMIN_SCOPE, SCIM_SCOPE})


@dataclass(frozen=True)
class Door:
    """A client of `/api/`, and the service behind it."""

    client: httpx.AsyncClient
    work: Studio

    async def token(self, user: User, scopes: str = EVERY_SCOPE) -> str:
        """A new token of somebody's, as text."""
        named = tuple(scopes.split(",")) if scopes else ()
        issued = await self.work.service.accounts.issue_token_for(user, named, None)
        return issued.secret.reveal()

    async def call(
        self, method: str, token: str = "", image: bytes | None = None, **values: str
    ) -> dict[str, Any]:
        """The body of the answer to a POST."""
        files = {} if image is None else {"image": ("me", image)}
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.client.post(method, data=values, files=files, headers=headers)
        body: dict[str, Any] = answer.json()
        return body


@asynccontextmanager
async def door(data: Path, **settings: str) -> AsyncIterator[Door]:
    """Open a service as `studio` does, and the door to it."""
    async with studio(data, **settings) as work:
        transport = httpx.ASGITransport(build(work.service))
        address = "http://likeness.invalid/api/"
        async with httpx.AsyncClient(transport=transport, base_url=address) as client:
            yield Door(client, work)
