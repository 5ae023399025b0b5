"""One piece of work for many who want it."""

import asyncio

import pytest

from likeness.singleflight import SingleFlight


class Kitchen:
    """Work that waits until it is told to end, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0
        self.done = asyncio.Event()

    async def cook(self) -> str:
        """A dish."""
        self.begun += 1
        number = self.begun
        await self.done.wait()
        return f"dish {number}"

    async def burn(self) -> str:
        """A failure."""
        await self.cook()
        raise ZeroDivisionError


def test_who_asks_at_the_same_time_gets_the_same() -> None:
    """Other keys have work of their own, and later it is done again."""

    async def scene() -> None:
        kitchen, flights = Kitchen(), SingleFlight[str, str]()
        first = [asyncio.create_task(flights.do("soup", kitchen.cook)) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert kitchen.begun == 1

        other = asyncio.create_task(flights.do("bread", kitchen.cook))
        kitchen.done.set()
        assert await asyncio.gather(*first, other) == ["dish 1"] * 5 + ["dish 2"]
        assert await flights.do("soup", kitchen.cook) == "dish 3"

    asyncio.run(scene())


def test_who_leaves_takes_nothing_from_the_others() -> None:
    """Even the one who had begun it."""

    async def scene() -> None:
        kitchen, flights = Kitchen(), SingleFlight[str, str]()
        first = asyncio.create_task(flights.do("soup", kitchen.cook))
        second = asyncio.create_task(flights.do("soup", kitchen.cook))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        kitchen.done.set()

        assert await second == "dish 1"
        with pytest.raises(asyncio.CancelledError):
            await first

    asyncio.run(scene())


def test_a_failure_is_everybodys_and_is_forgotten() -> None:
    """The next one tries again; nobody left waiting is no complaint in the log."""

    async def scene() -> None:
        kitchen, flights = Kitchen(), SingleFlight[str, str]()
        kitchen.done.set()
        results = await asyncio.gather(
            *(flights.do("soup", kitchen.burn) for _ in range(2)), return_exceptions=True
        )
        assert [type(result) for result in results] == [ZeroDivisionError] * 2

        gone = asyncio.create_task(flights.do("soup", kitchen.burn))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0.01)
        assert await flights.do("soup", kitchen.cook) == "dish 3"

    asyncio.run(scene())


def test_work_that_is_cancelled_itself_is_forgotten() -> None:
    """As when everything is shut down."""

    async def scene() -> None:
        kitchen, flights = Kitchen(), SingleFlight[str, str]()
        waiting = asyncio.create_task(flights.do("soup", kitchen.cook))
        await asyncio.sleep(0)
        flights._flights["soup"].cancel()

        with pytest.raises(asyncio.CancelledError):
            await waiting
        kitchen.done.set()
        assert (await flights.do("soup", kitchen.cook)).startswith("dish")

    asyncio.run(scene())
