"""Statements about the log: rows are added in the transaction of what they tell, and never changed.

Only their age ends them, and the erasing of somebody leaves of theirs what names nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from likeness.db.connection import Connected
from likeness.db.schema import events, users
from likeness.events import Actor, Event, Verb
from likeness.model import Source

_ADD: Final = insert(events)
"""Built once, since each upload runs it."""


def note(
    connection: Connection,
    at: datetime,
    actor: Actor,
    user_id: str,
    verb: Verb,
    *,
    photo_id: int | None = None,
    detail: str | None = None,
) -> None:
    """Add a row to the log, which is there if and only if the transaction is."""
    values = _values(at, actor, user_id, verb)
    connection.execute(_ADD, values | {"photo_id": photo_id, "detail": detail})


def _values(at: datetime, actor: Actor, user_id: str, verb: Verb) -> dict[str, Any]:
    return {
        "at": at,
        "actor": actor.name,
        "user_id": user_id,
        "verb": verb.value,
        "source": actor.source.value,
        "batch_id": actor.batch_id,
        "origin": actor.origin or None,
    }


def note_all(
    connection: Connection, at: datetime, actor: Actor, done: Sequence[tuple[str, Verb]]
) -> None:
    """Add a row for each user id and what was done to them, as `note` does one."""
    if done:
        rows = [_values(at, actor, user_id, verb) for user_id, verb in done]
        connection.execute(_ADD, rows)


class Events(Connected):
    """The log of who did what to whom."""

    def add_event(
        self, at: datetime, actor: Actor, user_id: str, verb: Verb, detail: str | None = None
    ) -> None:
        """Add a row about something that changed nothing else, such as a refusal."""
        with self._write() as connection:
            note(connection, at, actor, user_id, verb, detail=detail)

    def events(
        self,
        *,
        user_id: str | None = None,
        team_id: str | None = None,
        batch_id: str | None = None,
        before_id: int | None = None,
        limit: int,
    ) -> list[Event]:
        """At most `limit` rows, newest first: of a user, a batch, a team with its people, or all.

        Those about who was erased are of no team any more.
        """
        chosen = select(events).order_by(events.c.id.desc()).limit(limit)
        if user_id is not None:
            chosen = chosen.where(events.c.user_id == user_id)
        if team_id is not None:
            members = select(users.c.id).where(users.c.team_id == team_id)
            of_members = events.c.user_id.in_(members)
            chosen = chosen.where(of_members | (events.c.user_id == team_id))
        if batch_id is not None:
            chosen = chosen.where(events.c.batch_id == batch_id)
        if before_id is not None:
            chosen = chosen.where(events.c.id < before_id)
        with self._read() as connection:
            return [_event_of(row) for row in connection.execute(chosen).mappings()]

    def events_after(self, id_: int, until: datetime, limit: int) -> list[Event]:
        """At most `limit` rows after one and from before a moment, oldest first."""
        chosen = select(events).where(events.c.id > id_, events.c.at < until)
        with self._read() as connection:
            oldest_first = connection.execute(chosen.order_by(events.c.id).limit(limit))
            return [_event_of(row) for row in oldest_first.mappings()]

    def newest_event_id(self) -> int:
        """The id of the newest row, 0 where there is none."""
        with self._read() as connection:
            newest: int | None = connection.execute(select(func.max(events.c.id))).scalar_one()
            return newest or 0

    def forget_events(self, before: datetime) -> int:
        """Drop the rows that are older than a moment; how many they were."""
        with self._write() as connection:
            return connection.execute(delete(events).where(events.c.at < before)).rowcount


def _event_of(row: RowMapping) -> Event:
    source = Source(row["source"]) if row["source"] else None
    return Event(**dict(row) | {"verb": Verb(row["verb"]), "source": source})
