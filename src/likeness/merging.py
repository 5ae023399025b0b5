"""Use case: merge two users that are one person, as after a change of name or company."""

from collections.abc import Callable
from datetime import datetime

from likeness.db import Database
from likeness.errors import Mistake
from likeness.events import Actor
from likeness.model import User
from likeness.people import People
from likeness.threads import in_thread


class Merging:
    """Makes two users of one workspace one."""

    def __init__(self, database: Database, people: People, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._people = people
        self._clock = clock

    async def merge(self, gone: str, kept: str, by: Actor, workspace: str = "") -> User:
        """Give all that the user with the address `gone` has to the one with `kept`; gives that.

        The row of `gone` ends: a row without an address could be reached by nobody, and nothing is
        lost with it, since the log, the photos and the names at providers now say `kept`.
        `db.merge_users` says whose photo is shown.

        Raises Mistake where they are the same user, of two workspaces, a person and a bot, or where
        an active user would end in a deactivated one.
        """
        first = await self._people.find(gone, workspace)
        second = await self._people.find(kept, workspace)
        _check(first, second)
        merge = self._database.merge_users
        await in_thread(merge, first.id, second.id, self._clock(), by)
        return await self._people.find(second.email, second.team_id)


def _check(gone: User, kept: User) -> None:
    if gone.id == kept.id:
        raise Mistake(f"{gone.email} and {kept.email} are the same user already")
    if gone.team_id != kept.team_id:
        raise Mistake(
            f"{gone.email} and {kept.email} are in two workspaces, which share nothing; nothing "
            "was changed"
        )
    if gone.is_bot is not kept.is_bot:
        raise Mistake("one of them is a bot and the other a person; nothing was changed")
    if kept.deleted_at and not gone.deleted_at:
        raise Mistake(
            f"{kept.email} is deactivated, so that nobody would find {gone.email} any more; merge "
            "them the other way round"
        )
