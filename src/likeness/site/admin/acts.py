"""What administrators do with several people at once, each by the use case of its verb."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from likeness.errors import Mistake, NotAdmitted, Refusal, ServiceUnavailable
from likeness.events import Actor
from likeness.mailing import Mailing
from likeness.model import Caller, User
from likeness.people import People
from likeness.photos import Photos
from likeness.sessions import IssuedLink, Sessions

LINK_LIVES: Final = {"1": timedelta(days=1), "3": timedelta(days=3), "7": timedelta(days=7)}
"""Days that sign-in links may live: whoever gets one by mail may read it after a weekend."""


class Act(StrEnum):
    """What is done with those who were chosen."""

    HIDE = "hide"
    SHOW = "show"
    LOCK = "lock"
    UNLOCK = "unlock"
    REMOVE = "remove"
    LINKS = "links"
    LETTERS = "letters"


LETTERS_MAX: Final = 50
"""Letters of one request: half of those that may wait, so that others find room."""

ACTS: Final = {
    Act.HIDE: "Hide from look-ups",
    Act.SHOW: "Show in look-ups again",
    Act.LOCK: "Lock the photo",
    Act.UNLOCK: "Unlock the photo",
    Act.REMOVE: "Remove the photo",
    Act.LINKS: "Make sign-in links",
    Act.LETTERS: "Mail sign-in links",
}
"""The acts in the words of buttons."""

TOLD: Final = {
    Act.HIDE: "Nobody finds them by the hash of an address; programs that ask by the API still do.",
    Act.SHOW: "Programs find them by the hashes of their addresses again.",
    Act.LOCK: "Only administrators change the photo from then on. Each person is told the reason.",
    Act.UNLOCK: "They decide on their own photo again.",
    Act.REMOVE: "The photo and all its addresses are gone for good, and with them every earlier "
    "photo that was made from the same file: this cannot be undone.",
    Act.LINKS: "You get a CSV file with a link for each person. Whoever has a link is that person, "
    "once: send each to nobody else.",
    Act.LETTERS: f"Each person gets a letter with a link, at most {LETTERS_MAX} people at a time. "
    "Letters wait in memory until they are sent, so that a restart may lose some.",
}
"""What each act means, for the page that asks."""

DONE: Final = {
    Act.HIDE: "hidden",
    Act.SHOW: "shown again",
    Act.LOCK: "locked",
    Act.UNLOCK: "unlocked",
    Act.REMOVE: "without a photo now",
    Act.LINKS: "given a link",
    Act.LETTERS: "sent a letter",
}
"""What those are to whom it was done."""


def offered(*, has_mail: bool) -> dict[Act, str]:
    """What can be done here, in the words of buttons: letters need a mail server."""
    return {act: word for act, word in ACTS.items() if has_mail or act is not Act.LETTERS}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done, by whom: `client` is their network address.

    `reason` is that of a lock, `life` how long links live.
    """

    act: Act
    caller: Caller
    client: str
    reason: str = ""
    life: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Done:
    """One person, and why nothing was done to them; a link where one was made."""

    user: User
    trouble: str = ""
    link: IssuedLink | None = None


class Acts:
    """Does it, person by person, each in a transaction of their own."""

    def __init__(
        self, people: People, photos: Photos, sessions: Sessions, mailing: Mailing | None
    ) -> None:
        self._people = people
        self._photos = photos
        self._sessions = sessions
        self._mailing = mailing

    async def each(self, users: list[User], wish: Wish) -> list[Done]:
        """What became of each. One that cannot be done stops no other.

        Raises ServiceUnavailable; all of it may be done again then. Raises NotAdmitted for more
        letters than go at a time.
        """
        if wish.act is Act.LETTERS and len(users) > LETTERS_MAX:
            raise NotAdmitted(
                f"{len(users):,} people were chosen, and at most {LETTERS_MAX} letters go at a "
                "time. Choose fewer, or make a file of links."
            )
        return [await self._one(user, wish) for user in users]

    async def _one(self, user: User, wish: Wish) -> Done:
        by = Actor.on(user, wish.caller.user, wish.client)
        try:
            if wish.act is Act.LINKS:
                return Done(user, link=await self._link(user, wish, by))
            if wish.act is Act.LETTERS:
                self._invite(user, wish, by)
                return Done(user)
            await self._deed(user, wish, by)()
        except ServiceUnavailable:
            raise
        except Refusal as refusal:
            return Done(user, refusal.message)
        except Mistake as mistake:
            return Done(user, str(mistake))
        return Done(user)

    def _deed(self, user: User, wish: Wish, by: Actor) -> Callable[[], Awaitable[object]]:
        people, whom = self._people, (user.email, user.team_id)
        deeds: dict[Act, Callable[[], Awaitable[object]]] = {
            Act.HIDE: lambda: people.set_listed(*whom, is_listed=False, by=by),
            Act.SHOW: lambda: people.set_listed(*whom, is_listed=True, by=by),
            Act.LOCK: lambda: people.lock(user.email, wish.reason, user.team_id, by),
            Act.UNLOCK: lambda: people.unlock(*whom, by),
            # Of whoever acts on themselves it is said here as well that an administrator did it.
            Act.REMOVE: lambda: self._photos.delete(user, by=by),
        }
        return deeds[wish.act]

    def _invite(self, user: User, wish: Wish, by: Actor) -> None:
        if self._mailing is None:
            raise Mistake("there is no mail server: whoever runs this sets LIKENESS_SMTP_URL")
        if user.deleted_at is not None or user.is_bot:
            raise Mistake("only active people sign in")
        # A letter gives nobody a link but its reader, so that administrators may have one too.
        self._mailing.invite(user, wish.life, by)

    async def _link(self, user: User, wish: Wish, by: Actor) -> IssuedLink:
        if user.is_admin:
            raise Mistake(
                "links for administrators are made on the command line alone, so that nobody "
                "keeps a right by them that was taken away"
            )
        return await self._sessions.issue_link(user.email, wish.life, user.team_id, by)
