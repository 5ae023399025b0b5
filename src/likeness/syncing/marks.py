"""What is noted of an entry, so that the next run knows what is new: one text, the mark.

It begins with how the directory had somebody, and ends with the digest of all that it said.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from likeness.directory.entries import Entry

_HERE: Final = "here "
_LEFT: Final = "left "
_PENDING: Final = "photo pending "
"""Stands before a mark until the photo that belongs to it was looked at."""

_KEPT: Final = "photo not taken "
"""Stands before a mark whose photo was looked at and may be taken another time."""


def mark_of(entry: Entry, photo_attributes: Sequence[str]) -> str:
    """The mark of an entry. Where its photo is read by other attributes, it is another one."""
    named = sha256(",".join(photo_attributes).encode()).hexdigest()[:8]
    return f"{_HERE if entry.is_active else _LEFT}{named} {entry.stamp}"


def pending(mark: str) -> str:
    """The same before its photo was looked at."""
    return _PENDING + mark


def not_taken(mark: str) -> str:
    """The same where its photo was not taken, since somebody chose another one."""
    return _KEPT + mark


def is_not_taken(mark: str | None) -> bool:
    """Whether the photo that belongs to a mark was not taken when it was looked at."""
    return (mark or "").startswith(_KEPT)


def gone(mark: str | None) -> str:
    """The mark of somebody whom a directory has no more."""
    return _LEFT + _plain(mark).removeprefix(_HERE).removeprefix(_LEFT)


def is_left(mark: str | None) -> bool:
    """Whether the directory had locked somebody, or had them no more."""
    return _plain(mark).startswith(_LEFT)


def _plain(mark: str | None) -> str:
    return (mark or "").removeprefix(_PENDING).removeprefix(_KEPT)
