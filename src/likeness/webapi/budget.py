"""Bounds the bytes of request bodies in memory: of all together, and of each sender.

A sender is known by a valid token in the header of a request, or by the session of the page; such
a person has a part of their own. All others, whose token may come in the body, are strangers. They
share one small part, and none of their addresses has more than half of that (decision 26).
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from likeness.errors import Queue, ServiceUnavailable
from likeness.model import Caller
from likeness.server.subscriber import subscriber

UNCOUNTED_LENGTH: Final = 64 * 1024
"""The first bytes of every body, which are not counted.

Calls without a picture are never refused for lack of room. Their number is bounded by the
connections that the server accepts.
"""

_ALL: Final = "all"
_ADVICE: Final = "send the token as `Authorization: Bearer xoxp-...`, or try again in a moment"


@dataclass(frozen=True, slots=True)
class Shares:
    """How many bytes of bodies may be in memory at a time.

    Those of all senders together, of one person, of all strangers, and of strangers at one address.
    """

    whole: int
    person: int
    strangers: int
    address: int


@dataclass(frozen=True, slots=True)
class _Bound:
    """One bound that a body counts against, and the message of the refusal beyond it."""

    owner: str
    length_max: int
    sentence: str


class Hold:
    """The bytes of one body, counted against each bound that applies."""

    def __init__(self, held: Counter[str], bounds: tuple[_Bound, ...], *, is_known: bool) -> None:
        self.is_known: Final = is_known
        self._held = held
        self._bounds = bounds
        self._length = 0

    @property
    def length(self) -> int:
        """The bytes of the body so far, counted or not."""
        return self._length

    def expect(self, length: int) -> None:
        """Raise the refusal that `grow` would raise for a body of this announced length."""
        self._check(_counted(length))

    def grow(self, length: int) -> None:
        """Count a body of `length` bytes so far. Raises ServiceUnavailable, and counts nothing."""
        self._check(_counted(length) - _counted(self._length))
        self._count(length)

    def shrink(self, length: int) -> None:
        """Of the body only so many bytes are kept. Never counts more than before."""
        self._count(min(length, self._length))

    def _check(self, further: int) -> None:
        for bound in self._bounds:
            if further > 0 and self._held[bound.owner] + further > bound.length_max:
                raise ServiceUnavailable(bound.sentence, queue=Queue.BODIES)

    def _count(self, length: int) -> None:
        further = _counted(length) - _counted(self._length)
        self._length = length
        for bound in self._bounds:
            self._held[bound.owner] += further
            if not self._held[bound.owner]:
                del self._held[bound.owner]


class Budget:
    """The count of all bodies that this process holds."""

    def __init__(self, shares: Shares) -> None:
        self._shares = shares
        self._held: Counter[str] = Counter()

    @contextmanager
    def hold(self, sender: Caller | None, address: str) -> Iterator[Hold]:
        """An empty hold for the body of a person or, without one, of a stranger at an address.

        Its bytes are released when the context is left.
        """
        bounds = self._of_person(sender) if sender else self._of_stranger(address)
        hold = Hold(self._held, bounds, is_known=sender is not None)
        try:
            yield hold
        finally:
            hold.shrink(0)

    def _of_person(self, sender: Caller) -> tuple[_Bound, ...]:
        sentence = (
            f"uploads of one person may have {self._shares.person} bytes at a time; wait until "
            "another of yours is answered"
        )
        return _Bound(f"user {sender.user.id}", self._shares.person, sentence), self._whole()

    def _of_stranger(self, address: str) -> tuple[_Bound, ...]:
        start = "uploads without a valid token in the Authorization header may have"
        one = f"{start} {self._shares.address} bytes at a time from one address; {_ADVICE}"
        every = f"{start} {self._shares.strangers} bytes at a time; {_ADVICE}"
        return (
            _Bound(f"address {subscriber(address)}", self._shares.address, one),
            _Bound("strangers", self._shares.strangers, every),
            self._whole(),
        )

    def _whole(self) -> _Bound:
        sentence = "too many uploads are under way; try again in a moment"
        return _Bound(_ALL, self._shares.whole, sentence)


def _counted(length: int) -> int:
    return max(0, length - UNCOUNTED_LENGTH)
