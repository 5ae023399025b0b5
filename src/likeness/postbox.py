"""Letters that wait to be sent, beside the requests that caused them.

Whoever asks for a letter is answered before anybody looks whether there is one to send, so that
neither the answer nor its time tells who is known here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from likeness.errors import Mistake, ServiceUnavailable
from likeness.log import Log
from likeness.mail.port import Letter, Mailer, Undelivered
from likeness.seldom import SeldomLog

JOBS_MAX: Final = 100
"""Letters that may wait in each server process: at a second each, two minutes."""

ATTEMPTS_MAX: Final = 3
RETRY_INTERVAL_S: Final = 5.0
"""How often a letter is tried, and how long apart, while all others wait."""

Writing = Callable[[], Awaitable[list[Letter]]]
"""Writes the letters that somebody asked for, which may be none."""

_log = Log(__name__)


class Postbox:
    """Sends letters one after the other."""

    def __init__(self, mailer: Mailer, *, retry_interval_s: float = RETRY_INTERVAL_S) -> None:
        self._mailer = mailer
        self._retry_interval_s = retry_interval_s
        self._waiting = asyncio.Queue[Writing](JOBS_MAX)
        self._seldom = SeldomLog()

    def post(self, writing: Writing) -> None:
        """Have letters written and sent soon. Raises ServiceUnavailable where too many wait."""
        try:
            self._waiting.put_nowait(writing)
        except asyncio.QueueFull:
            self._seldom.warning("letters_wait", jobs=JOBS_MAX)
            raise ServiceUnavailable("too many letters wait to be sent; try again soon") from None

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            writing = await self._waiting.get()
            try:
                for letter in await writing():
                    await self.deliver(letter)
            except Undelivered as failure:
                self._seldom.warning("letter_not_sent", reason=str(failure))
            except (Mistake, ServiceUnavailable) as error:
                self._seldom.warning("letter_not_written", reason=str(error))
            except Exception as error:  # noqa: BLE001 - The next letter is another matter.
                _log.error("letter_failed", exc_info=error)
            finally:
                self._waiting.task_done()

    async def deliver(self, letter: Letter) -> None:
        """Send a letter, in some attempts. Raises Undelivered."""
        for attempt in range(ATTEMPTS_MAX):
            try:
                return await self._mailer.send(letter)
            except Undelivered as failure:
                if failure.is_final or attempt == ATTEMPTS_MAX - 1:
                    raise
            await asyncio.sleep(self._retry_interval_s)
        return None

    async def empty(self) -> None:
        """Wait until all that was posted is sent or given up."""
        await self._waiting.join()
