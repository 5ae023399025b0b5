"""A fair queue of jobs: owners take turns, so a hundred pictures of one delay no other. Pure."""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

L = TypeVar("L", bound=Hashable)
T = TypeVar("T")


class WaitingRoom(Generic[L, T]):
    """Jobs that wait in lines, one for each kind of guest. Its user keeps threads apart."""

    def __init__(self) -> None:
        self._lines: OrderedDict[L, deque[T]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def enter(self, line: L, job: T, places: int) -> T | None:
        """Let a job in, if there are fewer than `places`; gives the job that is left out, if any.

        When it is full, the longest line loses its newest job to one that would still be shorter;
        else `job` itself is left out.
        """
        queue = self._lines.setdefault(line, deque())
        queue.append(job)
        if len(self) <= places:
            return None
        longest = max(self._lines, key=lambda each: len(self._lines[each]))
        loser = line if len(queue) >= len(self._lines[longest]) else longest
        left_out = self._lines[loser].pop()
        self._forget_if_empty(loser)
        return left_out

    @property
    def lines(self) -> Iterable[L]:
        """The lines in which a job waits."""
        return self._lines.keys()

    def next(self, may_go: Callable[[L, T], bool] = lambda *_: True) -> tuple[L, T] | None:
        """The line whose turn it is, with its oldest job; then it is the last to have a turn.

        Lines whose oldest job may not go are passed over. None when there is no other.
        """
        ready = (line for line, queue in self._lines.items() if may_go(line, queue[0]))
        line = next(ready, None)
        if line is None:
            return None
        job = self._lines[line].popleft()
        self._lines.move_to_end(line)
        self._forget_if_empty(line)
        return line, job

    def discard(self, line: L, job: T) -> None:
        """Forget a job that nobody waits for any more, if it is still here."""
        if job in self._lines.get(line, ()):
            self._lines[line].remove(job)
            self._forget_if_empty(line)

    def _forget_if_empty(self, line: L) -> None:
        if not self._lines[line]:
            del self._lines[line]
