"""A directory that speaks SCIM to a service in this process, as a bot with a token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from likeness.model import Team
from likeness.scopes import SCIM_SCOPE
from support.door import Door, door
from support.studio import Studio

CORE: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PUBLIC_URL: Final = "https://photos.example.com"


@dataclass(frozen=True)
class Directory:
    """The client, the service behind the door, and the bot's workspace."""

    client: httpx.AsyncClient
    door: Door
    token: str
    team: Team

    @property
    def work(self) -> Studio:
        """The service."""
        return self.door.work

    async def ask(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """The answer to a request below `/scim/v2`."""
        sent = token if token is not None else self.token
        said = {"Authorization": f"Bearer {sent}"} if sent else {}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://likeness.invalid/scim/v2{path}"
        if isinstance(body, bytes):
            return await self.client.request(method, url, content=body, headers=said)
        return await self.client.request(method, url, json=body, headers=said)

    async def add(self, user_name: str = "ada@example.org", **said: Any) -> dict[str, Any]:
        """Add somebody; gives the resource."""
        answer = await self.ask("POST", "/Users", person(user_name, **said))
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def get(self, user_id: str) -> dict[str, Any]:
        """Somebody as a resource."""
        body: dict[str, Any] = (await self.ask("GET", f"/Users/{user_id}")).json()
        return body

    async def patch(self, user_id: str, *operations: dict[str, Any]) -> httpx.Response:
        """Change somebody."""
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return await self.ask("PATCH", f"/Users/{user_id}", body)

    async def found(self, text: str) -> list[str]:
        """The user names of those who fit a filter."""
        answer = await self.client.get(
            "http://likeness.invalid/scim/v2/Users",
            params={"filter": text},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert answer.status_code == 200, answer.text
        return [each["userName"] for each in answer.json()["Resources"]]


def person(user_name: str = "ada@example.org", **said: Any) -> dict[str, Any]:
    """A resource as it is sent."""
    return {"schemas": [CORE], "userName": user_name, **said}


@asynccontextmanager
async def directory(data: Path, **settings: str) -> AsyncIterator[Directory]:
    """Open a service, and give a bot of it the token of a directory."""
    settings = {"public_url": PUBLIC_URL, **settings}
    async with door(data, **settings) as opened:
        people = opened.work.service.people
        bot = await people.add_user("directory@example.org", "Acme", is_bot=True)
        token = await opened.token(bot, SCIM_SCOPE)
        yield Directory(opened.client, opened, token, await people.team("Acme"))
