"""Counts of people and photos for monitors. Each reads a whole table, so they are run seldom."""

from dataclasses import dataclass

from sqlalchemy import func, not_, select, text

from likeness.db.connection import Connected
from likeness.db.schema import photos, users
from likeness.model import PhotoState


@dataclass(frozen=True, slots=True)
class Counted:
    """People who are active, bots left out, and photos that are shown."""

    people: int
    photos: int


class Census(Connected):
    """Counts of an installation. A million rows take a tenth of a second or two."""

    def census(self) -> Counted:
        """Count anew."""
        people = select(func.count()).where(users.c.deleted_at.is_(None), not_(users.c.is_bot))
        # In words, not as a parameter, or SQLite would not know that an index has just these.
        shown = select(func.count()).where(text(f"state = '{PhotoState.CURRENT}'"))
        with self._read() as connection:
            return Counted(
                connection.execute(people.select_from(users)).scalar_one(),
                connection.execute(shown.select_from(photos)).scalar_one(),
            )
