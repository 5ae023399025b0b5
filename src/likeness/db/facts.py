"""Statements about what all processes of one installation must agree on."""

from sqlalchemy import select

from likeness.db.connection import Connected
from likeness.db.dialects import insert_new
from likeness.db.schema import facts


class Facts(Connected):
    """Names with one value each, which is whatever was said first."""

    def agree(self, name: str, value: str) -> str:
        """The value of a name: this one, unless another was kept before."""
        with self._write() as connection:
            insert_new(connection, facts, [{"name": name, "value": value}])
            kept: str = connection.execute(
                select(facts.c.value).where(facts.c.name == name)
            ).scalar_one()
            return kept
