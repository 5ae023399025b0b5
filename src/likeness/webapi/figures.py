"""Metrics of API calls: by result, how long they took, and which queues were full."""

from collections.abc import Mapping
from typing import Final

from likeness.errors import Queue, Ratelimited, Refusal, ServiceUnavailable, UnknownMethod
from likeness.figures import Family, Kind, Sheet
from likeness.webapi.method import COMMON_ERRORS, Method

OK: Final = "ok"
OTHER: Final = "other"
"""Errors in the words of a method, as those of api.test, which anybody may invent."""

UNKNOWN: Final = "unknown"
"""Every method that there is not. Their names are not told, since anybody may invent them."""

_RATE: Final = "rate"
_CALL_S: Final = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets. Most calls end within the first, uploads between 0.1 and 1."""

FULL: Final = Family(
    "likeness_queue_refusals",
    "Calls refused because a queue was full: pictures that wait to be made, bodies in memory, "
    "or calls of one user in a minute (rate).",
    Kind.COUNTER,
    ("queue",),
    tuple((queue,) for queue in (*Queue, _RATE)),
)


def families(methods: Mapping[str, Method]) -> tuple[Family, ...]:
    """The metrics of the methods of a table."""
    calls = Family(
        "likeness_calls",
        "API calls by method and result, which is ok or the error.",
        Kind.COUNTER,
        ("method", "result"),
        tuple((name, result) for name in (*methods, UNKNOWN) for result in _results(methods, name)),
    )
    seconds = Family(
        "likeness_call_seconds",
        "Time of API calls, from their head to their answer.",
        Kind.HISTOGRAM,
        ("method",),
        tuple((name,) for name in (*methods, UNKNOWN)),
        _CALL_S,
    )
    return calls, seconds, FULL


def _results(methods: Mapping[str, Method], name: str) -> list[str]:
    """Each once, the common ones last."""
    if name not in methods:
        return [UnknownMethod.code, OTHER]
    own = (error.code for error in (*methods[name].errors, *COMMON_ERRORS))
    return list(dict.fromkeys((OK, *own, OTHER)))


class CallFigures:
    """Counts calls on the sheet of this process."""

    def __init__(self, methods: Mapping[str, Method], sheet: Sheet | None) -> None:
        self._calls, self._seconds, _ = families(methods)
        self._sheet = sheet or Sheet.alone(self._calls, self._seconds, FULL)
        self._known = frozenset(self._calls.series)

    def count(self, method: str, result: str, took_s: float) -> None:
        """Count a call that was answered."""
        known = result if (method, result) in self._known else OTHER
        self._sheet.add(self._calls, (method, known))
        self._sheet.observe(self._seconds, took_s, (method,))

    def refused(self, refusal: Refusal) -> None:
        """Count the queue that was full, if one was."""
        if isinstance(refusal, Ratelimited):
            self._sheet.add(FULL, (_RATE,))
        elif isinstance(refusal, ServiceUnavailable) and refusal.queue is not None:
            self._sheet.add(FULL, (refusal.queue,))
