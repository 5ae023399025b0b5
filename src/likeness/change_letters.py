"""Use case: people are told by a letter that an administrator changed their photo.

The log of changes is what waits to be sent, so that no letter is lost: a place in it is kept, up to
which everybody was told. Imports, directories and providers write no letters: they bring hundreds.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from likeness import letters
from likeness.db import Database
from likeness.events import SWEEP, Event, Verb
from likeness.mail.port import Letter, Undelivered
from likeness.model import Source, User
from likeness.people import People
from likeness.postbox import Postbox
from likeness.seldom import SeldomLog
from likeness.threads import in_thread

SETTLED_AFTER: Final = timedelta(seconds=20)
"""An entry of another transaction may still come with a smaller number; after this none does."""

TOLD_WITHIN: Final = timedelta(days=1)
"""After that, news is none any more: the mail server was away for long."""

EVENTS_MAX: Final = 50
"""Entries of one round."""

_PLACE: Final = "letters_until"
_WHAT: Final = {
    Verb.PHOTO_SET: "An administrator set a photo of you.",
    Verb.PHOTO_RESTORED: "An administrator brought back an earlier photo of you.",
    Verb.PHOTO_REMOVED: "An administrator removed your photo.",
}
_VERBS: Final = frozenset(_WHAT)


class ChangeLetters:
    """Tells people what was changed. `public_url` is where their page is."""

    def __init__(
        self,
        database: Database,
        people: People,
        postbox: Postbox,
        clock: Callable[[], datetime],
        *,
        public_url: str,
    ) -> None:
        self._database = database
        self._people = people
        self._postbox = postbox
        self._clock = clock
        self._public_url = public_url
        self._log = SeldomLog()

    async def round(self) -> int:
        """Tell those whose photos were changed since the last round; how many letters went.

        Where the mail server is away the rest waits for the next round. Raises ServiceUnavailable.
        """
        place = await in_thread(self._database.fact, _PLACE)
        if place is None:
            # What was done before there were letters is no news.
            await self._keep_place(await in_thread(self._database.newest_event_id))
            return 0
        until = self._clock() - SETTLED_AFTER
        waiting = await in_thread(self._database.events_after, int(place), until, EVENTS_MAX)
        count, done = 0, None
        for event in waiting:
            is_news = self._is_news(event)
            if is_news and not await self._tell(event):
                break
            done = event.id
            if is_news:
                await self._keep_place(done)
                count, done = count + 1, None
        if done is not None:
            await self._keep_place(done)
        return count

    async def _tell(self, event: Event) -> bool:
        """Whether this news is done with."""
        letter = await self._letter(event)
        try:
            if letter is not None:
                await self._postbox.deliver(letter)
        except Undelivered as failure:
            self._log.warning("letter_not_sent", user=event.user_id, reason=str(failure))
            return failure.is_final
        return True

    def _is_news(self, event: Event) -> bool:
        """Whether an administrator changed somebody else's photo just now, by hand."""
        is_by_hand = event.source is Source.ADMINISTRATOR and event.batch_id is None
        is_other = event.actor not in {event.user_id, SWEEP.name}
        is_fresh = self._clock() - event.at < TOLD_WITHIN
        return event.verb in _VERBS and is_by_hand and is_other and is_fresh

    async def _letter(self, event: Event) -> Letter | None:
        """The letter about an entry; None for whoever is not here any more."""
        user = await in_thread(self._user, event.user_id)
        if user is None or user.deleted_at is not None or user.is_bot:
            return None
        team = await self._people.team(user.team_id)
        if team.deleted_at is not None:
            return None
        return letters.changed(user, team, _WHAT[event.verb], f"{self._public_url}/")

    def _user(self, user_id: str) -> User | None:
        return self._database.users_among([user_id]).get(user_id)

    async def _keep_place(self, event_id: int) -> None:
        await in_thread(self._database.note, _PLACE, str(event_id))
