"""Metrics of photo requests: by kind of address, by result, and how long they took.

A photo that is at hand is answered in some ten microseconds, so that counting it is no more than a
look into a small dictionary, by the status as the head has it, and an addition: 0.1 µs.
"""

from typing import Final

from likeness.avatars.answer import (
    BAD_REQUEST,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_MODIFIED,
    PICTURE,
    REDIRECT,
    TOO_LONG,
    UNAVAILABLE,
)
from likeness.figures import Family, Kind, Sheet

_DOORS: Final = {
    "/avatars/": "url",
    "/avatar/": "hash",
    "/u/": "name",
    "/staged/": "staged",
    "/.well-known/": "webfinger",
}
"""What a path begins with, and what it is called."""

_STATUSES: Final = (
    PICTURE,
    REDIRECT,
    NOT_MODIFIED,
    BAD_REQUEST,
    NOT_FOUND,
    NOT_ALLOWED,
    TOO_LONG,
    UNAVAILABLE,
)

READS: Final = Family(
    "likeness_reads",
    "Photos asked for, by the kind of address (url, hash, name, staged for prepared pictures, "
    "webfinger) and HTTP status.",
    Kind.COUNTER,
    ("address", "status"),
    tuple((door, str(status)) for door in _DOORS.values() for status in _STATUSES),
)

READ_SECONDS: Final = Family(
    "likeness_read_seconds",
    "Time of reads that took the ordinary way, as those do that are not in memory; the others take "
    "microseconds.",
    Kind.HISTOGRAM,
    ("address",),
    tuple((door,) for door in _DOORS.values()),
    (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0),
)

_STATUS: Final = slice(9, 12)
"""Where the digits of the status are in the first line of an answer: `HTTP/1.1 200 OK`."""


class ReadFigures:
    """Counts reads on the sheet of this process."""

    def __init__(self, sheet: Sheet | None) -> None:
        self._sheet = sheet or Sheet.alone(READS, READ_SECONDS)
        self._cells = self._sheet.board.cells
        by_door = {
            door: {
                str(status).encode(): self._sheet.place(READS, (door, str(status)))
                for status in _STATUSES
            }
            for door in _DOORS.values()
        }
        self._by_hash, self._by_url = by_door["hash"], by_door["url"]

    def count_at_hand(self, path: str, head: bytes) -> None:
        """Count a read that was answered from memory, with this head."""
        # The paths of photos by hash have no "s" here.
        places = self._by_url if path[7] == "s" else self._by_hash
        self._cells[places[head[_STATUS]]] += 1.0

    def count(self, path: str, status: int, took_s: float) -> None:
        """Count any other read."""
        door = _DOORS[path[: path.index("/", 1) + 1]]
        self._sheet.add(READS, (door, str(status)))
        self._sheet.observe(READ_SECONDS, took_s, (door,))
