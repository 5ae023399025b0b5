"""Work on many things, some of them at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


async def rolling(
    work: Callable[[T], Awaitable[U]], items: Iterable[T], at_once: int
) -> tuple[list[U], Exception | None]:
    """Do the work for each item, `at_once` of them at any time.

    Gives results in the order of the items, and the failure that stopped it, if any: then what
    came before it is there all the same.
    """
    left, done = iter(enumerate(items)), dict[int, U]()
    failures: list[Exception] = []

    async def worker() -> None:
        for index, item in left:
            if failures:
                return
            try:
                done[index] = await work(item)
            except Exception as failure:  # noqa: BLE001 - It is given to the caller.
                failures.append(failure)

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return [done[index] for index in sorted(done)], next(iter(failures), None)
