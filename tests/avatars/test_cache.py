"""Answers in memory: bounded, fresh, made once."""

import asyncio
import math
from functools import partial

import pytest

from likeness.avatars.answer import FOR_EVER, STAND_IN_LIFE_S, Answer, picture, words
from likeness.avatars.cache import STALE_S, AnswerCache
from likeness.delivery import File
from likeness.errors import ServiceUnavailable
from likeness.model import Format


class Hands:
    """A clock to be moved, and a maker of answers that counts."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.made = 0
        self.is_away = False

    def clock(self) -> float:
        """Seconds."""
        return self.now_s

    async def make(self) -> Answer:
        """The next answer."""
        if self.is_away:
            raise ServiceUnavailable("away")
        self.made += 1
        return words(404, f"{self.made}", "no-store")


def test_an_answer_is_kept_for_its_life() -> None:
    """Then it is made again."""

    async def scene() -> None:
        hands = Hands()
        cache = AnswerCache(10**6, 20, hands.clock)
        first = await cache.answer("a", hands.make)
        hands.now_s = 20

        assert cache.get("a") is await cache.answer("a", hands.make) is first
        hands.now_s = 20.5
        assert cache.get("a") is None
        assert await cache.answer("a", hands.make) is not first
        assert hands.made == 2

    asyncio.run(scene())


def test_what_stands_in_is_kept_no_longer_than_caches_may() -> None:
    """Even where everything else is kept for ever: once there is time, the right one is made."""

    async def scene() -> None:
        hands = Hands()
        cache = AnswerCache(10**6, math.inf, hands.clock)

        async def stand_in() -> Answer:
            return picture(File(b"x", Format.PNG, stands_in=True), FOR_EVER)

        await cache.answer("a", stand_in)
        await cache.answer("b", hands.make)
        hands.now_s = STAND_IN_LIFE_S + 1

        assert cache.get("a") is None
        assert cache.get("b") is not None

    asyncio.run(scene())


def test_what_was_not_used_for_longest_goes_first() -> None:
    """The weight never exceeds the bound, and is that of what is kept."""

    async def scene() -> None:
        hands = Hands()
        weight = words(404, "1", "no-store").weight
        cache = AnswerCache(3 * (weight + len("a")), 20, hands.clock)
        for key in "abc":
            await cache.answer(key, hands.make)
        cache.get("a")
        await cache.answer("d", hands.make)

        assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]
        assert cache.weight == 3 * (weight + len("a"))
        cache.expire()
        assert cache.weight == 0

    asyncio.run(scene())


def test_what_is_larger_than_the_bound_is_made_and_not_kept() -> None:
    """As with a cache of no bytes at all."""

    async def scene() -> None:
        hands = Hands()
        cache = AnswerCache(0, 20, hands.clock)

        await cache.answer("a", hands.make)
        await cache.answer("a", hands.make)

        assert hands.made == 2
        assert cache.weight == 0

    asyncio.run(scene())


def test_a_crowd_has_its_answer_made_once() -> None:
    """A hundred who ask at the same time."""

    async def scene() -> None:
        hands = Hands()
        cache = AnswerCache(10**6, 20, hands.clock)

        answers = await asyncio.gather(*(cache.answer("a", hands.make) for _ in range(100)))

        assert hands.made == 1
        assert len(set(map(id, answers))) == 1

    asyncio.run(scene())


def test_an_old_answer_stands_in_during_an_outage() -> None:
    """Not for ever, and not one that is known to be wrong."""

    async def scene() -> None:
        hands = Hands()
        cache = AnswerCache(10**6, 20, hands.clock)
        old = await cache.answer("a", hands.make)
        hands.is_away, hands.now_s = True, 20 + STALE_S

        assert await cache.answer("a", hands.make) is old
        hands.now_s += 1
        for _ in range(2):
            with pytest.raises(ServiceUnavailable):
                await cache.answer("a", hands.make)
            cache.expire()

    asyncio.run(scene())


def test_what_was_being_made_when_things_changed_is_not_kept() -> None:
    """It may show what was so before."""

    async def scene() -> None:
        hands, going_on = Hands(), asyncio.Event()
        cache = AnswerCache(10**6, 20, hands.clock)

        async def slowly() -> Answer:
            await going_on.wait()
            return await hands.make()

        before = asyncio.create_task(cache.answer("a", slowly))
        await asyncio.sleep(0.01)
        cache.expire()
        after = asyncio.create_task(cache.answer("a", slowly))
        going_on.set()

        assert await before is not await after
        assert cache.get("a") is await after

    asyncio.run(scene())


def test_what_is_doubted_is_asked_for_again_and_stands_in() -> None:
    """Until there is somebody to ask, and not for ever."""

    async def scene() -> None:
        hands = Hands()
        cache = AnswerCache(10**6, 60, hands.clock)
        old = await cache.answer("a", hands.make)
        hands.now_s = 1

        cache.doubt()
        hands.is_away = True
        assert cache.get("a") is None
        assert await cache.answer("a", hands.make) is old
        hands.now_s = 1 + STALE_S + 1
        with pytest.raises(ServiceUnavailable):
            await cache.answer("a", hands.make)
        hands.is_away = False

        assert await cache.answer("a", hands.make) is not old

    asyncio.run(scene())


def test_only_what_is_about_somebody_is_forgotten() -> None:
    """Together with what is being made at that moment."""

    async def scene() -> None:
        hands, going_on = Hands(), asyncio.Event()
        cache = AnswerCache(10**6, 60, hands.clock)

        async def about(subject: str) -> Answer:
            return (await hands.make()).about(subject)

        async def slowly() -> Answer:
            await going_on.wait()
            return await about("U1")

        for key, subject in (("a", "U1"), ("b", "U2"), ("c", "U1")):
            await cache.answer(key, partial(about, subject))
        late = asyncio.create_task(cache.answer("d", slowly))
        await asyncio.sleep(0.01)
        weight = cache.weight

        cache.forget(["U1", "U3"])
        going_on.set()
        await late

        assert [key for key in "abcd" if cache.get(key)] == ["b"]
        assert cache.weight * 3 == weight

    asyncio.run(scene())
