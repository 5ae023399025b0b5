"""Statements about all that is kept of one person: read it for an export, or delete it."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Table,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from likeness.db.connection import Connected
from likeness.db.events import note
from likeness.db.limits import forget_calls
from likeness.db.notices import announce_person
from likeness.db.photos import lock, take_away
from likeness.db.rows import staged_of
from likeness.db.schema import (
    Instant,
    copies,
    deliveries,
    events,
    links,
    metadata,
    photos,
    staged,
    tokens,
    users,
)
from likeness.events import Actor, Verb
from likeness.model import PhotoState, Staged

OWNED: Final = tuple(
    table
    for table in metadata.sorted_tables
    if any(key.references(users) for key in table.foreign_keys)
)
"""Every table whose rows belong to one user, by the foreign key that says so: a new table is among
them without being named here."""

_ELSEWHERE: Final = (copies, deliveries)
"""Tables that say what others show of a user. Their rows may outlive the user, until that ends."""

_CURRENT: Final = photos.c.state == PhotoState.CURRENT.value
_REPLACED: Final = photos.c.state == PhotoState.REPLACED.value

Row = dict[str, Any]


class Personal(Connected):
    """All data about a person: read it, delete it."""

    def rows_about(self, user_id: str) -> dict[str, list[Row]]:
        """Every row about a user, by table, in the order of its keys.

        Without digests and other columns of bytes, which say nothing to anybody. In the log's rows
        the `origin` is left out where somebody else acted, since it says where those were.
        """
        with self._read() as connection:
            own = {table.name: _rows(connection, table, user_id) for table in OWNED}
            told = {each.name: _rows(connection, each, user_id) for each in _ELSEWHERE}
            logged = _rows(connection, events, user_id)
            mine = select(users).where(users.c.id == user_id)
            themselves = [dict(row) for row in connection.execute(mine).mappings()]
        elsewhere = {name: rows for name, rows in told.items() if rows}
        for row in logged:
            if row["actor"] != user_id:
                row["origin"] = None
        return {users.name: themselves, **own, **elsewhere, events.name: logged}

    def begin_erasing(self, user_id: str, at: datetime, actor: Actor) -> None:
        """End an account with all its photos, tokens, sessions and links; a second time is no harm.

        From then on nobody is shown anything of the person. Their files are to be removed next.
        """
        ended = {
            "deleted_at": func.coalesce(users.c.deleted_at, literal(at, Instant)),
            "updated_at": at,
        }
        with self._write() as connection:
            lock(connection, user_id)
            theirs = update(users).where(users.c.id == user_id)
            connection.execute(theirs.values(**ended, is_listed=False, is_admin=False))
            for table in (tokens, links):
                connection.execute(delete(table).where(table.c.user_id == user_id))
            take_away(connection, user_id, true(), at, actor)
            announce_person(connection, user_id)

    def staged_of(self, user_id: str) -> list[Staged]:
        """Every prepared picture of a user, those whose hour is over included."""
        with self._read() as connection:
            rows = connection.execute(select(staged).where(staged.c.user_id == user_id))
            return [staged_of(row) for row in rows.mappings()]

    def finish_erasing(self, user_id: str, at: datetime, actor: Actor) -> bool:
        """Drop every row of a user whose files are gone; False where files may be left.

        The log keeps its rows with the ids and verbs alone, and one that says who erased them. What
        a target shows of them is noted until it is taken away there.
        """
        with self._write() as connection:
            # A writer of another photo of theirs waits here, and then finds no user.
            lock(connection, user_id)
            if _has_files(connection, user_id):
                return False
            announce_person(connection, user_id)
            for table in reversed(OWNED):
                connection.execute(delete(table).where(table.c.user_id == user_id))
            connection.execute(delete(deliveries).where(deliveries.c.user_id == user_id))
            _forget_in_log(connection, user_id)
            forget_calls(connection, user_id)
            note(connection, at, actor, user_id, Verb.USER_ERASED)
            connection.execute(delete(users).where(users.c.id == user_id))
            return True

    def empty_journal(self) -> None:
        """Have SQLite's journal end, in which the last changes stand with what was there before.

        Another process that reads at this moment may keep it for a while; then nothing happens.
        """
        if self.is_embedded:
            with self._read() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def end_photos_of_leavers(
        self, before: datetime, at: datetime, actor: Actor, limit: int
    ) -> int:
        """Take all photos of people away who were deactivated before a moment.

        At most `limit` people at a time; how many there were. Nobody has chosen what they show
        from then on, so that somebody who comes back may get a photo from anywhere.
        """
        kept = exists().where(photos.c.user_id == users.c.id, or_(_CURRENT, _REPLACED))
        left = select(users.c.id).where(users.c.deleted_at < before, kept)
        with self._read() as connection:
            found = list(connection.execute(left.limit(limit)).scalars())
        if not found:
            return 0
        with self._write() as connection:
            # Locked and looked at again, since somebody may have been reactivated meanwhile.
            still = left.where(users.c.id.in_(found)).with_for_update(of=users)
            leavers = list(connection.execute(still).scalars())
            for user_id in leavers:
                take_away(connection, user_id, true(), at, actor)
            unchosen = update(users).where(users.c.id.in_(leavers)).values(photo_source=None)
            connection.execute(unchosen)
            return len(leavers)

    def count_photos_of_leavers(self, before: datetime, replaced_before: datetime) -> int:
        """How many photos `end_photos_of_leavers` would take away in all.

        Those replaced before `replaced_before`, which end anyway, are not among them.
        """
        young = _REPLACED & (photos.c.ended_at >= replaced_before)
        theirs = photos.join(users, users.c.id == photos.c.user_id)
        counted = select(func.count()).select_from(theirs)
        with self._read() as connection:
            chosen = counted.where(users.c.deleted_at < before, or_(_CURRENT, young))
            return int(connection.execute(chosen).scalar_one())


def _rows(connection: Connection, table: Table, user_id: str) -> list[Row]:
    """The rows of a table about a user, without columns of bytes."""
    told = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
    chosen: Select[Any] = select(*told).where(table.c.user_id == user_id)
    in_order = chosen.order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(in_order).mappings()]


def _has_files(connection: Connection, user_id: str) -> bool:
    """Whether a photo or prepared picture of a user may have files."""
    conditions: list[tuple[Table, ColumnElement[bool]]] = [
        (photos, photos.c.purged_at.is_(None)),
        (staged, true()),
    ]
    return any(
        connection.execute(
            select(table.c.id).where(table.c.user_id == user_id, condition).limit(1)
        ).first()
        for table, condition in conditions
    )


def _forget_in_log(connection: Connection, user_id: str) -> None:
    """Reduce the log's rows about a user to ids and verbs, and say nowhere where they were."""
    about = update(events).where(events.c.user_id == user_id)
    connection.execute(about.values(detail=None, origin=None, batch_id=None))
    connection.execute(update(events).where(events.c.actor == user_id).values(origin=None))
