"""Statements about what all processes of one installation must agree on."""

from sqlalchemy import delete, select

from likeness.db.connection import Connected
from likeness.db.dialects import insert_new
from likeness.db.schema import facts


class Facts(Connected):
    """Names with one value each, which is whatever was said first."""

    def agree(self, name: str, value: str) -> str:
        """The value of a name: this one, unless another was kept before."""
        chosen = select(facts.c.value).where(facts.c.name == name)
        with self._read() as connection:
            kept: str | None = connection.execute(chosen).scalar_one_or_none()
        if kept is not None:
            return kept
        with self._write() as connection:
            insert_new(connection, facts, [{"name": name, "value": value}])
            first: str = connection.execute(chosen).scalar_one()
            return first

    def forget_fact(self, name: str) -> None:
        """Let the next one say what the value is."""
        with self._write() as connection:
            connection.execute(delete(facts).where(facts.c.name == name))
