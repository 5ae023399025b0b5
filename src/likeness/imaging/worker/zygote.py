"""The zygote: imports everything, gives everything up, and forks a picture worker when asked to.

Started by `spawner.py` as `python -I -B -m likeness.imaging.worker.zygote MODE`, with a socket as
standard input and an empty environment. It never sees a picture. A fork of it is ready in
milliseconds, where a new interpreter takes a quarter of a second, and shares the memory of the
libraries with it.

Messages are JSON objects, one at a time in each direction: `{"fork": true}` with a descriptor that
becomes the worker's stream is answered with `{"pid": N}`; `{"end": N}` kills that worker, if it
still lives, and is answered with `{"status": N}` as `os.waitstatus_to_exitcode` has it, or null for
an unknown one.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

from likeness.imaging import wire
from likeness.imaging.sandbox import Mode, lock_zygote, name_process
from likeness.imaging.worker import process

NAME: Final = "picture-zygote"

NICENESS: Final = 10
"""Reading photos goes before setting them: workers have a tenth of the CPU weight."""

_REAP_INTERVAL_S: Final = 1.0
"""How long a worker that died unasked stays a zombie at most."""

_STDERR: Final = 2


def main() -> None:
    """Fork workers until the other end is closed."""
    mode = Mode(sys.argv[1])
    # Before there are threads, each of which has its own niceness, and walls.
    os.nice(NICENESS)
    complaints = process.prepare_libraries()
    layers = lock_zygote(mode)
    name_process(NAME)
    gc.freeze()
    try_out(mode)
    with socket.socket(fileno=sys.stdin.fileno()) as control:
        say(control, {"layers": layers, "complaints": complaints})
        Zygote(control, mode).serve()


def try_out(mode: Mode) -> None:
    """Check that workers load the right formats and no others. Raises LoadersError.

    Every worker has the same memory and the same walls, so that one that is forked as a trial
    stands for all. It cannot be checked here: the first operation starts threads.
    """
    child = os.fork()
    if child == 0:
        _end_with(lambda: process.rehearse(mode))
    _, status = os.waitpid(child, 0)
    if status:
        raise process.LoadersError(f"a worker that was tried out ended with {status}")


def say(control: socket.socket, message: dict[str, Any]) -> None:
    """Send one message."""
    control.sendall(json.dumps(message).encode())


class Zygote:
    """The loop of the process: fork, kill, reap."""

    def __init__(self, control: socket.socket, mode: Mode) -> None:
        self._control = control
        self._mode = mode
        self._alive: set[int] = set()
        self._ended: dict[int, int] = {}

    def serve(self) -> None:
        """Answer one message after another; return when there are no more."""
        while True:
            ready, _, _ = select.select([self._control], [], [], _REAP_INTERVAL_S)
            self._reap()
            if ready and not self._answer():
                return

    def _answer(self) -> bool:
        text, descriptors, _, _ = socket.recv_fds(self._control, wire.CONTROL_LENGTH_MAX, 1)
        if not text:
            return False
        message = json.loads(text)
        if "fork" in message:
            say(self._control, {"pid": self._fork(descriptors[0])})
        else:
            say(self._control, {"status": self._end(message["end"])})
        return True

    def _fork(self, stream: int) -> int:
        zygote = os.getpid()
        child = os.fork()
        if child == 0:
            become_worker(stream, zygote, self._mode)
        os.close(stream)
        self._alive.add(child)
        return child

    def _end(self, child: int) -> int | None:
        """The status of a worker that is no more; only what was forked here is ever killed."""
        if child in self._alive:
            os.kill(child, signal.SIGKILL)
            self._note(child, os.waitpid(child, 0)[1])
        return self._ended.pop(child, None)

    def _reap(self) -> None:
        for child in tuple(self._alive):
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                self._note(child, status)

    def _note(self, child: int, status: int) -> None:
        self._alive.discard(child)
        self._ended[child] = os.waitstatus_to_exitcode(status)


def become_worker(stream: int, zygote: int, mode: Mode) -> NoReturn:
    """Turn a process just forked into a worker with one descriptor; never returns."""

    def work() -> None:
        os.dup2(stream, sys.stdin.fileno())
        # A worker's output must not look like lines of the service's log.
        os.dup2(sys.stdout.fileno(), _STDERR)
        os.closerange(_STDERR + 1, os.sysconf("SC_OPEN_MAX"))
        with socket.socket(fileno=sys.stdin.fileno()) as line:
            process.work(line, zygote, mode)

    _end_with(work)


def _end_with(work: Callable[[], None]) -> NoReturn:
    """Do the work of a process just forked, and end it with 0, or 1 where the work fails."""
    status = 1
    try:
        work()
        status = 0
    finally:
        # Nothing of the zygote's may run in here: no handlers, no buffers, no traceback.
        os._exit(status)


if __name__ == "__main__":
    main()
