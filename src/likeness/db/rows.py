"""Converts rows to the classes of `model.py` and back; the query of users with their photos."""

from collections.abc import Iterable
from dataclasses import astuple
from typing import Any, Final

from sqlalchemy import RowMapping, Select, select

from likeness.db.schema import FOR_SEARCHING, addresses, photos, teams, tokens, users
from likeness.model import (
    Address,
    Format,
    Photo,
    PhotoState,
    Source,
    Staged,
    Team,
    Token,
    TokenKind,
    User,
    Window,
)

_USER: Final = [column for column in users.columns if column.name not in FOR_SEARCHING]
_PHOTO: Final = [column.label(f"photo__{column.name}") for column in photos.columns]


def users_with_photos() -> Select[Any]:
    """Users, each with the photo that they show now, if any."""
    return select(*_USER, *_PHOTO).select_from(
        users.outerjoin(photos, photos.c.id == users.c.photo_id)
    )


def callers() -> Select[Any]:
    """Tokens, each with its user, their team and their photo: one statement for every call."""
    prefixed = [
        column.label(f"{table.name}__{column.name}")
        for table in (tokens, teams)
        for column in table.columns
    ]
    return select(*_USER, *_PHOTO, *prefixed).select_from(
        tokens.join(users, users.c.id == tokens.c.user_id)
        .join(teams, teams.c.id == users.c.team_id)
        .outerjoin(photos, photos.c.id == users.c.photo_id)
    )


def team_of(row: RowMapping, prefix: str = "") -> Team:
    """A team from the columns that begin with `prefix`."""
    return Team(**{column.name: row[prefix + column.name] for column in teams.columns})


def token_of(row: RowMapping, prefix: str = "") -> Token:
    """A token from the columns that begin with `prefix`."""
    values = {column.name: row[prefix + column.name] for column in tokens.columns}
    kind, scopes = TokenKind(values["kind"]), tuple(values["scopes"].split())
    return Token(**values | {"kind": kind, "scopes": scopes})


def user_of(row: RowMapping) -> User:
    """A user from a row of `users_with_photos` or `callers`."""
    values = {column.name: row[column.name] for column in _USER}
    photo_id = values.pop("photo_id")
    for name in ("photo_source", "admin_source"):
        values[name] = Source(values[name]) if values[name] else None
    return User(**values, photo=photo_of(row, "photo__") if photo_id is not None else None)


def photo_of(row: RowMapping, prefix: str = "") -> Photo:
    """A photo from the columns that begin with `prefix`."""
    values = {column.name: row[prefix + column.name] for column in photos.columns}
    del values["ended_at"], values["purged_at"]
    return Photo(
        **values
        | {
            "format": Format(values["format"]),
            "sizes": _numbers(values["sizes"]),
            "state": PhotoState(values["state"]),
            "source": Source(values["source"]),
            "window": Window(*_numbers(values["window"])) if values["window"] else None,
        }
    )


def photo_values(photo: Photo) -> dict[str, Any]:
    """The columns of a photo."""
    plain = {
        column.name: getattr(photo, column.name)
        for column in photos.columns
        if column.name not in {"ended_at", "purged_at"}
    }
    return plain | {
        "format": photo.format.value,
        "sizes": _text(photo.sizes),
        "state": photo.state.value,
        "source": photo.source.value,
        "window": _text(astuple(photo.window)) if photo.window else None,
    }


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def _text(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def address_of(row: RowMapping) -> Address:
    """An address."""
    return Address(**{column.name: row[column.name] for column in addresses.columns})


def staged_of(row: RowMapping) -> Staged:
    """A prepared picture."""
    return Staged(**dict(row) | {"format": Format(row["format"])})
