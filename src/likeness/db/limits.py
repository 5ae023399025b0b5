"""The one statement behind every rate limit: GCRA, atomic across threads and processes."""

from typing import Any, Final

from sqlalchemy import Connection, Float, bindparam, case, delete, select
from sqlalchemy.sql.dml import ReturningInsert

from likeness.db.connection import Connected
from likeness.db.dialects import INSERTS
from likeness.db.schema import limits


def _spending(dialect: str) -> ReturningInsert[Any]:
    """Moves a counter on by one interval, unless that takes it beyond the burst."""
    now_s, interval_s = bindparam("now_s", type_=Float), bindparam("interval_s", type_=Float)
    arrival_s = case((limits.c.arrival_s > now_s, limits.c.arrival_s), else_=now_s)
    return (
        INSERTS[dialect](limits)
        .values(key=bindparam("of_key"), arrival_s=now_s + interval_s)
        .on_conflict_do_update(
            index_elements=[limits.c.key],
            set_={"arrival_s": arrival_s + interval_s},
            where=arrival_s + interval_s <= bindparam("latest_s", type_=Float),
        )
        .returning(limits.c.arrival_s)
    )


# Built once, since building takes longer than running it.
_SPEND: Final = {dialect: _spending(dialect) for dialect in INSERTS}
_KEPT: Final = select(limits.c.arrival_s).where(limits.c.key == bindparam("of_key"))


class Limits(Connected):
    """Counters that need no durability: after a power cut everybody starts afresh."""

    def take(self, key: str, interval_s: float, burst: int, now_s: float) -> float:
        """Spend one of `burst` calls that come back one in `interval_s` seconds.

        Gives 0.0 when the call is allowed, else the seconds to wait; a refused call costs nothing.
        """
        latest_s = now_s + burst * interval_s
        spent = {
            "of_key": key,
            "now_s": now_s,
            "interval_s": interval_s,
            # A hair of tolerance, since adding an interval `burst` times rounds.
            "latest_s": latest_s + interval_s / 1000,
        }
        with self._jot() as connection:
            if connection.execute(_SPEND[connection.dialect.name], spent).one_or_none() is not None:
                return 0.0
            kept_s: float = connection.execute(_KEPT, {"of_key": key}).scalar_one()
            return kept_s + interval_s - latest_s

    def forget_idle(self, now_s: float) -> None:
        """Drop counters whose whole burst has come back."""
        with self._jot() as connection:
            connection.execute(delete(limits).where(limits.c.arrival_s < now_s))


def forget_calls(connection: Connection, user_id: str) -> None:
    """Drop the counters of a user's calls within a transaction; their keys end with the id."""
    theirs = limits.c.key.endswith(f" {user_id}", autoescape=True)
    connection.execute(delete(limits).where(theirs))
