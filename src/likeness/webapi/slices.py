"""Cuts long work on bytes into short steps, so that the event loop is never kept waiting."""

import time
from collections.abc import Iterator
from typing import Final

SLICE_LENGTH: Final = 16 * 1024
"""Bytes of one step. The costliest of them, percent-encoded ones, are decoded in 0.1 to 0.5 ms."""

TURN_S: Final = 0.0005
"""How long a thread works before it lets the event loop have its turn."""


def slices(data: bytes, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The bytes from `start` to `stop` in slices; every TURN_S other threads have their turn.

    A thread that computes keeps CPython's interpreter lock for 5 ms after another one asks for it,
    and an event loop asks again after every read and write. Sleeping for no time at all hands the
    lock over at once.
    """
    end = len(data) if stop is None else stop
    began_s = time.monotonic()
    for at in range(start, end, SLICE_LENGTH):
        if time.monotonic() - began_s > TURN_S:
            time.sleep(0)
            began_s = time.monotonic()
        yield data[at : min(at + SLICE_LENGTH, end)]
