"""Statements that list users page by page, by filters, and that look up names of ids."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true, tuple_

from likeness.db.connection import Connected
from likeness.db.portions import portions
from likeness.db.rows import user_of, users_with_photos
from likeness.db.schema import photos, teams, users
from likeness.model import Source, User


@dataclass(frozen=True, slots=True)
class Which:
    """Which people are meant: those of whom all of this is so; None, False and 0 ask nothing.

    Who `has_left` was deactivated, or belongs to a team that was; `is_deactivated` looks at the
    person alone. `source` is who decided last which photo is shown, or that none is. With
    `side_px_below` a side of the photo is shorter. Each of `words`, in the form of
    `names.searchable`, stands in a name or an address, or with `by_name` in the name that others
    see.
    """

    team_id: str | None = None
    has_left: bool | None = None
    has_photo: bool | None = None
    is_locked: bool = False
    is_hidden: bool = False
    is_admin: bool = False
    source: Source | None = None
    is_deactivated: bool | None = None
    is_person: bool = False
    is_listed: bool = False
    side_px_below: int = 0
    words: tuple[str, ...] = ()
    by_name: bool = False


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

    def people_page(self, team_id: str, which: Which, after_id: str, limit: int) -> list[User]:
        """At most `limit` people of a team in the order of their names, from behind one.

        Behind nobody, and behind somebody who is not there any more, are all.
        """
        chosen = users_with_photos().where(users.c.team_id == team_id, *_conditions(which))
        in_order = chosen.order_by(users.c.sort_name, users.c.id).limit(limit)
        last = select(users.c.sort_name).where(users.c.id == after_id, users.c.team_id == team_id)
        with self._read() as connection:
            name = connection.execute(last).scalar_one_or_none() if after_id else None
            if name is not None:
                behind = tuple_(users.c.sort_name, users.c.id) > tuple_(name, after_id)
                in_order = in_order.where(behind)
            return [user_of(row) for row in connection.execute(in_order).mappings()]

    def count_people(self, team_id: str, several: Sequence[Which]) -> list[int]:
        """How many people of a team are meant by each of several, in one pass over all."""
        counts = [func.count().filter(true(), *_conditions(which)) for which in several]
        people = users.outerjoin(photos, photos.c.id == users.c.photo_id)
        counted = select(*counts).select_from(people).where(users.c.team_id == team_id)
        with self._read() as connection:
            return list(connection.execute(counted).one())

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
    for is_asked, condition in (
        (which.is_locked, users.c.lock_reason.is_not(None)),
        (which.is_hidden, ~users.c.is_listed),
        (which.is_listed, users.c.is_listed),
        (which.is_admin, users.c.is_admin),
        (which.is_person, ~users.c.is_bot),
    ):
        if is_asked:
            yield condition
    if which.is_deactivated is not None:
        is_gone = users.c.deleted_at.is_not(None)
        yield is_gone if which.is_deactivated else ~is_gone
    yield from _about_photo(which)
    searched = users.c.sort_name if which.by_name else users.c.search
    for word in which.words:
        yield searched.contains(word, autoescape=True)


def _about_photo(which: Which) -> Iterator[ColumnElement[bool]]:
    if which.has_photo is not None:
        yield users.c.photo_id.is_not(None) if which.has_photo else users.c.photo_id.is_(None)
    if which.source is not None:
        yield users.c.photo_source == which.source.value
    if below := which.side_px_below:
        yield or_(photos.c.width < below, photos.c.height < below)
