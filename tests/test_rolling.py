"""Work on many things, some of them at a time."""

import anyio
import pytest

from likeness.errors import ServiceUnavailable
from likeness.rolling import rolling

pytestmark = pytest.mark.anyio


async def test_work_rolls_on_and_comes_back_in_order() -> None:
    """So many at any time, and no more."""
    at_work, most = 0, 0

    async def work(item: int) -> int:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        for _ in range(7 - item % 7):
            await anyio.lowlevel.checkpoint()
        at_work -= 1
        return item * item

    assert await rolling(work, range(50), 3) == ([each * each for each in range(50)], None)
    assert most == 3


async def test_a_failure_lets_nothing_new_begin() -> None:
    """What was at work is finished; what came before is given."""
    begun = list[int]()

    async def work(item: int) -> int:
        begun.append(item)
        await anyio.lowlevel.checkpoint()
        if item == 2:
            raise ServiceUnavailable("the store is away")
        return item

    done, failure = await rolling(work, range(50), 2)

    assert done == begun[:2] + begun[3:]
    assert len(begun) <= 4
    assert isinstance(failure, ServiceUnavailable)
