"""Concurrent calls for the same work share one run of it, and all get its result."""

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
        """The result of `work`, or of a run with the same key that is under way already.

        A cancelled caller leaves; the work goes on for the others, and is finished in any case.
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
