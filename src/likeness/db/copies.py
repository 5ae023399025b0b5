"""Statements about copies: which target is behind with whom, who brings it there, what came of it.

`mark` runs in the transaction of the change that it tells of, so that a change is never lost. All
else may be lost in a power cut: a row is brought there once more then, which does no harm.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Integer,
    RowMapping,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from likeness.db.connection import Connected
from likeness.db.dialects import INSERTS
from likeness.db.schema import Instant, copies, deliveries, targets, users
from likeness.elsewhere import Copy, CopyState, Delivery, Result, Standing

AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When a change is due: earlier than what is tried again, by any clock."""

_DUE: Final = CopyState.DUE.value
_IS_THERE: Final = select(literal(1)).select_from(targets).limit(1)
_KEYS: Final = (copies.c.target_id, copies.c.user_id)
_WHOM: Final = {
    "of_user": users.c.id == bindparam("of_user"),
    "of_team": users.c.team_id == bindparam("of_team"),
}


def mark(connection: Connection, user_id: str) -> None:
    """Note that every target is behind with a user, whatever changed. Without targets, one look."""
    _mark(connection, "of_user", user_id)


def mark_team(connection: Connection, team_id: str) -> None:
    """The same for everybody of a workspace."""
    _mark(connection, "of_team", team_id)


def _mark(connection: Connection, whom: str, subject: str) -> None:
    if connection.execute(_IS_THERE).first() is not None:
        values = {whom: subject, "now": datetime.now(UTC)}
        connection.execute(_marking(connection.dialect.name, whom), values)


@cache
def _marking(dialect: str, whom: str) -> Executable:
    """The statement of a mark. Built once, since each upload runs it."""
    return marking(dialect, _WHOM[whom], null())


def marking(dialect: str, whom: ColumnElement[bool], reason: ColumnElement[Any]) -> Executable:
    """A row for each target and each user of `whom`, or one that counts one change more."""
    fresh = {
        "target_id": targets.c.id,
        "user_id": users.c.id,
        "version": literal(1, Integer),
        "sent": literal(0, Integer),
        "state": literal(_DUE),
        "due_at": literal(AT_ONCE, Instant),
        "attempts": literal(0, Integer),
        "reason": reason,
        "behind_since": bindparam("now", type_=Instant),
    }
    is_meant = or_(targets.c.team_id.is_(None), targets.c.team_id == users.c.team_id)
    # In one order for everybody, so that two of these cannot wait for each other.
    pairs = select(*fresh.values()).select_from(targets.join(users, is_meant)).where(whom)
    adding = INSERTS[dialect](copies).from_select(
        list(fresh), pairs.order_by(targets.c.id, users.c.id)
    )
    since = case(
        (copies.c.state == _DUE, copies.c.behind_since), else_=adding.excluded.behind_since
    )
    again = {
        "version": copies.c.version + 1,
        "state": _DUE,
        "due_at": adding.excluded.due_at,
        "attempts": 0,
        "reason": adding.excluded.reason,
        "behind_since": since,
    }
    return adding.on_conflict_do_update(index_elements=list(_KEYS), set_=again)


class CopyRows(Connected):
    """What each target shows of each person."""

    def due_targets(self, now: datetime) -> set[str]:
        """The ids of targets that are not paused and behind with somebody who may be tried now."""
        behind = exists().where(copies.c.target_id == targets.c.id, copies.c.due_at <= now)
        with self._read() as connection:
            chosen = select(targets.c.id).where(targets.c.paused_at.is_(None), behind)
            return set(connection.execute(chosen).scalars())

    def lease_copies(
        self, target_id: str, now: datetime, until: datetime, limit: int
    ) -> list[Copy]:
        """At most `limit` copies that are due, which nobody else gets until `until`."""
        due = (copies.c.target_id == target_id) & (copies.c.due_at <= now)
        in_turn = select(*_KEYS).where(due).order_by(copies.c.due_at, copies.c.behind_since)
        # A common table expression, since a LIMIT within IN may be evaluated more than once.
        heads = in_turn.limit(limit).with_for_update(skip_locked=True).cte("heads")
        mine = [key == heads.c[key.name] for key in _KEYS]
        with self._jot() as connection:
            leased = update(copies).where(*mine).values(due_at=until).returning(*copies.columns)
            return [_copy_of(row) for row in connection.execute(leased).mappings()]

    def begin_copy(self, copy: Copy, *, shown: str, remote_id: str | None) -> None:
        """Note before the first photo goes there that it does, so that it is taken away for sure.

        Durably, since nobody else knows of it while the request is on its way.
        """
        with self._write() as connection:
            begun = update(copies).where(_is(copy))
            connection.execute(begun.values(shown=shown, remote_id=remote_id, marker=None))

    def settle_copy(
        self,
        copy: Copy,
        at: datetime,
        *,
        shown: str | None,
        marker: str | None,
        remote_id: str | None,
    ) -> None:
        """Note what was brought there. What changed since the lease stays due, at once."""
        values = {
            "sent": copy.version,
            "shown": shown,
            "marker": marker,
            "remote_id": remote_id,
            "sent_at": at,
        }
        self._end_lease(copy, CopyState.CURRENT, values)

    def absent_copy(self, copy: Copy, again_at: datetime) -> None:
        """Note that the person is unknown there, and when to look again."""
        gone = {"remote_id": None, "shown": None, "marker": None}
        self._end_lease(copy, CopyState.ABSENT, gone, again_at)

    def refuse_copy(self, copy: Copy, error: str) -> None:
        """Note that it is no use to try this again, until something changes."""
        self._end_lease(copy, CopyState.REFUSED, {"last_error": error})

    def postpone_copy(
        self, copy: Copy, again_at: datetime, error: str, *, is_attempt: bool = True
    ) -> None:
        """Note when to try again, and why."""
        tried = {"attempts": copy.attempts + is_attempt, "last_error": error}
        self._end_lease(copy, CopyState.DUE, tried, again_at)

    def _end_lease(
        self,
        copy: Copy,
        state: CopyState,
        values: Mapping[str, Any],
        due_at: datetime | None = None,
    ) -> None:
        """Write how an attempt ended; where the person changed meanwhile, it is due at once."""
        is_same = copies.c.version == copy.version
        if state is not CopyState.DUE:
            values = {"attempts": 0, "last_error": None, **values}
        changes = {
            **values,
            "state": case((is_same, state.value), else_=_DUE),
            "due_at": case((is_same, literal(due_at, Instant)), else_=literal(AT_ONCE, Instant)),
            "reason": case((is_same & (state is CopyState.CURRENT), null()), else_=copies.c.reason),
        }
        with self._jot() as connection:
            connection.execute(update(copies).where(_is(copy)).values(changes))

    def drop_copy(self, copy: Copy) -> bool:
        """Drop the row of somebody who is gone here and there; False where something changed."""
        with self._jot() as connection:
            dropped = delete(copies).where(_is(copy), copies.c.version == copy.version)
            return bool(connection.execute(dropped).rowcount)

    def has_other_copy(self, copy: Copy) -> bool:
        """Whether somebody else here is the same person there, so that it is not to be cleared."""
        others = (copies.c.target_id == copy.target_id) & (copies.c.user_id != copy.user_id)
        with self._read() as connection:
            same = select(literal(1)).where(others, copies.c.remote_id == copy.remote_id).limit(1)
            return connection.execute(same).first() is not None

    def hurry_copies(self, target_id: str) -> None:
        """Let all that was postponed be tried at once, since the target answers again."""
        waiting = (copies.c.target_id == target_id) & (copies.c.state == _DUE)
        with self._jot() as connection:
            hurried = update(copies).where(waiting, copies.c.attempts > 0)
            connection.execute(hurried.values(due_at=AT_ONCE))

    def retry_copies(self, target_id: str, user_id: str | None = None) -> int:
        """Let all that is behind, refused or absent be tried at once; how many they are."""
        behind = (copies.c.target_id == target_id) & (copies.c.state != CopyState.CURRENT.value)
        if user_id is not None:
            behind &= copies.c.user_id == user_id
        values = {"due_at": AT_ONCE, "state": _DUE, "attempts": 0}
        with self._write() as connection:
            return connection.execute(update(copies).where(behind).values(values)).rowcount

    def copies_of_user(self, user_id: str) -> list[Copy]:
        """What each target shows of somebody."""
        chosen = select(copies).where(copies.c.user_id == user_id).order_by(copies.c.target_id)
        with self._read() as connection:
            return [_copy_of(row) for row in connection.execute(chosen).mappings()]

    def copies_of_target(
        self, target_id: str, states: frozenset[CopyState], *, after_id: str = "", limit: int
    ) -> list[Copy]:
        """At most `limit` copies of a target in these states, in the order of their users' ids."""
        chosen = select(copies).where(
            copies.c.target_id == target_id,
            copies.c.user_id > after_id,
            copies.c.state.in_([state.value for state in states]),
        )
        with self._read() as connection:
            page = connection.execute(chosen.order_by(copies.c.user_id).limit(limit))
            return [_copy_of(row) for row in page.mappings()]

    def standings(self) -> dict[str, Standing]:
        """How each target stands that has copies, by its id."""
        since = func.min(case((copies.c.state == _DUE, copies.c.behind_since)))
        counted = select(copies.c.target_id, copies.c.state, func.count(), since)
        grouped = counted.group_by(copies.c.target_id, copies.c.state)
        counts: dict[str, dict[CopyState, int]] = {}
        oldest: dict[str, datetime] = {}
        with self._read() as connection:
            for target_id, state, count, behind_since in connection.execute(grouped):
                counts.setdefault(target_id, {})[CopyState(state)] = count
                if behind_since is not None:
                    oldest[target_id] = behind_since
        return {each: Standing(counts[each], oldest.get(each)) for each in counts}

    def add_delivery(self, delivery: Delivery) -> None:
        """Add a row to the log of deliveries; of a target that is gone meanwhile, nothing."""
        values = {name: getattr(delivery, name) for name in _DELIVERED}
        is_there = select(
            *(literal(values[name], deliveries.c[name].type) for name in _DELIVERED)
        ).where(exists().where(targets.c.id == delivery.target_id))
        with self._jot() as connection:
            connection.execute(insert(deliveries).from_select(list(_DELIVERED), is_there))

    def deliveries_of(self, target_id: str, limit: int) -> list[Delivery]:
        """The newest rows of a target's log of deliveries, newest first."""
        chosen = select(deliveries).where(deliveries.c.target_id == target_id)
        with self._read() as connection:
            newest_first = connection.execute(chosen.order_by(deliveries.c.id.desc()).limit(limit))
            return [_delivery_of(row) for row in newest_first.mappings()]

    def forget_deliveries(self, before: datetime, kept_max: int) -> int:
        """Drop old rows of the log of deliveries, and all but the newest `kept_max`; how many."""
        newest = select(deliveries.c.id).order_by(deliveries.c.id.desc())
        with self._write() as connection:
            last = connection.execute(newest.offset(kept_max).limit(1)).scalar_one_or_none() or 0
            over = or_(deliveries.c.at < before, deliveries.c.id <= last)
            return connection.execute(delete(deliveries).where(over)).rowcount


_DELIVERED: Final = ("at", "target_id", "user_id", "version", "result", "milliseconds", "detail")


def hand_over_copies(connection: Connection, gone_id: str, kept_id: str) -> None:
    """Let `kept_id` be at each target who `gone_id` was there, unless they are somebody there.

    What is left of `gone_id` is taken away there, as of somebody who was erased.
    """
    nobody = (copies.c.user_id == kept_id) & copies.c.remote_id.is_(None)
    theirs = select(copies).where(copies.c.user_id == gone_id, copies.c.remote_id.is_not(None))
    for row in connection.execute(theirs).mappings().all():
        here = copies.c.target_id == row["target_id"]
        same = {name: row[name] for name in ("remote_id", "shown", "marker")}
        if connection.execute(update(copies).where(here, nobody).values(same)).rowcount:
            connection.execute(delete(copies).where(here, copies.c.user_id == gone_id))


def _is(copy: Copy) -> ColumnElement[bool]:
    return and_(copies.c.target_id == copy.target_id, copies.c.user_id == copy.user_id)


def _copy_of(row: RowMapping) -> Copy:
    return Copy(**dict(row) | {"state": CopyState(row["state"])})


def _delivery_of(row: RowMapping) -> Delivery:
    values = {name: row[name] for name in _DELIVERED}
    return Delivery(**values | {"result": Result(row["result"])})
