"""The table of precedence: who may replace or delete a photo that somebody else chose.

A person's own choice, also that of no photo, outlives every import and every directory. Nothing
here reads a database; `db/photos.py` asks within the transaction that changes the photo.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from likeness.errors import AccessDenied, AccountInactive
from likeness.model import Source, User


class Policy(StrEnum):
    """What an import or a directory may replace.

    `NEWER` is `ALWAYS` where the file is younger than the photo, and else `IF_NOT_OWN`.
    """

    IF_EMPTY = "if-empty"
    IF_NOT_OWN = "if-not-own"
    ALWAYS = "always"
    NEWER = "newer"


class Kept(StrEnum):
    """Why an offered photo was not set."""

    UNCHANGED = "unchanged"
    LOCKED = "locked"
    OWN = "kept because own"
    REMOVED = "kept because removed by the person"
    ADMINISTRATOR = "kept because an administrator chose it"
    OTHER_SOURCE = "kept because of another source"
    NOT_EMPTY = "kept because there is a photo"


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands: whether they have a photo, since when, and who decided that last.

    `source` is None where nobody ever decided, and `set_by` is the name of who set the photo, which
    tells one directory from another. `upload_digest` is that of `Photo`.
    """

    has_photo: bool
    source: Source | None
    lock_reason: str | None = None
    set_at: datetime | None = None
    set_by: str | None = None
    upload_digest: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, user: User) -> Self:
        """How a user stands, by what is known of them."""
        photo = user.photo
        of_photo = (photo.set_at, photo.set_by, photo.upload_digest) if photo else ()
        return cls(photo is not None, user.photo_source, user.lock_reason, *of_photo)


@dataclass(frozen=True, slots=True)
class Offer:
    """A photo that comes from somewhere. `made_at` is when its file was written, where known.

    `opens_locks` is for an import that was told to replace the photos of locked people too.
    """

    source: Source
    policy: Policy = Policy.IF_NOT_OWN
    made_at: datetime | None = None
    opens_locks: bool = False
    set_by: str | None = None
    upload_digest: bytes | None = field(default=None, repr=False)


_HIGHER = (Source.SELF, Source.ADMINISTRATOR)
"""Those who choose for one person at a time, and are not asked again."""


def judge(now: Standing, offer: Offer) -> Kept | None:
    """Why an offered photo must not become the one that is shown; None where it may."""
    if offer.upload_digest is not None and offer.upload_digest == now.upload_digest:
        return Kept.UNCHANGED
    if now.lock_reason is not None and not _opens(offer):
        return Kept.LOCKED
    if offer.source in _HIGHER:
        return None
    return _why_not(now, offer)


def locked(reason: str) -> AccessDenied:
    """The refusal of what only administrators may do now."""
    return AccessDenied(
        f"your photo can be changed only by those who look after this service: {reason}; ask them"
    )


def erased() -> AccountInactive:
    """The refusal of a photo for somebody who was erased while it was made."""
    return AccountInactive("this account does not exist any more; nothing was changed")


def _why_not(now: Standing, offer: Offer) -> Kept | None:
    """The same for one of many photos that come in, of somebody who is not locked against it."""
    if offer.policy is Policy.IF_EMPTY and now.has_photo:
        return Kept.NOT_EMPTY
    if _is_always(now, offer):
        return None
    if now.source in _HIGHER:
        return _why_kept(now)
    return Kept.OTHER_SOURCE if _is_anothers(now, offer) else None


def _opens(offer: Offer) -> bool:
    if offer.source is Source.ADMINISTRATOR:
        return True
    return offer.source is Source.IMPORT and offer.opens_locks


def _is_always(now: Standing, offer: Offer) -> bool:
    """Whether the policy lets the offer win over what a person or an administrator chose.

    A provider's photo never does; a directory's does not bring back what the person took away.
    """
    if offer.source is Source.PROVIDER:
        return False
    if offer.source is Source.DIRECTORY and now.source is Source.SELF and not now.has_photo:
        return False
    if offer.policy is Policy.NEWER:
        return bool(offer.made_at and now.set_at and offer.made_at > now.set_at)
    return offer.policy is Policy.ALWAYS


def _is_anothers(now: Standing, offer: Offer) -> bool:
    """Whether another source keeps the photo in step, so that this one fills gaps only."""
    if offer.source is Source.PROVIDER:
        return now.source in {Source.IMPORT, Source.DIRECTORY}
    both = offer.source is Source.DIRECTORY and now.source is Source.DIRECTORY
    return both and now.has_photo and now.set_by != offer.set_by


def _why_kept(now: Standing) -> Kept:
    if not now.has_photo:
        return Kept.REMOVED
    return Kept.OWN if now.source is Source.SELF else Kept.ADMINISTRATOR
