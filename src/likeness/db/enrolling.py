"""Statements by which a directory brings one person: all that changes is one transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from likeness.db.addresses import make_first, note_address
from likeness.db.connection import Connected
from likeness.db.events import note
from likeness.db.identities import in_the_way, this_one
from likeness.db.notices import announce_person
from likeness.db.people import end_account, insert_user, reopen_account
from likeness.db.rows import user_of, users_with_photos
from likeness.db.schema import addresses, identities, users
from likeness.db.searching import note_names
from likeness.events import Actor, Verb
from likeness.identities import Condition, Identity, Sought
from likeness.model import NOBODY, Address, User

_KEPT: Final = ("external_id", "user_name", "document", "stamp", "seen_at")
"""What a directory changes of an identity. What is noted of the photo is another statement's."""


_PREFIX: Final = "identity__"
_LABELLED: Final = [column.label(_PREFIX + column.name) for column in identities.columns]
_COLUMNS: Final = {
    Sought.ID: identities.c.user_id,
    Sought.USER_NAME: identities.c.user_name,
    Sought.EXTERNAL_ID: identities.c.external_id,
}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a directory changes about somebody, ready to be written.

    `user` is as they are now, or who is to be added; `identity` is as it is to be kept, and
    `before` the one that is kept now. `first` becomes their first address, `further` are new ones
    beside it. What stays as it is, is None.
    """

    user: User
    identity: Identity
    before: Identity | None = None
    is_new: bool = False
    name: str | None = None
    real_name: str | None = None
    first: Address | None = None
    further: tuple[Address, ...] = ()
    is_active: bool | None = None


class _Overtaken(Exception):
    """Somebody else wrote first."""


class Enrolments(Connected):
    """People as directories bring them."""

    def enrol(self, change: Enrolment, at: datetime, actor: Actor) -> bool:
        """Write all of it, or nothing and give False, where somebody else came first."""
        try:
            with self._write() as connection:
                _put_person(connection, change, at, actor)
                _put_identity(connection, change, at, actor)
        except (IntegrityError, _Overtaken):
            return False
        return True

    def forget_enrolled(self, identity: Identity, at: datetime, actor: Actor) -> bool:
        """End the account of somebody whom a directory has no more, and its name for them.

        False where it has no such name any more.
        """
        with self._write() as connection:
            if not connection.execute(delete(identities).where(this_one(identity))).rowcount:
                return False
            note(connection, at, actor, identity.user_id, Verb.IDENTITY_UNBOUND)
            if _is_active(connection, identity.user_id):
                end_account(connection, identity.user_id, at, actor)
            return True

    def enrolled(self, team_id: str, source: str) -> list[Identity]:
        """Everybody of a team whom a directory has, without what it said of each."""
        told = [
            column for column in identities.columns if column.name not in {"document", "photo_ref"}
        ]
        theirs = (identities.c.team_id == team_id) & (identities.c.source == source)
        with self._read() as connection:
            rows = connection.execute(select(*told).where(theirs)).mappings()
            return [Identity(**row) for row in rows]

    def enrolled_page(
        self,
        team_id: str,
        source: str,
        conditions: Sequence[Condition],
        offset: int,
        limit: int,
    ) -> tuple[int, list[tuple[Identity, User]]]:
        """How many people a directory has of whom all conditions are so, and some of them.

        In an order that stays, from `offset` on, at most `limit`.
        """
        which = [identities.c.team_id == team_id, identities.c.source == source]
        which += [_condition(team_id, *each) for each in conditions]
        joined = users.c.id == identities.c.user_id
        counted = select(func.count()).select_from(identities.join(users, joined)).where(*which)
        chosen = users_with_photos().add_columns(*_LABELLED).join(identities, joined)
        some = chosen.where(*which).order_by(identities.c.external_id).offset(offset).limit(limit)
        with self._read() as connection:
            total = connection.execute(counted).scalar_one()
            rows = connection.execute(some).mappings() if limit and offset < total else ()
            return int(total), [(_identity_of(row), user_of(row)) for row in rows]


def _condition(team_id: str, sought: Sought, value: str | bool) -> ColumnElement[bool]:  # noqa: FBT001 - As `Condition` has it.
    if sought is Sought.ACTIVE:
        return users.c.deleted_at.is_(None) if value else users.c.deleted_at.is_not(None)
    if sought is Sought.EMAIL:
        theirs = select(addresses.c.user_id).where(
            addresses.c.team_id == team_id, addresses.c.email == value
        )
        return identities.c.user_id.in_(theirs)
    return _COLUMNS[sought] == value


def _identity_of(row: RowMapping) -> Identity:
    return Identity(**{column.name: row[_PREFIX + column.name] for column in identities.columns})


def _put_person(connection: Connection, change: Enrolment, at: datetime, actor: Actor) -> None:
    user = change.user
    if change.is_new:
        first = change.first or Address(user.team_id, user.id, user.email, user.email, at)
        insert_user(connection, user, first, actor)
    elif change.first is not None:
        make_first(connection, user, change.first)
    _put_further(connection, change, at, actor)
    _rename(connection, change, at, actor)
    if change.is_active is False:
        end_account(connection, user.id, at, actor)
    elif change.is_active:
        reopen_account(connection, user.id, at, actor)


def _put_further(connection: Connection, change: Enrolment, at: datetime, actor: Actor) -> None:
    for address in change.further:
        note_address(connection, address)
    if change.is_new or not (change.first or change.further):
        return
    note(connection, at, actor, change.user.id, Verb.USER_ADDRESSED)
    announce_person(connection, change.user.id, NOBODY)


def _rename(connection: Connection, change: Enrolment, at: datetime, actor: Actor) -> None:
    said: dict[str, Any] = {"name": change.name, "real_name": change.real_name}
    names = {column: text for column, text in said.items() if text is not None}
    if not names:
        return
    renaming = update(users).where(users.c.id == change.user.id)
    connection.execute(renaming.values(**names, updated_at=at))
    note_names(connection, [change.user.id])
    if names.items() - {"name": change.user.name, "real_name": change.user.real_name}.items():
        note(connection, at, actor, change.user.id, Verb.USER_RENAMED)
    announce_person(connection, change.user.id, NOBODY)


def _put_identity(connection: Connection, change: Enrolment, at: datetime, actor: Actor) -> None:
    wanted = change.identity
    if change.before is None:
        if in_the_way(connection, wanted) is not None:
            raise _Overtaken
        connection.execute(insert(identities).values(**asdict(wanted)))
        note(connection, at, actor, wanted.user_id, Verb.IDENTITY_BOUND)
        return
    values = {name: getattr(wanted, name) for name in _KEPT}
    if change.is_active:
        values["photo_digest"] = wanted.photo_digest
    # Who read them before somebody else wrote must not write over that.
    as_read = this_one(change.before) & (identities.c.seen_at == change.before.seen_at)
    keeping = update(identities).where(as_read)
    if not connection.execute(keeping.values(values)).rowcount:
        raise _Overtaken


def _is_active(connection: Connection, user_id: str) -> bool:
    chosen = select(users.c.id).where(users.c.id == user_id, users.c.deleted_at.is_(None))
    return connection.execute(chosen.with_for_update()).one_or_none() is not None
