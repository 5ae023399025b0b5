"""Use case: look after people. List them, show one with all that is known, read the log.

What administrators read; `people.py` has what they change.
"""

import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from likeness.db import Database, Which
from likeness.events import Event
from likeness.identities import Identity
from likeness.model import Address, Source, Team, Token, User
from likeness.names import searchable
from likeness.people import People
from likeness.threads import in_thread

__all__ = ["Entry", "Profile", "Roster", "Search", "State", "Which"]

PAGE: Final = 1000
"""People that are read at once: few enough to hold in memory, enough that pages cost little."""

ROWS: Final = 50
"""People on a page that is looked at."""

WORDS_MAX: Final = 8
QUERY_LENGTH_MAX: Final = 200
"""Words and characters that a search may have: each word is looked for in every name."""

SMALL_BELOW_PX: Final = 512
"""Photos with a shorter side look soft where programs show them large."""

COUNTS_KEPT: Final = timedelta(seconds=10)
"""How long counts of a workspace are remembered, which take a look at everybody in it."""

TEAMS_REMEMBERED_MAX: Final = 100
"""Workspaces whose counts are remembered at once."""

_ID: Final = re.compile(r"[UT][0-9A-Z]{10}")


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is known of somebody. `tokens` are those that are valid, sessions among them."""

    user: User
    team: Team
    addresses: list[Address]
    tokens: list[Token]
    identities: list[Identity]


class State(StrEnum):
    """Filters for lists of people. Only `ALL` and `LEFT` include those who left."""

    ALL = "all"
    NO_PHOTO = "no-photo"
    TOO_SMALL = "too-small"
    OWN = "own"
    IMPORTED = "imported"
    DIRECTORY = "directory"
    LOCKED = "locked"
    HIDDEN = "hidden"
    LEFT = "left"


_HERE: Final = Which(is_deactivated=False)
_WHICH: Final = {
    State.ALL: Which(),
    State.NO_PHOTO: replace(_HERE, has_photo=False),
    State.TOO_SMALL: replace(_HERE, side_px_below=SMALL_BELOW_PX),
    State.OWN: replace(_HERE, has_photo=True, source=Source.SELF),
    State.IMPORTED: replace(_HERE, has_photo=True, source=Source.IMPORT),
    State.DIRECTORY: replace(_HERE, has_photo=True, source=Source.DIRECTORY),
    State.LOCKED: replace(_HERE, is_locked=True),
    State.HIDDEN: replace(_HERE, is_hidden=True),
    State.LEFT: Which(is_deactivated=True),
}
_SEEN_BY_ALL: Final = replace(_HERE, is_person=True, is_listed=True)


@dataclass(frozen=True, slots=True)
class Search:
    """What is typed into the box, and the state that is chosen.

    `is_public` is for people who look for each other: by name alone, and for nobody who is hidden,
    has left, or is a bot.
    """

    query: str = ""
    state: State = State.ALL
    is_public: bool = False

    @property
    def which(self) -> Which:
        """The filter that it stands for."""
        words = tuple(searchable(self.query[:QUERY_LENGTH_MAX]).split()[:WORDS_MAX])
        if self.is_public:
            return replace(_SEEN_BY_ALL, words=words, by_name=True)
        return replace(_WHICH[self.state], words=words)


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
        self._counts: dict[str, tuple[datetime, Mapping[State, int]]] = {}

    async def found(
        self, team: Team, search: Search, after_id: str = "", *, limit: int = ROWS
    ) -> list[User]:
        """At most `limit` people of a workspace in the order of their names, from behind one."""
        page = self._database.people_page
        return await in_thread(page, team.id, search.which, after_id, limit)

    async def count(self, team: Team, search: Search) -> int:
        """How many people a search means at this moment."""
        [count] = await in_thread(self._database.count_people, team.id, [search.which])
        return count

    async def counts(self, team: Team) -> Mapping[State, int]:
        """How many people of a workspace there are of each state, by a count of COUNTS_KEPT ago."""
        now = self._clock()
        counted_at, counts = self._counts.get(team.id, (None, {}))
        if counted_at is not None and now - counted_at < COUNTS_KEPT:
            return counts
        found = await in_thread(self._database.count_people, team.id, list(_WHICH.values()))
        counts = dict(zip(_WHICH, found, strict=True))
        if len(self._counts) >= TEAMS_REMEMBERED_MAX:
            self._counts.clear()
        self._counts[team.id] = now, counts
        return counts

    def forget_counts(self, team: Team) -> None:
        """Count again, since something was changed here."""
        self._counts.pop(team.id, None)

    async def members(self, team: Team, ids: Collection[str]) -> list[User]:
        """The users with some ids, if they are of a workspace, by name."""
        users = (await in_thread(self._database.users_among, ids)).values()
        mine = [user for user in users if user.team_id == team.id]
        return sorted(mine, key=lambda user: (searchable(user.real_name), user.id))

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
            return await self.log_of(about, before_id=before_id, limit=limit)
        if about:
            user = await self._people.find(about, workspace)
            return await self.log_of(user.id, before_id=before_id, limit=limit)
        chosen = {"team_id": (await self._people.team(workspace)).id} if workspace else {}
        return await self._entries(chosen, before_id, limit)

    async def log_of(
        self, user_id: str, *, before_id: int | None = None, limit: int
    ) -> list[Entry]:
        """At most `limit` entries about somebody by their id, newest first."""
        return await self._entries({"user_id": user_id}, before_id, limit)

    async def _entries(
        self, chosen: dict[str, str], before_id: int | None, limit: int
    ) -> list[Entry]:
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
