"""Decides when an outage is logged: at its start, once a minute, and at its end."""

import time
from collections.abc import Callable
from typing import Final

REMIND_INTERVAL_S: Final = 60.0
"""How often something that lasts is said again. A line each time would be two a second."""

REASONS_MAX: Final = 16


class Reminder:
    """Says when a reason is to be told: when it is new, and then once a minute while it lasts."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told_at: dict[str, float] = {}

    def is_due(self, reason: str) -> bool:
        """Whether to log it now. A caller that gets True logs it."""
        now = self._clock()
        if now - self._told_at.get(reason, -REMIND_INTERVAL_S) < REMIND_INTERVAL_S:
            return False
        if len(self._told_at) >= REASONS_MAX:
            self._told_at.clear()
        self._told_at[reason] = now
        return True
