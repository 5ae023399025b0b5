"""The process that starts server processes, again when one dies, and stops them in good order."""

import logging
import math
import os
import signal
import socket
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from multiprocessing import connection, get_context
from typing import Any, Final, Protocol

from likeness.server.process import DRAIN_SIGNAL
from likeness.server.signals import Signals, heard, unheard

CRASH_LOOP_S: Final = 5.5
"""Two deaths within this are no accident: the service then ends, for its manager to notice."""

STOP_MARGIN_S: Final = 3.0
"""Time that a process needs to end besides finishing requests."""

START_TIMEOUT_S: Final = 120.0
"""How long a new process may take until it answers, where it is to take the place of another."""

_STOP: Final = frozenset({signal.SIGTERM, signal.SIGINT})
_RENEW: Final = signal.SIGHUP
_HEARD: Final = frozenset({*_STOP, _RENEW})
_FORK: Final = get_context("fork")
_log = logging.getLogger(__name__)

_STOPPING_MAX: Final = 2
"""For each slot so many processes may still be stopping when they are all to be renewed again."""

Sockets = Sequence[socket.socket]
Serve = Callable[[Sockets, int, Callable[[], None]], None]
"""Serves on sockets, as the process with a seat, until SIGTERM; calls back when it answers."""


class Seats(Protocol):
    """Numbers of server processes. No two that run have the same one."""

    def take(self) -> int:
        """The number of a process that is about to start."""

    def give_back(self, number: int) -> None:
        """The process with this number is gone."""


def processes_max(slots: int) -> int:
    """The most server processes that there ever are at a time: new ones, old ones, and one more."""
    return (_STOPPING_MAX + 2) * slots + 1


class Supervisor:
    """Keeps a server process running for each of `slots`, the sockets that it listens on.

    The sockets are open here too, so that what the kernel has accepted for a process that dies
    waits for the next one. After SIGTERM or SIGINT all serve on for `delay_s` seconds, or until a
    second signal, while `/readyz` says 503; then requests under way have `timeout_s`
    seconds to end. After SIGHUP each is replaced by a new one, once that answers. Of `seats` there
    have to be as many as `processes_max` says.
    """

    def __init__(
        self,
        slots: Sequence[Sockets],
        serve: Serve,
        *,
        seats: Seats,
        delay_s: float,
        timeout_s: float,
    ) -> None:
        self._slots = slots
        self._serve = serve
        self._seats = seats
        self._delay_s = delay_s
        self._timeout_s = timeout_s
        self._running: list[_Process] = []
        self._leaving: list[_Process] = []
        self._died_at_s = -math.inf

    def run(self) -> bool:
        """Serve until told to stop; False when processes kept dying instead."""
        with heard(_HEARD) as signals:
            self._running = [self._started(number) for number in range(len(self._slots))]
            was_told = self._watch(signals)
            if was_told:
                self._drain(signals)
            self._stop()
        return was_told

    def _watch(self, signals: Signals) -> bool:
        """Return True when told to stop, False when processes keep dying."""
        while True:
            self._wait(signals, None)
            told = signals.take()
            if told & _STOP:
                return True
            if _RENEW in told:
                self._renew(signals)
            if not self._mend():
                return False

    def _mend(self) -> bool:
        """Restart dead processes; False where they keep dying."""
        for process in self._leaving:
            if not process.is_alive():
                self._seats.give_back(process.seat)
        self._leaving = [each for each in self._leaving if each.is_alive()]
        for number, process in enumerate(self._running):
            if process.is_alive():
                continue
            now_s = time.monotonic()
            since_s, self._died_at_s = now_s - self._died_at_s, now_s
            if since_s < CRASH_LOOP_S or process.refused_to_start:
                _log.error("server processes keep dying; this service stops")
                return False
            _log.error("a server process died; another one takes its place")
            self._seats.give_back(process.seat)
            self._running[number] = self._started(number)
        return True

    def _renew(self, signals: Signals) -> None:
        """Have a new process take the place of each, one after another, none before it answers."""
        if len(self._leaving) > _STOPPING_MAX * len(self._slots):
            _log.error("too many server processes are still stopping; none is renewed now")
            return
        for number in range(len(self._slots)):
            new = self._started(number)
            if not self._becomes_ready(new, signals):
                _log.error("a new server process does not answer; those that do are kept")
                new.end(0)
                self._seats.give_back(new.seat)
                return
            self._running[number].tell(signal.SIGTERM)
            self._leaving.append(self._running[number])
            self._running[number] = new

    def _becomes_ready(self, process: "_Process", signals: Signals) -> bool:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while process.is_alive() and not process.is_ready and not signals.has(_STOP):
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                return False
            connection.wait([signals.source, *process.sources], left_s)
        return process.is_ready

    def _drain(self, signals: Signals) -> None:
        _log.info("stopping in %g s; /readyz says no from now on", self._delay_s)
        for process in self._running:
            process.tell(DRAIN_SIGNAL)
        deadline_s = time.monotonic() + self._delay_s
        while any(each.is_alive() for each in self._running) and not signals.take() & _STOP:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                return
            self._wait(signals, left_s)

    def _stop(self) -> None:
        """End all processes; nobody listens from now on."""
        for listening in self._sockets():
            listening.close()
        everybody = [*self._running, *self._leaving]
        for process in everybody:
            process.tell(signal.SIGTERM)
        deadline_s = time.monotonic() + self._timeout_s + STOP_MARGIN_S
        for process in everybody:
            process.end(deadline_s - time.monotonic())

    def _started(self, number: int) -> "_Process":
        sockets = self._slots[number]
        others = self._sockets() - set(sockets)
        return _Process(self._serve, sockets, others, self._seats.take())

    def _sockets(self) -> set[socket.socket]:
        return {each for sockets in self._slots for each in sockets}

    def _wait(self, signals: Signals, timeout_s: float | None) -> None:
        """Return when something has happened to a process, or to us."""
        everybody = [*self._running, *self._leaving]
        sources = [source for process in everybody for source in process.sources]
        connection.wait([signals.source, *sources], timeout_s)


class _Process:
    """One server process, as its supervisor sees it. It closes the sockets of `others`."""

    def __init__(
        self, serve: Serve, sockets: Sockets, others: Collection[socket.socket], seat: int
    ) -> None:
        self.seat: Final = seat
        self._hears, tells = _FORK.Pipe(duplex=False)
        work = (serve, sockets, seat, others, tells)
        self._process = _FORK.Process(target=_become_server, args=work)
        self._process.start()
        tells.close()
        self.is_ready = False

    @property
    def sources(self) -> list[Any]:
        """Descriptors that become readable when it ends, or begins to answer."""
        return [self._process.sentinel, *([] if self.is_ready else [self._hears])]

    @property
    def refused_to_start(self) -> bool:
        """Whether it ended by itself before it answered anything: it would do so again."""
        return not self.is_ready and (self._process.exitcode or 0) > 0

    def is_alive(self) -> bool:
        """Whether it runs. Looks also whether it answers by now."""
        if not self.is_ready and self._hears.poll():
            with suppress(EOFError):
                self.is_ready = bool(self._hears.recv_bytes())
        return self._process.is_alive()

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        if self._process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    def end(self, timeout_s: float) -> None:
        """Wait for its end so long, then kill it."""
        self._process.join(max(0.0, timeout_s))
        if self._process.is_alive():
            _log.error("a server process did not stop in time; it is killed")
            self._process.kill()
            self._process.join()
        self._hears.close()


def _become_server(
    serve: Serve, sockets: Sockets, seat: int, others: Collection[socket.socket], tells: Any
) -> None:
    """The main function of a forked server process."""
    unheard(_HEARD)
    # Ctrl-C reaches every process of a terminal; the supervisor decides what it means for this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A socket that another process still has open is one that callers still wait at.
    for other in others:
        other.close()
    serve(sockets, seat, lambda: tells.send_bytes(b"ready"))
