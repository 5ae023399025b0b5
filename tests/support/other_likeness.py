"""Another installation of Likeness, as a program that keeps photos of ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Final

from likeness.app.service import Service
from likeness.model import ORIGINAL, Team, User
from likeness.targets.kind import Given
from likeness.targets.likeness import SCOPES
from support import web
from support.live import LiveServer
from support.programs import given_to

ADMIN: Final = "admin@elsewhere.example"

_numbers = count(1)


@asynccontextmanager
async def other_likeness(server: LiveServer) -> AsyncIterator["OtherLikeness"]:
    """A workspace of its own on a running server, with an administrator in it."""
    service = server.service()
    try:
        team = await service.people.add_team(f"Elsewhere {next(_numbers)}")
        await service.people.add_user(ADMIN, team.name)
        other = OtherLikeness(server, service, team)
        other.token = await other.new_token(SCOPES)
        yield other
    finally:
        await service.close()


@dataclass
class OtherLikeness:
    """The workspace; its people are looked after in this process."""

    server: LiveServer
    service: Service
    team: Team
    token: str = ""
    kind: str = "likeness"

    async def new_token(self, scopes: tuple[str, ...]) -> str:
        """A token of the administrator."""
        issued = await self.service.accounts.issue_token(ADMIN, scopes, None, self.team.name)
        return issued.secret.reveal()

    def given(self, credential: str | None = None) -> Given:
        """See Program."""
        return given_to(self.server.url, self.kind, credential or self.token)

    async def add(self, email: str) -> str:
        """See Program."""
        return (await self.service.people.add_user(email, self.team.name)).id

    async def deactivate(self, remote_id: str) -> None:
        """See Program."""
        email = (await self._user(remote_id)).email
        await self.service.people.deactivate(email, self.team.name)

    async def people(self) -> int:
        """See Program."""
        return len((await self.service.accounts.users(self.team.id, "", 1000)).users)

    async def state(self, remote_id: str) -> object:
        """See Program."""
        return await self.service.photos.history(await self._user(remote_id))

    async def shown(self, remote_id: str) -> bytes | str | None:
        """See Program."""
        user = await self._user(remote_id)
        if user.photo is None:
            return None
        return web.get(self.service.photos.url(user.photo, ORIGINAL)).content

    async def _user(self, remote_id: str) -> User:
        return await self.service.accounts.user(self.team.id, remote_id)
