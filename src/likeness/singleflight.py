"""Work that several ask for at once is done once, and all get what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SingleFlight(Generic[K, T]):
    """At most one piece of work for each key at a time, within one event loop."""

    def __init__(self) -> None:
        self._flights: dict[K, asyncio.Task[T]] = {}

    async def do(self, key: K, work: Callable[[], Awaitable[T]]) -> T:
        """The outcome of `work`, or of the same work that is under way already.

        Who is cancelled leaves; the work goes on for the others, and is finished for nobody.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.ensure_future(_run(work))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(flight)

    def _land(self, key: K, flight: asyncio.Task[T]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            # Asking takes away asyncio's complaint about an error that everybody walked away from.
            flight.exception()


async def _run(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
