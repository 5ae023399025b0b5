"""Use case: who there is. Workspaces, people and bots, and the addresses that lead to them.

What operators do: each method finds a user by address, and raises Mistake where that is none.
"""

import re
import secrets
import string
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from likeness.db import Database
from likeness.email_address import normal_email
from likeness.errors import Mistake
from likeness.events import OPERATOR
from likeness.model import Address, Team, User
from likeness.threads import in_thread

_ID_LETTERS: Final = string.ascii_uppercase + string.digits
_ID_LENGTH: Final = 10
"""36^10 ids: after a million people the next one collides with a chance of 3 in 10^10."""

_NAME_LENGTH_MAX: Final = 200


class People:
    """Workspaces, the people and bots in them, and their addresses."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def teams(self) -> list[Team]:
        """Every workspace."""
        return await in_thread(self._database.teams)

    async def team(self, workspace: str = "") -> Team:
        """The workspace of that name, domain or id; the only one there is when none is named.

        Raises Mistake when there is none, or more than one.
        """
        teams = await self.teams()
        fitting = [team for team in teams if workspace in {"", team.id, team.name, team.domain}]
        if len(fitting) == 1:
            return fitting[0]
        if not teams:
            raise Mistake("there is no workspace yet; add one with `likeness workspace add`")
        names = ", ".join(team.name for team in teams)
        raise Mistake(f"say which workspace with --workspace; there are: {names}")

    async def add_team(self, name: str) -> Team:
        """Add a workspace. Raises Mistake when the name is empty, too long or taken."""
        name = name.strip()
        domain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        if not domain or len(name) > _NAME_LENGTH_MAX:
            raise Mistake(f"{name!r} is no name for a workspace: it needs letters or digits")
        team = Team(_new_id("T"), name, domain, self._clock())
        await in_thread(self._database.add_team, team)
        return team

    async def add_user(
        self, email: str, workspace: str = "", *, name: str = "", is_bot: bool = False
    ) -> User:
        """Add a person or a bot. `workspace` may be left out when there is only one.

        Raises Mistake for a text that is no address, and for the address of another user there.
        """
        address, team = normal_email(email), await self.team(workspace)
        local = address.partition("@")[0]
        now = self._clock()
        user = User(
            id=_new_id("U"),
            team_id=team.id,
            email=address,
            name=local,
            real_name=name.strip()[:_NAME_LENGTH_MAX] or local,
            is_bot=is_bot,
            bot_id=_new_id("B") if is_bot else None,
            created_at=now,
            updated_at=now,
        )
        await in_thread(self._database.add_user, user, email.strip())
        return user

    async def addresses(self, email: str, workspace: str = "") -> list[Address]:
        """Every address of somebody, the first one first. Raises Mistake as `find` does."""
        user = await self.find(email, workspace)
        return await in_thread(self._database.addresses, user.id)

    async def add_address(self, email: str, another: str, workspace: str = "") -> Address:
        """Let somebody be found by one more address, which you have made sure is theirs.

        Raises Mistake when it is no address, or somebody's in that workspace already.
        """
        user, normal = await self.find(email, workspace), normal_email(another)
        address = Address(user.team_id, user.id, normal, another.strip(), self._clock())
        await in_thread(self._database.add_address, address)
        return address

    async def remove_address(self, email: str, another: str, workspace: str = "") -> Address:
        """Take one of somebody's further addresses away. Raises Mistake when it is not theirs."""
        user, normal = await self.find(email, workspace), normal_email(another)
        if normal == user.email:
            raise Mistake(f"{normal} is who they are; only further addresses can be removed")
        theirs = await in_thread(self._database.addresses, user.id)
        address = next((each for each in theirs if each.email == normal), None)
        if address is None:
            raise Mistake(f"{normal} is no address of {user.email}")
        await in_thread(self._database.remove_address, address)
        return address

    async def set_listed(self, email: str, workspace: str = "", *, is_listed: bool) -> User:
        """Let somebody be found by the hashes of their addresses, or by none of them."""
        user = await self.find(email, workspace)
        await in_thread(self._database.set_listed, user.id, is_listed=is_listed)
        return replace(user, is_listed=is_listed)

    async def set_admin(self, email: str, workspace: str = "", *, is_admin: bool) -> User:
        """Let somebody administer their workspace, or no longer.

        In that case every token of theirs that may write other people's photos ends at once.
        """
        user = await self.find(email, workspace)
        if user.is_bot:
            raise Mistake(f"{user.email} is a bot; only people administer a workspace")
        now = self._clock()
        await in_thread(self._database.set_admin, user.id, now, is_admin=is_admin)
        source = OPERATOR.source if is_admin else None
        return replace(user, is_admin=is_admin, admin_source=source)

    async def unbind(self, email: str, workspace: str = "") -> int:
        """Let the next subject of a provider that comes with an address of somebody be theirs.

        Gives how many subjects were bound to them until now.
        """
        user = await self.find(email, workspace)
        return await in_thread(self._database.unbind, user.id, self._clock(), OPERATOR)

    async def unbind_all(self, workspace: str = "") -> int:
        """Do as `unbind` does for everybody of a workspace. Raises Mistake as `team` does."""
        team = await self.team(workspace)
        return await in_thread(self._database.unbind_team, team.id, self._clock(), OPERATOR)

    async def find(self, email: str, workspace: str = "") -> User:
        """Somebody by address. Raises Mistake when nobody has it, or several in as many teams.

        One that is kept in the very form that was typed is found first: that is how somebody is
        reached whose address older versions kept in a form that is not the normal one.
        """
        team_id = (await self.team(workspace)).id if workspace else None
        address = email.strip()
        users = await self.addressed(address, team_id)
        users = users or await self.addressed(normal_email(email), team_id)
        if not users:
            raise Mistake(f"nobody has the address {address}; add them with `likeness user add`")
        if len(users) > 1:
            raise Mistake(f"{address} is in {len(users)} workspaces; say which with --workspace")
        return users[0]

    async def deactivate(self, email: str, workspace: str = "") -> User:
        """End somebody's account, and with it tokens, sessions, links and prepared pictures."""
        user = await self.find(email, workspace)
        await in_thread(self._database.deactivate_user, user.id, self._clock())
        return await self.find(email, workspace)

    async def addressed(self, email: str, team_id: str | None) -> list[User]:
        """All users with this address as it is kept, in one workspace or all; also deactivated."""
        return await in_thread(self._database.users_by_email, email, team_id)


def _new_id(prefix: str) -> str:
    """An id in Slack's shape: a letter for its kind, then capitals and digits."""
    return prefix + "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))
