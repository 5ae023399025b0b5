"""Statements about sign-in links, each of which works once."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, update

from likeness.db.connection import Connected
from likeness.db.events import note
from likeness.db.rows import user_of, users_with_photos
from likeness.db.schema import links, teams, users
from likeness.events import OPERATOR, Actor, Verb
from likeness.model import User


class Links(Connected):
    """One-time links and their users."""

    def add_link(
        self,
        digest: bytes,
        user_id: str,
        created_at: datetime,
        expires_at: datetime,
        actor: Actor = OPERATOR,
    ) -> None:
        """Keep the digest of a new link."""
        values = {"user_id": user_id, "created_at": created_at, "expires_at": expires_at}
        with self._write() as connection:
            connection.execute(insert(links).values(digest=digest, **values))
            told = f"a link until {expires_at:%Y-%m-%d %H:%M}"
            note(connection, created_at, actor, user_id, Verb.ACCESS_GIVEN, detail=told)

    def link_user(self, digest: bytes, now: datetime) -> User | None:
        """The user of a link; None if it is unknown, used or expired, or they are deactivated."""
        with self._read() as connection:
            return _owner(connection, digest, now)

    def use_link(self, digest: bytes, now: datetime) -> User | None:
        """Use a link up, atomically, and give its user; None as above. Only one caller gets it."""
        with self._write() as connection:
            owner = _owner(connection, digest, now)
            if owner is None:
                return None
            used = update(links).where(_usable(digest, now)).values(used_at=now)
            # Where transactions meet, the second one finds the link used when the first is done.
            return owner if connection.execute(used).rowcount else None

    def forget_links(self, before: datetime) -> None:
        """Drop the links that were over before a moment, used or not."""
        with self._write() as connection:
            connection.execute(delete(links).where(links.c.expires_at < before))


def _usable(digest: bytes, now: datetime) -> ColumnElement[bool]:
    return (links.c.digest == digest) & links.c.used_at.is_(None) & (links.c.expires_at > now)


def _owner(connection: Connection, digest: bytes, now: datetime) -> User | None:
    """The active user of a link that can be used, in a team that is active too."""
    chosen = (
        users_with_photos()
        .join(links, links.c.user_id == users.c.id)
        .join(teams, teams.c.id == users.c.team_id)
        .where(_usable(digest, now), users.c.deleted_at.is_(None), teams.c.deleted_at.is_(None))
    )
    row = connection.execute(chosen).mappings().one_or_none()
    return user_of(row) if row else None
