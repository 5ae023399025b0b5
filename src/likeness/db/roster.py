"""Statements by which people are looked through: page by page, and the names behind ids."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, tuple_

from likeness.db.connection import Connected
from likeness.db.portions import portions
from likeness.db.rows import user_of, users_with_photos
from likeness.db.schema import teams, users
from likeness.model import Source, User


@dataclass(frozen=True, slots=True)
class Which:
    """Which people are meant: those of whom all of this is so; None and False ask nothing.

    Who `has_left` was deactivated, or belongs to a team that was. `source` is who decided last
    which photo is shown, or that none is.
    """

    team_id: str | None = None
    has_left: bool | None = None
    is_photoless: bool = False
    is_locked: bool = False
    is_hidden: bool = False
    is_admin: bool = False
    source: Source | None = None


class Roster(Connected):
    """People as those see them who look after them."""

    def roster_page(self, which: Which, after: User | None, limit: int) -> list[User]:
        """At most `limit` people in the order of teams and first addresses, from behind one."""
        chosen = users_with_photos().where(*_conditions(which))
        if after is not None:
            place = tuple_(users.c.team_id, users.c.email)
            chosen = chosen.where(place > tuple_(after.team_id, after.email))
        in_order = chosen.order_by(users.c.team_id, users.c.email).limit(limit)
        with self._read() as connection:
            return [user_of(row) for row in connection.execute(in_order).mappings()]

    def names_of(self, ids: Collection[str]) -> dict[str, str]:
        """First addresses of users and names of teams by their ids, of those that there are."""
        found = dict[str, str]()
        with self._read() as connection:
            for some in portions(ids):
                for key, name in ((users.c.id, users.c.email), (teams.c.id, teams.c.name)):
                    rows = connection.execute(select(key, name).where(key.in_(some)))
                    found.update((row[0], row[1]) for row in rows)
        return found


def _conditions(which: Which) -> Iterator[ColumnElement[bool]]:
    if which.team_id is not None:
        yield users.c.team_id == which.team_id
    if which.has_left is not None:
        removed = select(teams.c.id).where(teams.c.deleted_at.is_not(None))
        left = users.c.deleted_at.is_not(None) | users.c.team_id.in_(removed)
        yield left if which.has_left else ~left
    if which.is_photoless:
        yield users.c.photo_id.is_(None)
    if which.is_locked:
        yield users.c.lock_reason.is_not(None)
    if which.is_hidden:
        yield ~users.c.is_listed
    if which.is_admin:
        yield users.c.is_admin
    if which.source is not None:
        yield users.c.photo_source == which.source.value
