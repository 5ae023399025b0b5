"""Statements about targets: the programs elsewhere that show our photos."""

import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    String,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from likeness.db.connection import Connected
from likeness.db.copies import AT_ONCE, marking
from likeness.db.schema import copies, deliveries, events, targets, teams, users
from likeness.elsewhere import TARGETS_MAX, CopyState, Target
from likeness.errors import Mistake
from likeness.events import Verb


class TargetRows(Connected):
    """The programs elsewhere that show our photos."""

    def add_target(self, target: Target) -> None:
        """Add a target, behind with nobody. Raises Mistake where there is one of that name.

        Each change is either over by then, or counts for it.
        """
        values = asdict(target) | {"options": json.dumps(dict(target.options))}
        try:
            with self._write() as connection:
                _keep_changes_out(connection)
                count = connection.execute(select(func.count()).select_from(targets)).scalar_one()
                if count >= TARGETS_MAX:
                    raise Mistake(
                        f"there are {count} targets already, and {TARGETS_MAX} are the most; "
                        "remove one with `likeness target remove`"
                    )
                connection.execute(insert(targets).values(values))
        except IntegrityError as error:
            raise Mistake(f"there is a target {target.name!r} already") from error

    def targets(self) -> list[Target]:
        """Every target, oldest first."""
        with self._read() as connection:
            rows = connection.execute(select(targets).order_by(targets.c.created_at, targets.c.id))
            return [_target_of(row) for row in rows.mappings()]

    def fill_target(self, target_id: str, at: datetime, reason: str) -> int:
        """Let a target be behind with everybody who has a photo or of whom it shows one; how many.

        `reason` is told with each.
        """
        known = exists().where(copies.c.target_id == target_id, copies.c.user_id == users.c.id)
        # Nothing has to be told of somebody who has nothing and of whom nothing was ever told.
        return self._mark(target_id, or_(users.c.photo_id.is_not(None), known), at, reason)

    def resync_copy(self, target_id: str, user_id: str, at: datetime, reason: str) -> int:
        """Let a target be behind with one user; how many rows that are."""
        return self._mark(target_id, users.c.id == user_id, at, reason)

    def _mark(self, target_id: str, whom: ColumnElement[bool], at: datetime, reason: str) -> int:
        here = and_(targets.c.id == target_id, whom)
        with self._write() as connection:
            statement = marking(connection.dialect.name, here, literal(reason, String))
            counted = {"preserve_rowcount": True}
            marked = connection.execute(statement, {"now": at}, execution_options=counted)
            return marked.rowcount

    def empty_target(self, target_id: str) -> int:
        """Let everything that a target shows be taken away there; how many it shows.

        Its options say from then on that it is shown nothing.
        """
        shown = (copies.c.target_id == target_id) & copies.c.shown.is_not(None)
        with self._write() as connection:
            found = select(targets.c.options).where(targets.c.id == target_id)
            options = json.loads(connection.execute(found).scalar_one()) | {"is_emptied": True}
            chosen = update(targets).where(targets.c.id == target_id)
            connection.execute(chosen.values(options=json.dumps(options)))
            behind = {"version": copies.c.version + 1, "state": CopyState.DUE.value, "attempts": 0}
            emptied = update(copies).where(shown, copies.c.shown != "")
            return connection.execute(emptied.values(due_at=AT_ONCE, **behind)).rowcount

    def remove_target(self, target_id: str) -> None:
        """Forget a target with all that is known of it; what it shows stays there."""
        with self._write() as connection:
            _keep_changes_out(connection)
            for table in (deliveries, copies):
                connection.execute(delete(table).where(table.c.target_id == target_id))
            connection.execute(delete(targets).where(targets.c.id == target_id))

    def pause_target(self, target_id: str, at: datetime, reason: str) -> None:
        """Bring nothing to a target until it is resumed; one that is paused stays as it is."""
        running = (targets.c.id == target_id) & targets.c.paused_at.is_(None)
        with self._write() as connection:
            paused = {"paused_at": at, "pause_reason": reason}
            connection.execute(update(targets).where(running).values(paused))

    def resume_target(self, target_id: str) -> None:
        """Go on with a target, and count its failures anew."""
        going_on = {"paused_at": None, "pause_reason": None, "failing_since": None}
        with self._write() as connection:
            connection.execute(update(targets).where(targets.c.id == target_id).values(going_on))

    def note_failing(self, target_id: str, since: datetime | None) -> None:
        """Note the first failure since a success, or with None that there was a success."""
        change = update(targets).where(targets.c.id == target_id)
        if since is not None:
            change = change.where(targets.c.failing_since.is_(None))
        with self._jot() as connection:
            connection.execute(change.values(failing_since=since))

    def rotate_target(self, target_id: str, at: datetime) -> None:
        """Sign with the next secret, and with the one before for a while."""
        turned = {"generation": targets.c.generation + 1, "rotated_at": at}
        with self._write() as connection:
            connection.execute(update(targets).where(targets.c.id == target_id).values(turned))

    def is_open_team(self, team_id: str) -> bool:
        """Whether a workspace is there and not deactivated."""
        chosen = select(literal(1)).where(teams.c.id == team_id, teams.c.deleted_at.is_(None))
        with self._read() as connection:
            return connection.execute(chosen).first() is not None

    def last_verb(self, user_id: str, verbs: frozenset[Verb]) -> Verb | None:
        """Which of these things was done last to a user."""
        told = events.c.verb.in_([verb.value for verb in verbs])
        chosen = select(events.c.verb).where(events.c.user_id == user_id, told)
        with self._read() as connection:
            newest = connection.execute(chosen.order_by(events.c.id.desc()).limit(1))
            found = newest.scalar_one_or_none()
            return Verb(found) if found else None


def _keep_changes_out(connection: Connection) -> None:
    """Wait for every transaction that has looked for targets, and let later ones wait.

    SQLite's transactions begin by that.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE targets IN ACCESS EXCLUSIVE MODE")


def _target_of(row: RowMapping) -> Target:
    return Target(**dict(row) | {"options": json.loads(row["options"])})
