"""Statements about e-mail addresses, and the look-up of users by their digests."""

from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from likeness.db.connection import Connected
from likeness.db.dialects import insert_new
from likeness.db.notices import announce_person
from likeness.db.rows import address_of, user_of, users_with_photos
from likeness.db.schema import addresses, digests, photos, teams, users
from likeness.errors import Mistake
from likeness.model import NOBODY, Address, User

# Asked for each face on a page, so that the statement is built once.
_LISTED: Final = (
    users_with_photos()
    .join(digests, digests.c.user_id == users.c.id)
    .join(teams, teams.c.id == users.c.team_id)
    .where(
        digests.c.digest == bindparam("digest"),
        users.c.is_listed,
        users.c.deleted_at.is_(None),
        teams.c.deleted_at.is_(None),
    )
    # Of a person in several teams, the photo that was set last.
    .order_by(photos.c.id.is_(None), photos.c.set_at.desc(), users.c.id)
    .limit(1)
)


class Addresses(Connected):
    """The addresses of users, and users by an address."""

    def add_address(self, address: Address) -> None:
        """Add an address to those of a user. Raises Mistake when the team has it already."""
        try:
            with self._write() as connection:
                note_address(connection, address)
                announce_person(connection, address.user_id, NOBODY)
        except IntegrityError as error:
            raise Mistake(f"{address.email} is in that workspace already") from error

    def remove_address(self, address: Address) -> None:
        """Take an address away from a user; its digests lead to them no more."""
        mine = (addresses.c.team_id == address.team_id) & (addresses.c.email == address.email)
        theirs = digests.c.user_id == address.user_id
        with self._write() as connection:
            connection.execute(delete(addresses).where(mine))
            connection.execute(delete(digests).where(theirs, digests.c.digest.in_(address.digests)))
            announce_person(connection, address.user_id)

    def addresses(self, user_id: str) -> list[Address]:
        """Every address of a user, oldest first."""
        chosen = select(addresses).where(addresses.c.user_id == user_id)
        with self._read() as connection:
            oldest_first = chosen.order_by(addresses.c.added_at, addresses.c.email)
            return [address_of(row) for row in connection.execute(oldest_first).mappings()]

    def user_by_address(self, team_id: str, email: str) -> User | None:
        """Whose address it is in a team, be it their first or a further one."""
        chosen = users_with_photos().join(addresses, addresses.c.user_id == users.c.id)
        mine = (addresses.c.team_id == team_id) & (addresses.c.email == email)
        with self._read() as connection:
            row = connection.execute(chosen.where(mine)).mappings().one_or_none()
            return user_of(row) if row else None

    def set_listed(self, user_id: str, *, is_listed: bool) -> None:
        """Let a user be found by the digests of their addresses, or not."""
        with self._write() as connection:
            connection.execute(
                update(users).where(users.c.id == user_id).values(is_listed=is_listed)
            )
            announce_person(connection, user_id, NOBODY)

    def listed(self, digest: bytes, *, at_once: bool = False) -> User | None:
        """The active, listed user with an address digest; one with a photo is preferred.

        `at_once` never blocks: ServiceUnavailable is raised where the database is locked.
        """
        with self._glance() if at_once else self._read() as connection:
            row = connection.execute(_LISTED, {"digest": digest}).mappings().one_or_none()
            return user_of(row) if row else None


def note_address(connection: Connection, address: Address) -> None:
    """Add an address and its digests within a transaction. Raises IntegrityError when taken."""
    connection.execute(insert(addresses).values(**asdict(address)))
    rows = [{"digest": digest, "user_id": address.user_id} for digest in address.digests]
    insert_new(connection, digests, rows)
