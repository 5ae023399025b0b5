"""Nouns with plausible contents, for whoever tests where they are kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Final

from likeness.db import Database
from likeness.model import SIZES, Format, Photo, Staged, Team, Token, TokenKind, User

NOW: Final = datetime(2026, 11, 23, 12, 34, 56, 789012, tzinfo=UTC)
"""A moment with every microsecond digit in use."""

_photo_ids: Final = count(123_456_789_012)


def at(seconds: float) -> datetime:
    """So many seconds after NOW."""
    return NOW + timedelta(seconds=seconds)


def team(number: int = 1, **changes: Any) -> Team:
    """A workspace, different for each number."""
    usual = Team(
        id=f"T{number:010}",
        name=f"Acme {number}",
        domain=f"acme-{number}",
        created_at=at(number),
    )
    return replace(usual, **changes)


def user(number: int = 1, **changes: Any) -> User:
    """A person of `team()`, different for each number. A photo of theirs is their own choice."""
    if changes.get("photo") is not None:
        changes = {"photo_source": changes["photo"].source} | changes
    usual = User(
        id=f"U{number:010}",
        team_id=team().id,
        email=f"person-{number}@example.org",
        name=f"person-{number}",
        real_name=f"Person {number}",
        is_bot=False,
        bot_id=None,
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(usual, **changes)


def photo(**changes: Any) -> Photo:
    """A photo of `user()`; every one has another id of twelve digits, and its own upload."""
    number = next(_photo_ids)
    usual = Photo(
        id=number,
        user_id=user().id,
        day=date(2026, 11, 23),
        secret="0123456789abcdef0123",
        format=Format.JPEG,
        sizes=SIZES,
        width=1024,
        height=1024,
        frames=1,
        source_digest=bytes(range(32)),
        set_at=NOW,
        upload_digest=number.to_bytes(32),
    )
    return replace(usual, **changes)


def staged(number: int = 1, **changes: Any) -> Staged:
    """A prepared picture of `user()`, for an hour, different for each number."""
    usual = Staged(
        id=f"{number:032x}",
        user_id=user().id,
        key=f"staged/{number:032x}.jpg",
        format=Format.JPEG,
        width=2400,
        height=1600,
        created_at=NOW,
        expires_at=at(3600),
        upload_digest=number.to_bytes(32),
    )
    return replace(usual, **changes)


def add_token(database: Database, number: int = 1, **changes: Any) -> Token:
    """Give `user()` a token that may do two things and lives for ever."""
    values: dict[str, Any] = {
        "digest": number.to_bytes(32),
        "user_id": user().id,
        "kind": TokenKind.USER,
        "scopes": ("users:read", "users.profile:write"),
        "created_at": NOW,
        "expires_at": None,
    }
    return database.add_token(**values | changes)
