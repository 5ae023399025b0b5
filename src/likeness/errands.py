"""What is done for people after they were answered: bounded, and once at a time for each person."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from likeness.errors import ServiceUnavailable
from likeness.log import Log
from likeness.seldom import SeldomLog

WAITING_MAX: Final = 64
"""People of one server process for whom something is being done or waits. Where there are as many,
those who come next get theirs when they come again."""

HELD_LENGTH_MAX: Final = 32 * 2**20
"""Characters or bytes that wait in memory: two of the longest pictures, or very many of usual
length."""

AT_ONCE_MAX: Final = 4
"""Of these, how many are under way at a time: 40 MiB of pictures in memory."""


class Errands:
    """Tasks of one kind. Nobody waits for them, so that the log alone is told what goes wrong.

    The event `postponed` is that of a part of the service which is away, once a minute; `failed`
    is that of a bug, and is written to `log`.
    """

    def __init__(self, kind: str, log: Log, *, postponed: str, failed: str) -> None:
        self._kind = kind
        self._log = log
        self._postponed = postponed
        self._failed = failed
        self._seldom = SeldomLog()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._held = 0
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)

    @property
    def waiting(self) -> int:
        """People for whom something is under way."""
        return len(self._tasks)

    @property
    def held(self) -> int:
        """Characters that are held for that."""
        return self._held

    def has(self, user_id: str) -> bool:
        """Whether something is under way for somebody: two tasks of one person would race."""
        return user_id in self._tasks

    def begin(self, user_id: str, work: Callable[[], Awaitable[None]], length: int = 0) -> bool:
        """Do `work`, which holds so many characters, when it is its turn; False without room."""
        if self.waiting >= WAITING_MAX or self._held + length > HELD_LENGTH_MAX:
            return False
        self._held += length
        task = asyncio.create_task(self._run(user_id, work), name=f"{self._kind} of {user_id}")
        self._tasks[user_id] = task

        def done(_: asyncio.Task[None]) -> None:
            del self._tasks[user_id]
            self._held -= length

        task.add_done_callback(done)
        return True

    async def idle(self) -> None:
        """Return when all that was begun so far is done."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """End what is under way."""
        for task in self._tasks.values():
            task.cancel()
        await self.idle()

    async def _run(self, user_id: str, work: Callable[[], Awaitable[None]]) -> None:
        async with self._turns:
            try:
                await work()
            except ServiceUnavailable as error:
                self._seldom.warning(self._postponed, user=user_id, reason=str(error))
            except Exception as error:  # noqa: BLE001 - nobody waits for it, or would tell of it
                self._log.error(self._failed, user=user_id, exc_info=error)
