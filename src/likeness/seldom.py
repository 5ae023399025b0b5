"""Rate-limited log lines, for those that any client can cause: once a minute, with a count.

A client that could write a line with every request would fill the disk, and hide other lines.
An outage is met by every request as well.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from likeness.log import Log

INTERVAL_S: Final = 60.0

_log = Log(__name__)


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


class RationedLog:
    """Warnings about clients: so many of one client in INTERVAL_S, and so many of all together.

    A program that reads them to block a client needs more than one line; a client that goes on for
    ever, or that has many addresses, fills no disk. What was left out is on the first line after
    that.
    """

    def __init__(
        self,
        *,
        lines_max: int,
        client_lines_max: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lines_max = lines_max
        self._client_lines_max = client_lines_max
        self._clock = clock
        self._began_s = -INTERVAL_S
        self._lines: Counter[str] = Counter()
        self._left_out = 0

    def warning(self, event: str, *, client: str, **facts: Any) -> None:
        """Write it, or leave it out."""
        now_s = self._clock()
        if now_s - self._began_s >= INTERVAL_S:
            self._began_s = now_s
            self._lines.clear()
        is_full = self._lines.total() >= self._lines_max
        if is_full or self._lines[client] >= self._client_lines_max:
            self._left_out += 1
            return
        self._lines[client] += 1
        left_out = {"left_out": self._left_out} if self._left_out else {}
        self._left_out = 0
        _log.warning(event, client=client, **facts, **left_out)


class Outage:
    """Tells when something goes away, once in INTERVAL_S while that lasts, and when it is back.

    `away` and `back` are the events, `facts` stand on every line. Any thread may call. Where it
    comes and goes, no more than one end and one beginning are told in INTERVAL_S.
    """

    def __init__(
        self,
        away: str,
        back: str,
        clock: Callable[[], float] = time.monotonic,
        **facts: str,
    ) -> None:
        self._away = away
        self._back = back
        self._clock = clock
        self._facts = facts
        self._lock = threading.Lock()
        self._began_s: float | None = None
        self._told_s: float | None = None
        self._is_told = False
        self._times = 0

    def met(self, reason: str) -> None:
        """Somebody has found it away; `reason` is for operators."""
        with self._lock:
            now_s = self._clock()
            if self._began_s is None:
                self._began_s, self._times = now_s, 0
            self._times += 1
            if self._told_s is None or now_s - self._told_s >= INTERVAL_S:
                self._told_s, self._is_told = now_s, True
                _log.warning(self._away, reason=reason, **self._facts, **self._lasted(now_s))

    def over(self) -> None:
        """Somebody has found it there, as usual: that costs nothing."""
        if self._began_s is None:
            return
        with self._lock:
            if self._is_told:
                _log.info(self._back, **self._facts, **self._lasted(self._clock()))
            self._began_s, self._is_told = None, False

    def _lasted(self, now_s: float) -> dict[str, float]:
        lasted_s = round(now_s - (self._began_s or now_s), 1)
        return {"lasted_s": lasted_s, "times": self._times}
