"""Use case: manage workspaces, people and bots, and the addresses that lead to them.

What operators do: each method finds a user by address, and raises Mistake where that is none. `by`
is who does it, and stands in the log.
"""

import secrets
import shlex
import string
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from likeness.db import Database
from likeness.email_address import normal_email
from likeness.errors import Mistake
from likeness.events import OPERATOR, Actor
from likeness.identities import SUBJECT_LENGTH_MAX, Identity, is_subject, oidc_source
from likeness.model import Address, Team, User
from likeness.names import NAME_LENGTH_MAX, domain_of, is_alike, kept_name, printable
from likeness.threads import in_thread

_ID_LETTERS: Final = string.ascii_uppercase + string.digits
_ID_LENGTH: Final = 10
"""36^10 ids: after a million people the next one collides with a chance of 3 in 10^10."""

REASON_LENGTH_MAX: Final = 300
"""Characters of the reason for a lock: two sentences, which the page shows whole."""


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

        One that was removed has to be named. Raises Mistake when none fits, or more than one.
        """
        teams = await self.teams()
        active = [team for team in teams if team.deleted_at is None]
        fitting = [team for team in teams if workspace in {team.id, team.name, team.domain}]
        fitting = fitting if workspace else active
        if len(fitting) == 1:
            return fitting[0]
        if not active:
            raise Mistake("there is no workspace yet; add one with `likeness workspace add`")
        names = ", ".join(team.name for team in active)
        raise Mistake(f"say which workspace with --workspace; there are: {names}")

    async def add_team(self, name: str, by: Actor = OPERATOR) -> Team:
        """Add a workspace. Raises Mistake when the name is empty, too long or taken."""
        name = await self._free_name(name)
        team_id = new_id("T")
        team = Team(team_id, name, domain_of(name) or team_id.lower(), self._clock())
        await in_thread(self._database.add_team, team, by)
        return team

    async def rename_team(self, workspace: str, name: str, by: Actor = OPERATOR) -> Team:
        """Give a workspace another name, and a domain made of it. Raises Mistake as `add_team`."""
        team = await self.team(workspace)
        name = await self._free_name(name, team.id)
        renamed = replace(team, name=name, domain=domain_of(name) or team.id.lower())
        await in_thread(self._database.rename_team, renamed, self._clock(), by)
        return renamed

    async def _free_name(self, text: str, team_id: str = "") -> str:
        """A name as it is kept, if no other workspace has one that people take for it.

        Domains tell that of names in Latin script alone. Raises Mistake.
        """
        name = _team_name(text)
        for team in await self.teams():
            if team.id != team_id and is_alike(team.name, name):
                raise Mistake(f"there is a workspace {team.name!r} ({team.domain}) already")
        return name

    async def remove_team(self, workspace: str, again: str, by: Actor = OPERATOR) -> Team:
        """End a workspace for good: nobody of it can sign in or is shown by their address.

        `again` is its name once more. Raises Mistake when it is not, or when there is none.
        """
        team = await self.team(workspace)
        if printable(again) != team.name:
            raise Mistake(
                f"this ends the workspace {team.name!r} with everybody in it, for good; say "
                f"--yes {shlex.quote(team.name)} if that is what you want"
            )
        now = self._clock()
        await in_thread(self._database.deactivate_team, team.id, now, by)
        return replace(team, deleted_at=now)

    async def add_user(
        self,
        email: str,
        workspace: str = "",
        *,
        name: str = "",
        is_bot: bool = False,
        succeeds: bool = False,
        by: Actor = OPERATOR,
    ) -> User:
        """Add a person or a bot. `workspace` may be left out when there is only one.

        Who `succeeds` takes the address from somebody who was deactivated, see `leaver`. Raises
        Mistake for a text that is no address, for the address of another user there, and in a
        workspace that was removed.
        """
        address, team = normal_email(email), await self.team(workspace)
        if team.deleted_at is not None:
            raise Mistake(f"the workspace {team.name!r} was removed; nobody can be added to it")
        local = address.partition("@")[0]
        now = self._clock()
        user = User(
            id=new_id("U"),
            team_id=team.id,
            email=address,
            name=local,
            real_name=kept_name(name) or local,
            is_bot=is_bot,
            bot_id=new_id("B") if is_bot else None,
            created_at=now,
            updated_at=now,
        )
        add = partial(self._database.add_user, succeeds=succeeds)
        await in_thread(add, user, email.strip(), by)
        return user

    async def leaver(self, email: str, workspace: str = "", successor: str = "") -> User | None:
        """Somebody deactivated who has this address still, of whom a successor would take it.

        A `successor` who is here already is named by their address.
        """
        if successor:
            heir = await self.find(successor, workspace)
            team_id, heir_id = heir.team_id, heir.id
        else:
            team_id, heir_id = (await self.team(workspace)).id, ""
        owner = await in_thread(self._database.user_by_address, team_id, normal_email(email))
        return owner if owner and owner.deleted_at and owner.id != heir_id else None

    async def addresses(self, email: str, workspace: str = "") -> list[Address]:
        """Every address of somebody, their first one first. Raises Mistake as `find` does."""
        user = await self.find(email, workspace)
        oldest_first = await in_thread(self._database.addresses, user.id)
        return sorted(oldest_first, key=lambda each: each.email != user.email)

    async def add_address(
        self,
        email: str,
        another: str,
        workspace: str = "",
        *,
        succeeds: bool = False,
        by: Actor = OPERATOR,
    ) -> Address:
        """Let somebody be found by one more address, which you have made sure is theirs.

        Raises Mistake when it is no address, or somebody's in that workspace already. `succeeds`
        is as in `add_user`.
        """
        user, normal = await self.find(email, workspace), normal_email(another)
        address = Address(user.team_id, user.id, normal, another.strip(), self._clock())
        add = partial(self._database.add_address, succeeds=succeeds)
        await in_thread(add, address, by)
        return address

    async def remove_address(
        self, email: str, another: str, workspace: str = "", by: Actor = OPERATOR
    ) -> Address:
        """Take one of somebody's further addresses away. Raises Mistake when it is not theirs."""
        user, normal = await self.find(email, workspace), normal_email(another)
        if normal == user.email:
            raise Mistake(
                f"{normal} is who they are; only further addresses can be removed, and "
                "`likeness user email` makes another one the first"
            )
        theirs = await in_thread(self._database.addresses, user.id)
        address = next((each for each in theirs if each.email == normal), None)
        if address is None:
            raise Mistake(f"{normal} is no address of {user.email}")
        await in_thread(self._database.remove_address, address, self._clock(), by)
        return address

    async def change_email(
        self,
        email: str,
        another: str,
        workspace: str = "",
        *,
        forgets: bool = False,
        succeeds: bool = False,
        by: Actor = OPERATOR,
    ) -> User:
        """Make another address somebody's first one; theirs of before stays a further one.

        It ends for who `forgets` it. Raises Mistake as `add_address` does.
        """
        user, normal = await self.find(email, workspace), normal_email(another)
        if normal == user.email:
            raise Mistake(f"{normal} is their first address already")
        address = Address(user.team_id, user.id, normal, another.strip(), self._clock())
        change = partial(self._database.change_email, forgets=forgets, succeeds=succeeds)
        await in_thread(change, user, address, by)
        return await self._again(user)

    async def rename(
        self, email: str, name: str, workspace: str = "", by: Actor = OPERATOR
    ) -> User:
        """Give somebody another full name. Raises Mistake for one without anything to see."""
        user, real_name = await self.find(email, workspace), kept_name(name)
        if not real_name:
            raise Mistake(f"{name!r} is no name: it has nothing that can be seen")
        await in_thread(self._database.rename_user, user.id, real_name, self._clock(), by)
        return await self._again(user)

    async def set_listed(
        self, email: str, workspace: str = "", *, is_listed: bool, by: Actor = OPERATOR
    ) -> User:
        """Let somebody be found by the hashes of their addresses, or by none of them."""
        user = await self.find(email, workspace)
        change = partial(self._database.set_listed, is_listed=is_listed)
        await in_thread(change, user.id, self._clock(), by)
        return replace(user, is_listed=is_listed)

    async def set_admin(
        self, email: str, workspace: str = "", *, is_admin: bool, by: Actor = OPERATOR
    ) -> User:
        """Let somebody administer their workspace, or no longer.

        In that case every token of theirs that may write other people's photos ends at once.
        """
        user = await self.find(email, workspace)
        if user.is_bot:
            raise Mistake(f"{user.email} is a bot; only people administer a workspace")
        change = partial(self._database.set_admin, is_admin=is_admin)
        await in_thread(change, user.id, self._clock(), by)
        return await self._again(user)

    async def lock(
        self, email: str, reason: str, workspace: str = "", by: Actor = OPERATOR
    ) -> User:
        """Let only administrators decide on somebody's photo. The person is told the reason.

        Raises Mistake for a reason that is empty or longer than REASON_LENGTH_MAX.
        """
        user, said = await self.find(email, workspace), printable(reason)
        if not said or len(said) > REASON_LENGTH_MAX:
            raise Mistake(
                "say in one sentence why, since the person is told; it has "
                f"{len(said)} characters, of at most {REASON_LENGTH_MAX}"
            )
        await in_thread(self._database.set_lock, user.id, said, self._clock(), by)
        return replace(user, lock_reason=said)

    async def unlock(self, email: str, workspace: str = "", by: Actor = OPERATOR) -> User:
        """Let somebody decide on their own photo again."""
        user = await self.find(email, workspace)
        if user.lock_reason is not None:
            await in_thread(self._database.set_lock, user.id, None, self._clock(), by)
        return replace(user, lock_reason=None)

    async def bind(
        self, email: str, issuer: str, subject: str, workspace: str = "", by: Actor = OPERATOR
    ) -> Identity:
        """Let a subject of a provider be somebody, who needs no verified address then.

        Raises Mistake for a text that is no subject, for one that is somebody else's, and for
        somebody who is bound to another one.
        """
        user, now = await self.find_active(email, workspace), self._clock()
        if not is_subject(subject):
            raise Mistake(f"{subject!r} is no subject; it has 1 to {SUBJECT_LENGTH_MAX} characters")
        wanted = Identity(user.team_id, oidc_source(issuer), subject, user.id, now, now, user.email)
        kept = await in_thread(self._database.bind, wanted, by)
        if kept.user_id != user.id:
            raise Mistake(f"{subject} is bound to {kept.user_id}; `likeness user unbind` ends that")
        if kept.external_id != subject:
            raise Mistake(
                f"{user.email} is bound to {kept.external_id}; `likeness user unbind` ends that"
            )
        return kept

    async def unbind(
        self,
        email: str,
        workspace: str = "",
        *,
        from_directory: bool = False,
        by: Actor = OPERATOR,
    ) -> int:
        """Let the next subject of a provider that comes with an address of somebody be theirs.

        With `from_directory` the next id that a directory has for them. Gives how many were bound
        to them until now.
        """
        user, now = await self.find(email, workspace), self._clock()
        unbind = partial(self._database.unbind, from_directory=from_directory)
        return await in_thread(unbind, user.id, now, by)

    async def unbind_all(self, workspace: str = "", by: Actor = OPERATOR) -> int:
        """Do as `unbind` does for everybody of a workspace. Raises Mistake as `team` does."""
        team = await self.team(workspace)
        return await in_thread(self._database.unbind_team, team.id, self._clock(), by)

    async def find(self, email: str, workspace: str = "") -> User:
        """Somebody by address. Raises Mistake when nobody has it, or several in as many teams.

        Those whose first address it is are found before those who have it as a further one.
        Without a `workspace`, people of those that were removed are found only if nobody else is.
        """
        team_id = (await self.team(workspace)).id if workspace else None
        users, address = await self._whose(email, team_id), email.strip()
        if len(users) > 1:
            users = await self._of_active_teams(users) or users
        if not users:
            raise Mistake(
                f"nobody has the address {address}; `likeness user list --all` shows everybody, "
                "and `likeness user add` adds somebody"
            )
        if len(users) > 1:
            raise Mistake(f"{address} is in {len(users)} workspaces; say which with --workspace")
        return users[0]

    async def find_active(self, email: str, workspace: str = "") -> User:
        """Somebody who may be given access. Raises Mistake also for who left, or their team did."""
        user = await self.find(email, workspace)
        if user.deleted_at is not None:
            raise Mistake(
                f"{user.email} is deactivated since {user.deleted_at:%Y-%m-%d}, and only active "
                "people get in; have them back with `likeness user reactivate`"
            )
        if not await self._of_active_teams([user]):
            raise Mistake(f"the workspace of {user.email} was removed")
        return user

    async def deactivate(self, email: str, workspace: str = "", by: Actor = OPERATOR) -> User:
        """End somebody's account, and with it tokens, sessions, links and prepared pictures."""
        user = await self.find(email, workspace)
        await in_thread(self._database.deactivate_user, user.id, self._clock(), by)
        return await self._again(user)

    async def reactivate(self, email: str, workspace: str = "", by: Actor = OPERATOR) -> User:
        """Let somebody be here again who was deactivated; tokens and sessions stay ended."""
        user = await self.find(email, workspace)
        await in_thread(self._database.reactivate_user, user.id, self._clock(), by)
        return await self._again(user)

    async def addressed(self, email: str, team_id: str | None) -> list[User]:
        """All users with this address as it is kept, in one workspace or all; also deactivated."""
        return await in_thread(self._database.users_by_email, email, team_id)

    async def _whose(self, email: str, team_id: str | None) -> list[User]:
        """The users who have an address, in one workspace or all.

        One that is kept in the very form that was typed is found first: that is how somebody is
        reached whose address older versions kept in a form that is not the normal one.
        """
        if users := await self.addressed(email.strip(), team_id):
            return users
        normal = normal_email(email)
        if users := await self.addressed(normal, team_id):
            return users
        teams = [team_id] if team_id else [team.id for team in await self.teams()]
        return await in_thread(self._database.users_by_address, normal, teams)

    async def _again(self, user: User) -> User:
        """A user as they are kept now."""
        return await in_thread(self._database.user, user.team_id, user.id) or user

    async def _of_active_teams(self, users: list[User]) -> list[User]:
        active = {team.id for team in await self.teams() if team.deleted_at is None}
        return [user for user in users if user.team_id in active]


def _team_name(text: str) -> str:
    """The name of a workspace as it is kept. Raises Mistake for one that says nothing."""
    name = printable(text)
    if not any(map(str.isalnum, name)) or len(name) > NAME_LENGTH_MAX:
        raise Mistake(f"{name!r} is no name for a workspace: it needs letters or digits")
    return name


def new_id(prefix: str) -> str:
    """An id in Slack's shape: a letter for its kind, then capitals and digits."""
    return prefix + "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))
