"""The one statement behind every rate limit: GCRA, atomic across threads and processes."""

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.sqlite import insert

from likeness.db.connection import Connected
from likeness.db.schema import limits


class Limits(Connected):
    """Counters that need no durability: after a power cut everybody starts afresh."""

    def take(self, key: str, interval_s: float, burst: int, now_s: float) -> float:
        """Spend one of `burst` calls that come back one in `interval_s` seconds.

        Gives 0.0 when the call is allowed, else the seconds to wait; a refused call costs nothing.
        """
        arrival = case((limits.c.arrival_s > now_s, limits.c.arrival_s), else_=now_s)
        latest_s = now_s + burst * interval_s
        spent = (
            insert(limits)
            .values(key=key, arrival_s=now_s + interval_s)
            .on_conflict_do_update(
                index_elements=[limits.c.key],
                set_={"arrival_s": arrival + interval_s},
                # A hair of tolerance, since adding an interval `burst` times rounds.
                where=arrival + interval_s <= latest_s + interval_s / 1000,
            )
            .returning(limits.c.arrival_s)
        )
        with self._jot() as connection:
            if connection.execute(spent).one_or_none() is not None:
                return 0.0
            kept = connection.execute(select(limits.c.arrival_s).where(limits.c.key == key))
            wait_s: float = kept.scalar_one() + interval_s - latest_s
            return wait_s

    def forget_idle(self, now_s: float) -> None:
        """Drop the counters of those who have their whole burst back."""
        with self._jot() as connection:
            connection.execute(delete(limits).where(limits.c.arrival_s < now_s))
