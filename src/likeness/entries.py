"""What a directory says of somebody, and what that changes of one of our people. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from likeness.db import Enrolment
from likeness.email_address import normal_email
from likeness.errors import Mistake
from likeness.identities import EMAILS_MAX, USER_NAME_LENGTH_MAX, Identity, folded, is_subject
from likeness.model import Address, Team, User
from likeness.names import kept_name
from likeness.people import new_id

DOCUMENT_BYTES_MAX: Final = 16 * 1024
"""Bytes in UTF-8 of what a directory says of one person: twenty times of what is usual."""

STAMP_LENGTH_MAX: Final = 100
"""Characters of a directory's word for when somebody changed, which a column holds."""

_UNNAMED: Final = "id:"
"""Before our own id it stands for the name of a directory that has none for somebody."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody as a directory says them.

    `external_id` is the directory's own name for them, or "" where it has none. Of `emails` the
    first one is to be their first; `name` is the full name. `document` is what is to be given back
    as it came, and `stamp` the directory's word for when it last changed.
    """

    source: str
    external_id: str
    user_name: str = ""
    name: str = ""
    emails: tuple[str, ...] = ()
    is_active: bool = True
    document: str | None = None
    stamp: str | None = None


class Outcome(StrEnum):
    """What becomes of an entry."""

    ADDED = "added"
    UPDATED = "updated"
    DEACTIVATED = "deactivated"
    REACTIVATED = "reactivated"
    UNCHANGED = "unchanged"


class Why(StrEnum):
    """Why an entry is refused."""

    UNREADABLE = "unreadable"
    TAKEN = "taken"
    """It has an address of somebody else."""
    BOUND = "bound"
    """Whom it means is known to the same directory by another name."""
    OVERTAKEN = "overtaken"
    """Somebody else changed the same person meanwhile."""


class NotEnrolled(Mistake):
    """An entry is refused, and nothing was changed. The text says why, and what to do."""

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why = why


def read(entry: Entry) -> dict[str, str]:
    """The addresses of an entry, each in its normal form with what was said. Raises NotEnrolled."""
    problem = _problem(entry)
    if problem:
        raise NotEnrolled(Why.UNREADABLE, problem)
    emails = dict[str, str]()
    try:
        for each in entry.emails:
            emails.setdefault(normal_email(each), each.strip())
    except Mistake as mistake:
        raise NotEnrolled(Why.UNREADABLE, str(mistake)) from mistake
    return emails


def _problem(entry: Entry) -> str:
    """Why an entry cannot be kept; "" where it can."""
    length = len((entry.document or "").encode(errors="replace"))
    if entry.external_id and not is_subject(entry.external_id):
        return "the id is too long, or has characters that nobody can see"
    if len(entry.user_name) > USER_NAME_LENGTH_MAX:
        return f"the user name has {len(entry.user_name)} characters, of {USER_NAME_LENGTH_MAX}"
    if len(entry.emails) > EMAILS_MAX:
        return f"there are {len(entry.emails)} e-mail addresses, of at most {EMAILS_MAX}"
    if length > DOCUMENT_BYTES_MAX:
        return f"what is said of this person has {length} bytes, of at most {DOCUMENT_BYTES_MAX}"
    if len(entry.stamp or "") > STAMP_LENGTH_MAX:
        return f"the change stamp has more than {STAMP_LENGTH_MAX} characters"
    return ""


def check_owners(owners: Mapping[str, User], user: User | None) -> None:
    """Raise NotEnrolled where an address is somebody else's than the user's."""
    if user is None and owners:
        people = ", ".join(sorted({owner.id for owner in owners.values()}))
        raise NotEnrolled(Why.TAKEN, f"the addresses belong to several people: {people}")
    for email, owner in owners.items():
        if user is not None and owner.id != user.id:
            left = ", who was deactivated" if owner.deleted_at else ""
            message = f"{email} belongs to somebody else here ({owner.id}){left}"
            raise NotEnrolled(Why.TAKEN, message)


def newcomer(team: Team, entry: Entry, emails: Mapping[str, str], now: datetime) -> Enrolment:
    """What adds somebody; without a name they have that of their mailbox."""
    email = next(iter(emails))
    local = email.partition("@")[0]
    user = User(
        id=new_id("U"),
        team_id=team.id,
        email=email,
        name=_short_name(entry) or local,
        real_name=kept_name(entry.name) or local,
        is_bot=False,
        bot_id=None,
        created_at=now,
        updated_at=now,
    )
    first, *further = _addresses(user, emails, now)
    return Enrolment(
        user,
        _identity(entry, user, None, now),
        is_new=True,
        first=first,
        further=tuple(further),
        is_active=None if entry.is_active else False,
    )


def renewed(
    entry: Entry, emails: Mapping[str, str], user: User, before: Identity | None, now: datetime
) -> Enrolment:
    """What changes of a user. Of `further` addresses some may be theirs already."""
    made = _addresses(user, emails, now)
    first = made[0] if made and made[0].email != user.email else None
    name, real_name = _short_name(entry), kept_name(entry.name)
    is_back = entry.is_active and user.deleted_at is not None
    identity = _identity(entry, user, before, now)
    return Enrolment(
        user,
        # Photos of leavers end after a while, and then the same bytes are welcome again.
        replace(identity, photo_digest=None) if is_back else identity,
        before,
        # A new first address changes the short name that was made of the old one.
        name=(name or user.name) if first or name not in {"", user.name} else None,
        real_name=real_name if real_name not in {"", user.real_name} else None,
        first=first,
        further=tuple(made[1:]),
        is_active=None if entry.is_active is (user.deleted_at is None) else entry.is_active,
    )


def _addresses(user: User, emails: Mapping[str, str], now: datetime) -> list[Address]:
    return [Address(user.team_id, user.id, email, said, now) for email, said in emails.items()]


def _short_name(entry: Entry) -> str:
    """The user name without a domain; "" where there is none."""
    return kept_name(entry.user_name.partition("@")[0])


def _identity(entry: Entry, user: User, before: Identity | None, now: datetime) -> Identity:
    external_id = entry.external_id or _UNNAMED + user.id
    kept = before or Identity(user.team_id, entry.source, external_id, user.id, now, now)
    return replace(
        kept,
        external_id=external_id,
        user_name=folded(entry.user_name) or None,
        document=entry.document,
        stamp=entry.stamp,
        seen_at=now,
    )


def outcome_of(change: Enrolment) -> Outcome:
    """What becomes of an entry that changes this."""
    if change.is_new:
        return Outcome.ADDED
    if change.is_active is not None:
        return Outcome.REACTIVATED if change.is_active else Outcome.DEACTIVATED
    if change.before and change.before == replace(change.identity, seen_at=change.before.seen_at):
        said = (change.name, change.real_name, change.first, *change.further)
        return Outcome.UPDATED if any(said) else Outcome.UNCHANGED
    return Outcome.UPDATED


def is_named(identity: Identity) -> bool:
    """Whether the directory has a name of its own for somebody."""
    return identity.external_id != _UNNAMED + identity.user_id
