"""Drawing beside the event loop: one at a time, askers take turns, few wait."""

import asyncio
import threading

import pytest

from likeness.drawing import DRAWINGS_WAITING_MAX, Drawing
from support.patience import until


class Easel:
    """A picture that takes until it is let go, and the pictures after it."""

    def __init__(self) -> None:
        self.drawing = Drawing()
        self.order: list[str] = []
        self.done = threading.Event()

    async def busy(self) -> "asyncio.Task[bytes | None]":
        """Somebody's picture that is under way."""
        task = asyncio.create_task(self.drawing.drawn(self._endless, "first"))
        await until(lambda: self.order)
        return task

    async def asks(self, asker: str) -> bytes | None:
        """Another picture, by another name."""
        return await self.drawing.drawn(lambda: self._quick(asker), asker)

    def _endless(self) -> bytes:
        self.order.append("first")
        self.done.wait()
        return b"first"

    def _quick(self, asker: str) -> bytes:
        self.order.append(asker)
        return asker.encode()


@pytest.mark.anyio
async def test_askers_take_turns() -> None:
    """Somebody who asks for as many as may wait holds up another by one picture."""
    easel = Easel()
    first = await easel.busy()
    greedy = [asyncio.create_task(easel.asks("greedy")) for _ in range(DRAWINGS_WAITING_MAX)]
    await until(lambda: easel.drawing.waiting == DRAWINGS_WAITING_MAX)
    modest = asyncio.create_task(easel.asks("modest"))
    # The newest of the greedy one has given its place to the modest one.
    assert await greedy.pop() is None
    easel.done.set()

    assert await modest == b"modest"
    assert await asyncio.gather(first, *greedy) == [b"first"] + [b"greedy"] * len(greedy)
    assert easel.order[:3] == ["first", "greedy", "modest"]


@pytest.mark.anyio
async def test_whoever_would_wait_too_long_is_told_at_once() -> None:
    """Here everybody comes from elsewhere, so that nobody is greedier than the last one."""
    easel = Easel()
    first = await easel.busy()
    crowd = [asyncio.create_task(easel.asks(str(number))) for number in range(DRAWINGS_WAITING_MAX)]
    await until(lambda: easel.drawing.waiting == DRAWINGS_WAITING_MAX)

    assert await easel.asks("late") is None
    easel.done.set()
    assert None not in await asyncio.gather(first, *crowd)
    assert easel.drawing.waiting == 0


@pytest.mark.anyio
async def test_a_fault_in_a_drawing_is_its_own() -> None:
    """The next one is drawn."""
    easel = Easel()

    def fails() -> bytes:
        raise MemoryError

    with pytest.raises(MemoryError):
        await easel.drawing.drawn(fails, "ada")
    assert await easel.asks("bob") == b"bob"
