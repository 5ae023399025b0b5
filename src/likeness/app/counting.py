"""Rate limits while the database takes no writes: each process counts by itself then.

Reading goes on then, and must not be refused because its count cannot be kept; nor may anybody have
pictures made without end, which could not be kept either.
"""

import threading
from typing import Final

from likeness.errors import ServiceUnavailable, Trouble
from likeness.webapi.throttle import Take

KEYS_MAX: Final = 10_000
"""Counters in memory, about 2 MB. Beyond that all begin anew, as after a restart."""


class Counting:
    """The counters of a database, and this process's own where it can only be read."""

    def __init__(self, shared: Take) -> None:
        self._shared = shared
        self._arrivals_s: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, key: str, interval_s: float, burst: int, now_s: float) -> float:
        """Spend one of `burst` calls that come back one in `interval_s` seconds.

        Gives 0.0 when the call is allowed, else the seconds to wait; a refused call costs nothing.
        """
        try:
            return self._shared(key, interval_s, burst, now_s)
        except ServiceUnavailable as refusal:
            if refusal.trouble is not Trouble.UNWRITABLE:
                raise
        with self._lock:
            return self._take_here(key, interval_s, burst, now_s)

    def _take_here(self, key: str, interval_s: float, burst: int, now_s: float) -> float:
        """GCRA, as in `db/limits.py`."""
        arrival_s = max(self._arrivals_s.get(key, now_s), now_s) + interval_s
        # A hair of tolerance, since adding an interval `burst` times rounds.
        too_early_s = arrival_s - (now_s + burst * interval_s)
        if too_early_s > interval_s / 1000:
            return too_early_s
        if len(self._arrivals_s) >= KEYS_MAX:
            self._arrivals_s.clear()
        self._arrivals_s[key] = arrival_s
        return 0.0
