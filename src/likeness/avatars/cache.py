"""An LRU cache of responses, bounded in bytes; each is built by one request at a time."""

import math
import time
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import Final, NamedTuple

from likeness.avatars.answer import Answer
from likeness.errors import ServiceUnavailable
from likeness.singleflight import SingleFlight

STALE_S: Final = 25.0
"""How long past its time an answer still stands in during an outage."""


class _Entry(NamedTuple):
    answer: Answer
    good_until: float
    weight: int


class AnswerCache:
    """At most `weight_max` bytes of answers, each good for `life_s` seconds, or its own if less.

    Keys are parsed requests, so that two spellings of one request share an answer; the texts in
    keys count as well. Setting `life_s` applies to answers stored from then on. `clock` counts
    seconds and never goes back.
    """

    def __init__(
        self, weight_max: int, life_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._weight_max = weight_max
        self.life_s = life_s
        self._clock = clock
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._about: defaultdict[str, set[Hashable]] = defaultdict(set)
        self._flights = SingleFlight[Hashable, Answer]()
        self._generation = 0
        self.weight = 0

    def get(self, key: Hashable) -> Answer | None:
        """The answer that is kept and still good."""
        entry = self._entries.get(key)
        if entry is None or entry.good_until < self._clock():
            return None
        self._entries.move_to_end(key)
        return entry.answer

    async def answer(self, key: Hashable, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """The cached answer, or a new one, which is cached.

        Requests that come while it is being made wait for that one. During an outage a stale answer
        is served for STALE_S; raises ServiceUnavailable when there is none.
        """
        kept = self.get(key)
        if kept is not None:
            return kept
        try:
            return await self._flights.do((key, self._generation), lambda: self._made(key, make))
        except ServiceUnavailable:
            old = self._entries.get(key)
            if old is None or old.good_until + STALE_S < self._clock():
                raise
            return old.answer

    def expire(self) -> None:
        """Let nothing that is kept, or being made now, be believed any more."""
        self._generation += 1
        self._entries.clear()
        self._about.clear()
        self.weight = 0

    def doubt(self) -> None:
        """Believe nothing that is kept without asking again; during an outage it may stand in."""
        self._generation += 1
        over = math.nextafter(self._clock(), -math.inf)
        for key, entry in self._entries.items():
            self._entries[key] = entry._replace(good_until=min(entry.good_until, over))

    def forget(self, subjects: Iterable[str]) -> None:
        """Let no answer about these be believed any more, nor any that is being made now."""
        self._generation += 1
        for subject in subjects:
            for key in list(self._about.get(subject, ())):
                self._drop(key)

    async def _made(self, key: Hashable, make: Callable[[], Awaitable[Answer]]) -> Answer:
        generation = self._generation
        answer = await make()
        if generation == self._generation:
            self._keep(key, answer)
        return answer

    def _keep(self, key: Hashable, answer: Answer) -> None:
        self._drop(key)
        life_s = min(self.life_s, answer.life_s)
        weight = answer.weight + _length(key)
        self._entries[key] = _Entry(answer, self._clock() + life_s, weight)
        self._about[answer.subject].add(key)
        self.weight += weight
        while self.weight > self._weight_max:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self.weight -= entry.weight
        alike = self._about[entry.answer.subject]
        alike.remove(key)
        if not alike:
            del self._about[entry.answer.subject]


def _length(key: Hashable) -> int:
    """The bytes of all texts in a key, about."""
    if isinstance(key, tuple):
        return sum(map(_length, key))
    return len(key) if isinstance(key, str | bytes) else 0
