"""What was done to somebody, in the words of their page: from the log, newest first."""

from dataclasses import dataclass
from typing import Final

from likeness.events import Event, Verb
from likeness.model import Caller, User
from likeness.roster import Entry, Roster

ENTRIES: Final = 20
"""Entries of the log on the page of a person."""

READ_FOR_OWN: Final = 100
"""Entries that are looked through for those in which others act; older ones are not told."""

_WORDS: Final = {
    Verb.PHOTO_SET: "set the photo",
    Verb.PHOTO_REMOVED: "removed the photo",
    Verb.PHOTO_KEPT: "kept the photo that was there",
    Verb.PHOTO_REFUSED: "brought a photo that cannot be used",
    Verb.PHOTO_RESTORED: "restored an earlier photo",
    Verb.USER_ADDED: "added the account",
    Verb.USER_RENAMED: "changed the name",
    Verb.USER_ADDRESSED: "changed the addresses",
    Verb.USER_HIDDEN: "hid from look-ups",
    Verb.USER_UNHIDDEN: "let look-ups find again",
    Verb.USER_LOCKED: "locked the photo",
    Verb.USER_UNLOCKED: "unlocked the photo",
    Verb.USER_PROMOTED: "made an administrator",
    Verb.USER_DEMOTED: "made no administrator any more",
    Verb.USER_DEACTIVATED: "deactivated the account",
    Verb.USER_REACTIVATED: "activated the account again",
    Verb.USER_MERGED: "merged another account into it",
    Verb.ACCESS_GIVEN: "gave access",
    Verb.ACCESS_ENDED: "ended access",
    Verb.IDENTITY_BOUND: "bound it to an account elsewhere",
    Verb.IDENTITY_UNBOUND: "unbound it from accounts elsewhere",
    Verb.IDENTITY_REFUSED: "refused to sign somebody in",
}
"""What was done to people; entries about workspaces are on no page of a person."""

_PROGRAMS: Final = {
    "cli": "The command line",
    "oidc": "The sign-in provider",
    "proxy": "The sign-in proxy",
    "sweep": "The clean-up of this service",
    "scim": "The directory",
    "ldap": "The directory",
}
"""Actors that are no people, as people know them."""

_WITH_REASON: Final = frozenset({Verb.USER_LOCKED})
"""Entries whose detail is a sentence for the person."""

_FOR_THE_PERSON: Final = frozenset(
    {
        Verb.PHOTO_SET,
        Verb.PHOTO_REMOVED,
        Verb.PHOTO_KEPT,
        Verb.PHOTO_RESTORED,
        Verb.USER_RENAMED,
        Verb.USER_ADDRESSED,
        Verb.USER_HIDDEN,
        Verb.USER_UNHIDDEN,
        Verb.USER_LOCKED,
        Verb.USER_UNLOCKED,
    }
)
"""What people are told that others did to them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry for a page. `at` is in seconds since 1970; `why` and `origin` are "" for none."""

    id: int
    at: int
    who: str
    what: str
    why: str = ""
    origin: str = ""


async def about_own(roster: Roster, user: User) -> list[Line]:
    """What others did to somebody, for themselves: who and why, and not from where."""
    entries = await roster.log_of(user.id, limit=READ_FOR_OWN)
    told = [
        _line(entry, user)
        for entry in entries
        if entry.event.actor != user.id and entry.event.verb in _FOR_THE_PERSON
    ]
    return told[:ENTRIES]


async def about_other(
    roster: Roster, caller: Caller, user: User, before_id: int | None
) -> tuple[list[Line], int | None]:
    """All that was done to somebody, for an administrator; and from where older entries go on."""
    entries = await roster.log_of(user.id, before_id=before_id, limit=ENTRIES + 1)
    lines = [_line(entry, caller.user, has_origin=True) for entry in entries[:ENTRIES]]
    return lines, lines[-1].id if len(entries) > ENTRIES else None


def _line(entry: Entry, reader: User, *, has_origin: bool = False) -> Line:
    event = entry.event
    who = "You" if event.actor == reader.id else _PROGRAMS.get(event.actor, entry.actor)
    origin = event.origin or "" if has_origin else ""
    what = _WORDS.get(event.verb, event.verb.value)
    return Line(event.id, int(event.at.timestamp()), who, what, _why(event), origin)


def _why(event: Event) -> str:
    if event.verb in _WITH_REASON and event.detail:
        return event.detail
    return f"by import {event.batch_id}" if event.batch_id else ""
