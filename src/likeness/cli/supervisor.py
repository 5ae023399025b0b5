"""Granian's supervisor, which lets balancers notice that a node is about to stop before it does."""

import os
import signal
import time
from contextlib import suppress
from typing import Any, Final

from granian.log import logger
from granian.server.mp import MPServer
from starlette.types import ASGIApp

from likeness.app import create
from likeness.app.draining import DRAIN_SIGNAL, REFUSE_SIGNAL, Draining

_REFUSE_S: Final = 0.5
"""How long what was accepted last has for its first request: a round trip about the world, and a
client that is busy itself. Half of it was too short once, for a client on a loaded machine."""

_LOOK_INTERVAL_S: Final = 0.1
"""How soon it is noticed that no server process is left to wait for."""


def load_application() -> ASGIApp:
    """The application, made in a server process."""
    # A fork has the supervisor's handlers, which would swallow signals until Granian sets its own.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    draining = Draining()
    draining.listen()
    return draining.around(create(draining))


class Supervisor(MPServer):
    """Starts server processes, again when one dies, and stops them in two steps.

    After SIGTERM or SIGINT they serve on for `delay_s` seconds while `/readyz` says no. Then, or
    at a second signal, they refuse new connections, finish what they have begun, and end.
    """

    def __init__(self, *, delay_s: float, **settings: Any) -> None:
        super().__init__("likeness.app:create", **settings)
        self._delay_s = delay_s

    def run(self) -> None:
        """Serve; returns once everything has ended. Leaves with 1 if processes keep dying."""
        self.serve(target_loader=load_application, wrap_loader=False)

    def shutdown(self, exit_code: int = 0) -> None:
        """Granian calls this when the service ends, also because its processes keep dying."""
        if self.interrupt_signal:
            logger.info(f"Stopping in {self._delay_s:g} s; /readyz says no from now on")
            self._tell_processes(DRAIN_SIGNAL)
            self._wait(self._delay_s)
            self._tell_processes(REFUSE_SIGNAL)
            self._wait(_REFUSE_S)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]  # - Granian's has no types.

    def _tell_processes(self, number: signal.Signals) -> None:
        for process in self.wrks:
            # Ctrl-C reaches them too, and who leaves because of that has not failed.
            process.interrupt_by_parent = True
            with suppress(ProcessLookupError):
                os.kill(process.inner.pid, number)

    def _wait(self, delay_s: float) -> None:
        self.interrupt_signal = False
        deadline = time.monotonic() + delay_s
        while not self.interrupt_signal and any(each.inner.is_alive() for each in self.wrks):
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                break
            self.main_loop_interrupt.wait(min(left_s, _LOOK_INTERVAL_S))
            self.main_loop_interrupt.clear()
