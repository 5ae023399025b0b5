"""A bound on work at one time, for which waiters line up: lines take turns, and few may wait.

For one event loop; `waiting_room.py` has the rules.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from likeness.imaging.waiting_room import WaitingRoom

L = TypeVar("L", bound=Hashable)


class TooManyWaitError(Exception):
    """Nobody else may wait, or somebody with fewer in line took this one's place."""


class Turns(Generic[L]):
    """Leave to work for `at_once`, while at most `waiting_max` wait for theirs."""

    def __init__(self, at_once: int, waiting_max: int) -> None:
        self._at_once = at_once
        self._waiting_max = waiting_max
        self._busy = 0
        self._room = WaitingRoom[L, asyncio.Future[None]]()

    @property
    def waiting(self) -> int:
        """How many wait at this moment."""
        return len(self._room)

    @asynccontextmanager
    async def turn(self, line: L) -> AsyncIterator[None]:
        """Wait in a line until it is its turn, and have it until the block ends.

        Raises TooManyWaitError.
        """
        await self._enter(line)
        try:
            yield
        finally:
            self._hand_over()

    async def _enter(self, line: L) -> None:
        if self._busy < self._at_once:
            self._busy += 1
            return
        mine = asyncio.get_running_loop().create_future()
        left_out = self._room.enter(line, mine, self._waiting_max)
        if left_out is not None and not left_out.done():
            left_out.set_exception(TooManyWaitError)
        try:
            await mine
        except asyncio.CancelledError:
            self._room.discard(line, mine)
            if not mine.cancelled() and mine.exception() is None:
                # The turn came together with the end.
                self._hand_over()
            raise

    def _hand_over(self) -> None:
        """Give the turn to who is next. It is never free in between, so that nobody slips in."""
        while turn := self._room.next():
            _, waiter = turn
            if not waiter.done():
                waiter.set_result(None)
                return
        self._busy -= 1
