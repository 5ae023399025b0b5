"""Statements about batches: each is one import, which can be undone as a whole."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import RowMapping, delete, select, update

from likeness.db.connection import Connected
from likeness.db.dialects import insert_new
from likeness.db.schema import batches
from likeness.events import Batch


class Batches(Connected):
    """The imports and their times."""

    def add_batch(self, batch: Batch) -> None:
        """Note that an import begins, or that one goes on that was cut short."""
        values = {
            "id": batch.id,
            "team_id": batch.team_id,
            "kind": batch.kind,
            "policy": batch.policy,
            "actor": batch.actor,
            "started_at": batch.started_at,
            "counts": json.dumps(dict(batch.counts)),
        }
        with self._write() as connection:
            insert_new(connection, batches, [values])

    def end_batch(self, batch_id: str, at: datetime, counts: Mapping[str, int]) -> None:
        """Note how an import ended: how many rows had which outcome."""
        ended = update(batches).where(batches.c.id == batch_id)
        with self._write() as connection:
            connection.execute(ended.values(ended_at=at, counts=json.dumps(dict(counts))))

    def forget_batch(self, batch_id: str) -> None:
        """Remove an import that changed nothing."""
        with self._write() as connection:
            connection.execute(delete(batches).where(batches.c.id == batch_id))

    def note_undone(self, batch_id: str, at: datetime) -> None:
        """Note that an import was taken back; the first time counts."""
        undone = update(batches).where(batches.c.id == batch_id, batches.c.undone_at.is_(None))
        with self._write() as connection:
            connection.execute(undone.values(undone_at=at))

    def batch(self, batch_id: str) -> Batch | None:
        """An import by its id."""
        with self._read() as connection:
            chosen = select(batches).where(batches.c.id == batch_id)
            row = connection.execute(chosen).mappings().one_or_none()
            return _batch_of(row) if row else None

    def batches(self, team_id: str, limit: int) -> list[Batch]:
        """At most `limit` imports of a team, newest first."""
        newest = select(batches).where(batches.c.team_id == team_id)
        chosen = newest.order_by(batches.c.started_at.desc(), batches.c.id).limit(limit)
        with self._read() as connection:
            return [_batch_of(row) for row in connection.execute(chosen).mappings()]


def _batch_of(row: RowMapping) -> Batch:
    return Batch(**dict(row) | {"counts": json.loads(row["counts"])})
