"""Rate-limited log lines, for those that any client can cause: once a minute, with a count.

A client that could write a line with every request would fill the disk, and hide other lines.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

INTERVAL_S: Final = 60.0

_log = structlog.get_logger()


@dataclass(slots=True)
class _Told:
    at_s: float
    left_out: int = 0


class SeldomLog:
    """Warnings, each event at most once in INTERVAL_S. `clock` counts seconds and never goes back.

    Events are words of ours, so that there are few of them; facts may be anybody's.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[str, _Told] = {}

    def warning(self, event: str, **facts: Any) -> None:
        """Write it with how often it was left out since the last time, or leave it out."""
        now_s, told = self._clock(), self._told.get(event)
        if told is not None and now_s - told.at_s < INTERVAL_S:
            told.left_out += 1
            return
        left_out = {"left_out": told.left_out} if told and told.left_out else {}
        self._told[event] = _Told(now_s)
        _log.warning(event, **facts, **left_out)
