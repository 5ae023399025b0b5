"""Default pictures are drawn beside the event loop: how many at once, how many wait, who is next.

Anybody may ask for any number of them, and each is another picture.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread

from likeness.imaging.turns import TooManyWaitError, Turns

DRAWN_AT_A_TIME: Final = 1
"""A picture takes a millisecond or some of Python, the largest 40 (docs/default-pictures.md); more
threads would only take turns."""

DRAWINGS_WAITING_MAX: Final = 16
"""The last of them waits for 0.7 s where all are of the largest, for 20 ms where all are icons."""


T = TypeVar("T")


class Drawing:
    """One thread that draws, for which askers take turns."""

    def __init__(self) -> None:
        self._turns = Turns[str](DRAWN_AT_A_TIME, DRAWINGS_WAITING_MAX)
        # Not one of the threads that ask the database or the store.
        self._threads = CapacityLimiter(DRAWN_AT_A_TIME)

    @property
    def waiting(self) -> int:
        """How many pictures wait at this moment."""
        return self._turns.waiting

    async def drawn(self, draw: Callable[[], T], asker: str) -> T | None:
        """What `draw` gives once it is the asker's turn; None at once where too many wait."""
        try:
            async with self._turns.turn(asker):
                return await to_thread.run_sync(draw, limiter=self._threads)
        except TooManyWaitError:
            return None
