"""Statements about e-mail addresses, and the look-up of users by their digests."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from likeness.db.connection import Connected
from likeness.db.dialects import insert_new
from likeness.db.events import note
from likeness.db.notices import announce_person
from likeness.db.rows import address_of, user_of, users_with_photos
from likeness.db.schema import addresses, digests, photos, teams, users
from likeness.db.searching import note_names
from likeness.errors import Mistake
from likeness.events import OPERATOR, Actor, Verb
from likeness.model import NOBODY, Address, User

_MAY_BE_FOUND: Final = (
    users.c.is_listed & users.c.deleted_at.is_(None) & teams.c.deleted_at.is_(None)
)
# Asked for each face on a page, so that the statements are built once.
_LISTED: Final = (
    users_with_photos()
    .join(digests, digests.c.user_id == users.c.id)
    .join(teams, teams.c.id == users.c.team_id)
    .where(digests.c.digest == bindparam("digest"), _MAY_BE_FOUND)
    # Of a person in several teams, the photo that was set last.
    .order_by(photos.c.id.is_(None), photos.c.set_at.desc(), users.c.id)
    .limit(1)
)


_CALLED: Final = (
    users_with_photos().join(teams, teams.c.id == users.c.team_id).where(_MAY_BE_FOUND).limit(2)
)
_BY_ID: Final = _CALLED.where(users.c.id == bindparam("called"))
_BY_NAME: Final = _CALLED.where(users.c.name == bindparam("called"))


class Addresses(Connected):
    """The addresses of users, and users by an address."""

    def add_address(
        self, address: Address, actor: Actor = OPERATOR, *, succeeds: bool = False
    ) -> None:
        """Add an address to those of a user. Raises Mistake when the team has it already.

        Who `succeeds` takes it from somebody who was deactivated.
        """
        at, detail = address.added_at, "one more"
        try:
            with self._write() as connection:
                if succeeds:
                    take_from_leaver(connection, address, actor)
                note_address(connection, address)
                note(connection, at, actor, address.user_id, Verb.USER_ADDRESSED, detail=detail)
                announce_person(connection, address.user_id, NOBODY)
        except IntegrityError as error:
            raise Mistake(f"{address.email} is in that workspace already") from error

    def remove_address(self, address: Address, at: datetime, actor: Actor = OPERATOR) -> None:
        """Take an address away from a user; its digests lead to them no more."""
        detail = "one less"
        with self._write() as connection:
            forget_address(connection, address)
            note(connection, at, actor, address.user_id, Verb.USER_ADDRESSED, detail=detail)
            announce_person(connection, address.user_id)

    def change_email(
        self,
        user: User,
        address: Address,
        actor: Actor = OPERATOR,
        *,
        forgets: bool = False,
        succeeds: bool = False,
    ) -> None:
        """Make an address a user's first one, from `address.added_at` on.

        The first one of before stays a further one, or is forgotten. Raises Mistake when the new
        one is somebody else's in the team; who `succeeds` takes it from somebody deactivated.
        """
        at = address.added_at
        try:
            with self._write() as connection:
                if succeeds:
                    take_from_leaver(connection, address, actor)
                make_first(connection, user, address)
                if forgets:
                    _forget_first(connection, user)
                detail = "another first one" + (", the one before forgotten" if forgets else "")
                note(connection, at, actor, user.id, Verb.USER_ADDRESSED, detail=detail)
                announce_person(connection, user.id, NOBODY)
        except IntegrityError as error:
            raise Mistake(f"{address.email} is in that workspace already") from error

    def addresses(self, user_id: str) -> list[Address]:
        """Every address of a user, oldest first."""
        chosen = select(addresses).where(addresses.c.user_id == user_id)
        with self._read() as connection:
            oldest_first = chosen.order_by(addresses.c.added_at, addresses.c.email)
            return [address_of(row) for row in connection.execute(oldest_first).mappings()]

    def user_by_address(self, team_id: str, email: str) -> User | None:
        """The user with this address in a team, be it their first or a further one."""
        return next(iter(self.users_by_address(email, [team_id])), None)

    def users_by_address(self, email: str, team_ids: Collection[str]) -> list[User]:
        """The users with this address in some teams, be it their first or a further one."""
        chosen = users_with_photos().join(addresses, addresses.c.user_id == users.c.id)
        mine = addresses.c.team_id.in_(team_ids) & (addresses.c.email == email)
        with self._read() as connection:
            rows = connection.execute(chosen.where(mine).order_by(users.c.id))
            return [user_of(row) for row in rows.mappings()]

    def set_listed(
        self, user_id: str, at: datetime, actor: Actor = OPERATOR, *, is_listed: bool
    ) -> None:
        """Let a user be found by the digests of their addresses, or not."""
        verb = Verb.USER_UNHIDDEN if is_listed else Verb.USER_HIDDEN
        changing = (users.c.id == user_id) & (users.c.is_listed != is_listed)
        with self._write() as connection:
            values = {"is_listed": is_listed}
            if not connection.execute(update(users).where(changing).values(values)).rowcount:
                return
            note(connection, at, actor, user_id, verb)
            announce_person(connection, user_id, NOBODY)

    def listed(self, digest: bytes, *, at_once: bool = False) -> User | None:
        """The active, listed user with an address digest; one with a photo is preferred.

        `at_once` never blocks: ServiceUnavailable is raised where the database is locked.
        """
        with self._glance() if at_once else self._read() as connection:
            row = connection.execute(_LISTED, {"digest": digest}).mappings().one_or_none()
            return user_of(row) if row else None

    def listed_called(self, name: str) -> User | None:
        """The active, listed user with this id, or with this name if there is only one of them."""
        with self._read() as connection:
            rows = connection.execute(_BY_ID, {"called": name.upper()}).mappings().all()
            if not rows:
                rows = connection.execute(_BY_NAME, {"called": name.lower()}).mappings().all()
            return user_of(rows[0]) if len(rows) == 1 else None


def note_address(connection: Connection, address: Address) -> None:
    """Add an address and its digests within a transaction. Raises IntegrityError when taken."""
    connection.execute(insert(addresses).values(**asdict(address)))
    rows = [{"digest": digest, "user_id": address.user_id} for digest in address.digests]
    insert_new(connection, digests, rows)
    note_names(connection, [address.user_id])


def make_first(connection: Connection, user: User, address: Address) -> None:
    """Make an address a user's first one within a transaction.

    Raises IntegrityError when it is somebody else's in the team.
    """
    kept = _row_of(connection, address.team_id, address.email)
    if kept is None or kept.user_id != user.id:
        note_address(connection, address)
    name = _short_name(user, address)
    values = {"email": address.email, "name": name, "updated_at": address.added_at}
    connection.execute(update(users).where(users.c.id == user.id).values(values))
    note_names(connection, [user.id])


def forget_address(connection: Connection, address: Address) -> None:
    """Drop an address and its digests within a transaction."""
    mine = (addresses.c.team_id == address.team_id) & (addresses.c.email == address.email)
    theirs = digests.c.user_id == address.user_id
    connection.execute(delete(addresses).where(mine))
    connection.execute(delete(digests).where(theirs, digests.c.digest.in_(address.digests)))
    note_names(connection, [address.user_id])


def take_from_leaver(connection: Connection, address: Address, actor: Actor) -> None:
    """Within a transaction, free an address of somebody deactivated for `address.user_id`.

    Their next address becomes their first one; without any they keep a text that is nobody's.
    """
    leaver = _leaver(connection, address)
    if leaver is None or leaver.id == address.user_id:
        return
    forget_address(connection, _row_of(connection, address.team_id, address.email) or address)
    if leaver.email == address.email:
        others = select(addresses.c.email).where(addresses.c.user_id == leaver.id)
        oldest_first = others.order_by(addresses.c.added_at, addresses.c.email).limit(1)
        email = connection.execute(oldest_first).scalar_one_or_none() or nobodys_email(leaver.id)
        connection.execute(update(users).where(users.c.id == leaver.id).values(email=email))
    detail = f"one went to {address.user_id}"
    note(connection, address.added_at, actor, leaver.id, Verb.USER_ADDRESSED, detail=detail)
    announce_person(connection, leaver.id)


def nobodys_email(user_id: str) -> str:
    """The placeholder for a user who has no address any more (RFC 2606)."""
    return f"{user_id.lower()}@left.invalid"


def _leaver(connection: Connection, address: Address) -> Row[Any, Any] | None:
    """The id and first address of the deactivated user who has an address."""
    chosen = select(users.c.id, users.c.email).join(addresses, addresses.c.user_id == users.c.id)
    mine = (addresses.c.team_id == address.team_id) & (addresses.c.email == address.email)
    gone = chosen.where(mine, users.c.deleted_at.is_not(None))
    return connection.execute(gone.with_for_update(of=users)).one_or_none()


def _row_of(connection: Connection, team_id: str, email: str) -> Address | None:
    """An address as it is kept; None for the text of somebody who has none."""
    chosen = select(addresses).where(addresses.c.team_id == team_id, addresses.c.email == email)
    row = connection.execute(chosen).mappings().one_or_none()
    return address_of(row) if row else None


def _forget_first(connection: Connection, user: User) -> None:
    """Drop the first address that a user had until now."""
    if (kept := _row_of(connection, user.team_id, user.email)) is not None:
        forget_address(connection, kept)


def _short_name(user: User, address: Address) -> str:
    """The short name of a user whose first address changes: made of it, if it was before."""
    before, after = (each.partition("@")[0] for each in (user.email, address.email))
    return after if user.name == before else user.name
