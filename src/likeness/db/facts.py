"""Key-value rows on which all processes agree, such as a mark of the secret key."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, update

from likeness.db.connection import Connected
from likeness.db.dialects import insert_new
from likeness.db.schema import facts


def _of(name: str) -> Select[Any]:
    return select(facts.c.value).where(facts.c.name == name)


class Facts(Connected):
    """Names with one value each: of those that all must agree on, the first wins."""

    def fact(self, name: str) -> str | None:
        """The value of a name, or None."""
        with self._read() as connection:
            value: str | None = connection.execute(_of(name)).scalar_one_or_none()
            return value

    def agree(self, name: str, value: str) -> str:
        """The value of a name: this one, unless another was kept before."""
        kept = self.fact(name)
        if kept is not None:
            return kept
        with self._write() as connection:
            insert_new(connection, facts, [{"name": name, "value": value}])
            first: str = connection.execute(_of(name)).scalar_one()
            return first

    def note(self, name: str, value: str) -> None:
        """Keep a value in place of the one before."""
        with self._write() as connection:
            connection.execute(delete(facts).where(facts.c.name == name))
            insert_new(connection, facts, [{"name": name, "value": value}])

    def forget_fact(self, name: str) -> None:
        """Forget the value, so that the next process sets it."""
        with self._write() as connection:
            connection.execute(delete(facts).where(facts.c.name == name))

    def hold(self, name: str, holder: str, now: datetime, until: datetime) -> datetime | None:
        """Take a lease, or renew it: None where `holder` has it then, else when another's ends.

        One that is over is anybody's, so that nobody has to give back what a killed process held.
        """
        text = f"{until.isoformat()} {holder}"
        with self._write() as connection:
            insert_new(connection, facts, [{"name": name, "value": text}])
            kept: str = connection.execute(_of(name).with_for_update()).scalar_one()
            ends, _, by = kept.partition(" ")
            if by != holder and datetime.fromisoformat(ends) > now:
                return datetime.fromisoformat(ends)
            renewing = update(facts).where(facts.c.name == name)
            connection.execute(renewing.values(value=text))
            return None

    def let_go(self, name: str, holder: str) -> None:
        """Give a lease back, if `holder` has it."""
        theirs = facts.c.value.endswith(f" {holder}", autoescape=True)
        with self._write() as connection:
            connection.execute(delete(facts).where(facts.c.name == name, theirs))
