"""Statements about prepared pictures, which are kept until they are cropped or expire."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from likeness.db.connection import Connected
from likeness.db.rows import staged_of
from likeness.db.schema import staged, teams, users
from likeness.model import Staged


class StagedRows(Connected):
    """Prepared pictures."""

    def add_staged(self, picture: Staged) -> None:
        """Remember a prepared picture."""
        values = asdict(picture) | {"format": picture.format.value}
        with self._write() as connection:
            connection.execute(insert(staged).values(**values))

    def staged(self, user_id: str, staged_id: str, now: datetime) -> Staged | None:
        """A prepared picture of this user that has not expired."""
        mine = (staged.c.id == staged_id) & (staged.c.user_id == user_id)
        with self._read() as connection:
            chosen = select(staged).where(mine, staged.c.expires_at > now)
            row = connection.execute(chosen).mappings().one_or_none()
            return staged_of(row) if row else None

    def is_staged(self, key: str, now: datetime) -> bool:
        """Whether a key is that of a prepared picture whose hour is not over.

        Those of a deactivated user or team count as over.
        """
        owned = staged.join(users, users.c.id == staged.c.user_id)
        chosen = select(staged.c.id).select_from(owned.join(teams, teams.c.id == users.c.team_id))
        is_active = users.c.deleted_at.is_(None) & teams.c.deleted_at.is_(None)
        open_ = (staged.c.key == key) & (staged.c.expires_at > now) & is_active
        with self._read() as connection:
            return connection.execute(chosen.where(open_)).first() is not None

    def expired_staged(self, now: datetime) -> list[Staged]:
        """Prepared pictures whose hour is over."""
        with self._read() as connection:
            rows = connection.execute(select(staged).where(staged.c.expires_at <= now))
            return [staged_of(row) for row in rows.mappings()]

    def remove_staged(self, staged_ids: Sequence[str]) -> None:
        """Forget prepared pictures."""
        with self._write() as connection:
            connection.execute(delete(staged).where(staged.c.id.in_(staged_ids)))


def end_staged(connection: Connection, user_id: str) -> None:
    """Expire a user's prepared pictures, without reading a clock; a sweep removes them."""
    theirs = update(staged).where(staged.c.user_id == user_id)
    connection.execute(theirs.values(expires_at=staged.c.created_at))
