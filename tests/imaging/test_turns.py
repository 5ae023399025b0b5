"""Turns: lines take them one after the other, few wait, and none is lost when somebody leaves."""

import asyncio

import pytest

from likeness.imaging.turns import TooManyWaitError, Turns


class Street:
    """People who work in turns, each until it is told to end; `order` is who began when."""

    def __init__(self, at_once: int = 1, waiting_max: int = 9) -> None:
        self.turns = Turns[str](at_once, waiting_max)
        self.order: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self.work: dict[str, asyncio.Task[None]] = {}

    async def comes(self, name: str) -> asyncio.Task[None]:
        """Somebody comes, whose line is the first letter of the name."""
        self._ends[name] = asyncio.Event()
        self.work[name] = asyncio.create_task(self._works(name))
        await settled()
        return self.work[name]

    def lets_go(self, name: str) -> None:
        """Somebody's work may end, and does so when the others have had their say."""
        self._ends[name].set()

    async def all_end(self) -> None:
        """Whoever begins ends at once, until nobody waits."""
        for end in self._ends.values():
            end.set()
        await asyncio.gather(*self.work.values(), return_exceptions=True)

    async def _works(self, name: str) -> None:
        async with self.turns.turn(name[0]):
            self.order.append(name)
            await self._ends[name].wait()


async def settled() -> None:
    """Everything that is ready to go on has gone on."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.anyio
async def test_lines_take_turns() -> None:
    """However many one of them has sent before the others came."""
    street = Street()
    for name in ("a1", "a2", "a3", "a4", "b1", "b2", "c1"):
        await street.comes(name)
    assert (street.order, street.turns.waiting) == (["a1"], 6)

    await street.all_end()

    assert street.order == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]
    assert street.turns.waiting == 0


@pytest.mark.anyio
async def test_so_many_work_at_once() -> None:
    """The next one begins when one of them ends."""
    street = Street(at_once=2)
    for name in ("a1", "b1", "c1"):
        await street.comes(name)
    assert street.order == ["a1", "b1"]

    street.lets_go("b1")
    await settled()

    assert street.order == ["a1", "b1", "c1"]
    await street.all_end()


@pytest.mark.anyio
async def test_when_too_many_wait_the_greediest_gives_way() -> None:
    """At once: the newest of the longest line, or whoever came where no line is longer."""
    street = Street(waiting_max=2)
    for name in ("a1", "a2"):
        await street.comes(name)
    greedy = await street.comes("a3")
    modest = await street.comes("b1")

    assert isinstance(greedy.exception(), TooManyWaitError)
    assert not modest.done()
    assert isinstance((await street.comes("c1")).exception(), TooManyWaitError)
    await street.all_end()
    assert street.order == ["a1", "a2", "b1"]


@pytest.mark.anyio
async def test_who_leaves_takes_no_turn_along() -> None:
    """Neither out of the line nor in the moment in which the turn comes."""
    street = Street()
    first, second, third = [await street.comes(name) for name in ("a1", "a2", "a3")]

    third.cancel()
    await settled()
    assert street.turns.waiting == 1
    street.lets_go("a1")
    await asyncio.sleep(0)
    # By now the turn has been given to it, which it has not seen yet.
    second.cancel()
    await settled()
    await street.comes("b1")

    assert first.done()
    assert second.cancelled()
    assert street.order == ["a1", "b1"]
    await street.all_end()


@pytest.mark.anyio
async def test_a_turn_goes_past_who_has_left() -> None:
    """Though the room has not been told yet."""
    street = Street()
    first, second, third = [await street.comes(name) for name in ("a1", "b1", "c1")]

    street.lets_go("a1")
    second.cancel()
    await settled()
    assert first.done()

    assert street.order == ["a1", "c1"]
    assert not third.done()
    await street.all_end()


@pytest.mark.anyio
async def test_who_is_left_out_and_leaves_is_no_fault() -> None:
    """Both at once."""
    street = Street(waiting_max=1)
    for name in ("a1", "a2"):
        await street.comes(name)
    newest = street.work["a2"]

    newest.cancel()
    other = await street.comes("b1")

    assert newest.cancelled()
    assert not other.done()
    await street.all_end()
    assert street.order == ["a1", "b1"]
