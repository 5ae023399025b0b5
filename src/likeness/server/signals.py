"""Makes signals waitable, together with processes and pipes."""

import signal
import socket
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress

_READ_LENGTH = 256


class Signals:
    """The signals that came; `source` becomes readable when another one does."""

    def __init__(self, source: socket.socket) -> None:
        self.source = source
        self._pending: set[int] = set()

    def has(self, numbers: AbstractSet[int]) -> bool:
        """Whether one of them came and was not taken yet."""
        self._read()
        return not self._pending.isdisjoint(numbers)

    def take(self) -> AbstractSet[int]:
        """The signals that arrived since the last call."""
        self._read()
        taken, self._pending = self._pending, set()
        return taken

    def _read(self) -> None:
        with suppress(BlockingIOError):
            self._pending.update(self.source.recv(_READ_LENGTH))


@contextmanager
def heard(numbers: AbstractSet[signal.Signals]) -> Iterator[Signals]:
    """Await these signals in place of their default effect. For the main thread."""
    source, sink = socket.socketpair()
    source.setblocking(False)  # noqa: FBT003 - The library's signature.
    sink.setblocking(False)  # noqa: FBT003 - The library's signature.
    before = {number: signal.signal(number, _nothing) for number in numbers}
    signal.set_wakeup_fd(sink.fileno(), warn_on_full_buffer=False)
    try:
        yield Signals(source)
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        source.close()
        sink.close()


def unheard(numbers: AbstractSet[signal.Signals]) -> None:
    """In a process that was forked meanwhile: restore the default effect of these signals."""
    signal.set_wakeup_fd(-1)
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)


def _nothing(*_: object) -> None:
    """The number of the signal is written to the socket by Python itself."""
