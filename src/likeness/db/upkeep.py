"""Statements for check, repair and sweep: all rows page by page, and their repairs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select, update

from likeness.db.connection import Connected
from likeness.db.notices import announce, announce_person
from likeness.db.photos import ids_among, lock
from likeness.db.rows import photo_of, photo_values, staged_of
from likeness.db.schema import photos, staged, users
from likeness.model import Photo, PhotoState, Staged

_CURRENT = photos.c.state == PhotoState.CURRENT.value
_KEPT = photos.c.state.in_([state.value for state in PhotoState if state.has_files])


@dataclass(frozen=True, slots=True)
class Pointer:
    """The photo that a user points at, and the one that says it is theirs now; ids."""

    user_id: str
    shown: int | None
    current: int | None


class Upkeep(Connected):
    """Pages of every table, in the order of its keys, and the changes that repair rows."""

    def has_photos(self) -> bool:
        """Whether anybody ever had a photo here."""
        with self._read() as connection:
            return connection.execute(select(photos.c.id).limit(1)).first() is not None

    def count_kept_photos(self) -> int:
        """How many photos must have files."""
        with self._read() as connection:
            counted = select(func.count()).select_from(photos).where(_KEPT)
            return int(connection.execute(counted).scalar_one())

    def kept_photos(self, after_id: int, limit: int) -> list[Photo]:
        """Photos that must have files, by id."""
        chosen = select(photos).where(photos.c.id > after_id, _KEPT)
        with self._read() as connection:
            rows = connection.execute(chosen.order_by(photos.c.id).limit(limit)).mappings()
            return [photo_of(row) for row in rows]

    def purged_photo_ids(self, photo_ids: Collection[int]) -> set[int]:
        """Of these ids, those whose files are marked as gone."""
        with self._read() as connection:
            return ids_among(connection, photo_ids, photos.c.purged_at.is_not(None))

    def staged_after(self, staged_id: str, limit: int) -> list[Staged]:
        """Prepared pictures, by id."""
        chosen = select(staged).where(staged.c.id > staged_id).order_by(staged.c.id).limit(limit)
        with self._read() as connection:
            return [staged_of(row) for row in connection.execute(chosen).mappings()]

    def pointers(self, after_id: str, limit: int) -> list[Pointer]:
        """The photo that each user's row names, and the one it should name, by user id."""
        own = users.outerjoin(photos, and_(photos.c.user_id == users.c.id, _CURRENT))
        chosen = select(users.c.id, users.c.photo_id, photos.c.id.label("current"))
        some = chosen.select_from(own).where(users.c.id > after_id)
        with self._read() as connection:
            rows = connection.execute(some.order_by(users.c.id).limit(limit))
            return [Pointer(*row) for row in rows]

    def mend_pointer(self, user_id: str, at: datetime) -> bool:
        """Let a user point at their current photo, or at none. Whether that changed anything."""
        shown = select(users.c.photo_id).where(users.c.id == user_id)
        current = select(photos.c.id).where(photos.c.user_id == user_id, _CURRENT)
        with self._write() as connection:
            lock(connection, user_id)
            right = connection.execute(current).scalar_one_or_none()
            if right == connection.execute(shown).scalar_one_or_none():
                return False
            mending = update(users).where(users.c.id == user_id)
            connection.execute(mending.values(photo_id=right, updated_at=at))
            announce_person(connection, user_id)
            return True

    def add_sizes(self, photo: Photo) -> bool:
        """Note the sizes and the window of a photo, if its files are still wanted; whether so."""
        values = photo_values(photo)
        noted = {name: values[name] for name in ("sizes", "window")}
        with self._write() as connection:
            changing = update(photos).where(photos.c.id == photo.id, _KEPT).values(**noted)
            announce_person(connection, photo.user_id, photo.id)
            return connection.execute(changing).rowcount == 1

    def announce_files(self, photo_ids: Collection[int]) -> None:
        """Have every process invalidate its cached files of these photos."""
        if photo_ids and not self.is_embedded:
            with self._write() as connection:
                announce(connection, *photo_ids)

    def email_of(self, user_id: str) -> str:
        """The address of a user of any team, or their id where there is no such user."""
        chosen = select(users.c.email).where(users.c.id == user_id)
        with self._read() as connection:
            return connection.execute(chosen).scalar_one_or_none() or user_id
