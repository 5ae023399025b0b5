"""Use case: look after people. Who there is, all that is known of one, and the log about them.

What administrators read; `people.py` has what they change.
"""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from likeness.db import Database, Which
from likeness.events import Event
from likeness.identities import Identity
from likeness.model import Address, Team, Token, User
from likeness.people import People
from likeness.threads import in_thread

__all__ = ["Entry", "Profile", "Roster", "Which"]

PAGE: Final = 1000
"""People that are read at once: few enough to hold in memory, enough that pages cost little."""

_ID: Final = re.compile(r"[UT][0-9A-Z]{10}")


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is known of somebody. `tokens` are those that are valid, sessions among them."""

    user: User
    team: Team
    addresses: list[Address]
    tokens: list[Token]
    identities: list[Identity]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the log for people to read.

    `actor` and `owner` are first addresses, or the name of a workspace; ids where nobody has one.
    """

    event: Event
    actor: str
    owner: str


class Roster:
    """Reads what administrators ask about people."""

    def __init__(self, database: Database, people: People, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._people = people
        self._clock = clock

    async def pages(self, which: Which) -> AsyncIterator[list[User]]:
        """All people who are meant, in the order of their addresses, page by page."""
        last = None
        while page := await in_thread(self._database.roster_page, which, last, PAGE):
            yield page
            last = page[-1]

    async def profile(self, email: str, workspace: str = "") -> Profile:
        """All that is known of somebody. Raises Mistake as `People.find` does."""
        user = await self._people.find(email, workspace)
        tokens, now = await in_thread(self._database.tokens_of, user.id), self._clock()
        return Profile(
            user,
            await self._people.team(user.team_id),
            await in_thread(self._database.addresses, user.id),
            [token for token in tokens if _is_valid(token, now)],
            await in_thread(self._database.identities_of, user.id),
        )

    async def log(
        self, about: str = "", workspace: str = "", *, before_id: int | None = None, limit: int
    ) -> list[Entry]:
        """At most `limit` entries, newest first: about somebody, a workspace, or everything.

        `about` is an address, or an id, which outlives those who were erased. Raises Mistake as
        `People.find` and `People.team` do.
        """
        if _ID.fullmatch(about):
            chosen = {"user_id": about}
        elif about:
            chosen = {"user_id": (await self._people.find(about, workspace)).id}
        else:
            chosen = {"team_id": (await self._people.team(workspace)).id} if workspace else {}
        events = await in_thread(self._events, chosen, before_id, limit)
        ids = {event.actor for event in events} | {event.user_id for event in events}
        names = await in_thread(self._database.names_of, ids)
        return [
            Entry(
                event, names.get(event.actor, event.actor), names.get(event.user_id, event.user_id)
            )
            for event in events
        ]

    def _events(self, chosen: dict[str, str], before_id: int | None, limit: int) -> list[Event]:
        return self._database.events(**chosen, before_id=before_id, limit=limit)


def _is_valid(token: Token, now: datetime) -> bool:
    return token.revoked_at is None and not (token.expires_at and token.expires_at <= now)
