"""The parent's end of one picture worker: start it, give it a picture, judge the answer, end it.

Blocking; `engine.py` gives every picture a thread. Nothing that a worker says is believed: what it
hands over must be exactly the files of the plan, each of them what its name says.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from likeness.errors import BadImage, ServiceUnavailable
from likeness.imaging import wire
from likeness.imaging.plan import Output, Plan, WorkingPlan
from likeness.imaging.probe import probe
from likeness.model import Rendition

START_TIMEOUT_S: Final = 20.0
"""It takes 0.1 s, on a busy machine 1 s."""

REFUSAL_LENGTH_MAX: Final = 200
"""A worker's sentence is passed on to the caller, so it cannot be a book."""

_COMMAND: Final = (sys.executable, "-I", "-B", "-m", "likeness.imaging.worker")
_ENVIRONMENT: Final = {
    "LANG": "C",
    # One arena, and whole pictures kept in it from job to job: 7 % less CPU for 10 MB more.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(64 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20),
    "VIPS_BLOCK_UNTRUSTED": "1",
    # One picture, one core: there are as many workers as cores.
    "VIPS_CONCURRENCY": "1",
    # No picture is ever written to a temporary file.
    "VIPS_DISC_THRESHOLD": "4g",
    "VIPS_WARNING": "0",
}

_log = logging.getLogger(__name__)


class WorkerDeathError(Exception):
    """The worker is no more. `reason` is a signal's name, `exit N`, `deadline` or `garbled`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class WorkerHandle:
    """One living worker. After WorkerDeathError, or `close`, there is nothing left of it."""

    process: subprocess.Popen[bytes]
    stream: socket.socket
    pictures: int = 0

    @classmethod
    def spawn(cls, core: int | None = None) -> "WorkerHandle":
        """A worker that says it is ready, bound to `core` where that can be done.

        Raises ServiceUnavailable when none can be started.
        """
        try:
            handle = _started()
            _bind(handle.process.pid, core)
        except OSError as error:
            raise _no_worker(str(error)) from error
        try:
            handle.greet()
        except WorkerDeathError as death:
            raise _no_worker(death.reason) from death
        return handle

    def develop(
        self, data: bytes, plan: Plan | WorkingPlan, deadline: float
    ) -> tuple[Rendition, ...]:
        """The files of `plan`, checked, made before `deadline` (monotonic).

        Raises BadImage when the worker refuses the picture, WorkerDeathError when the picture
        was its end.
        """
        self.pictures += 1
        try:
            wire.send(self.stream, wire.job_head(plan), [data], deadline)
        except TimeoutError:
            raise self._ended("deadline") from None
        except wire.GoneError:
            raise self._ended(None) from None
        head, files = self._receive(sum(out.length_max for out in plan.outputs), deadline)
        if "refusal" in head:
            raise BadImage(str(head["refusal"])[:REFUSAL_LENGTH_MAX], argument="image")
        return self._checked(plan.outputs, files)

    def greet(self) -> None:
        """Wait until the worker says that it is ready. Raises WorkerDeathError."""
        self._receive(0, time.monotonic() + START_TIMEOUT_S)

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def close(self) -> None:
        """End the process, whatever it does, and collect it."""
        self.process.kill()
        self.process.wait()
        self.stream.close()

    def _receive(self, length_max: int, deadline: float) -> tuple[dict[str, Any], list[bytes]]:
        try:
            return wire.receive(self.stream, length_max, deadline)
        except TimeoutError:
            raise self._ended("deadline") from None
        except wire.GoneError:
            raise self._ended(None) from None
        except wire.GarbledError as error:
            raise self._ended("garbled", str(error)) from error

    def _checked(self, outputs: tuple[Output, ...], files: list[bytes]) -> tuple[Rendition, ...]:
        """The files as renditions, if they are what the plan asked for to the pixel."""
        if len(files) != len(outputs):
            raise self._ended("garbled", f"{len(files)} files instead of {len(outputs)}")
        for out, data in zip(outputs, files, strict=True):
            if not _is(out, data):
                raise self._ended("garbled", f"{out.name} is not what was asked for")
        return tuple(
            Rendition(out.name, out.format, data) for out, data in zip(outputs, files, strict=True)
        )

    def _ended(self, reason: str | None, detail: str = "") -> WorkerDeathError:
        """Kill and collect the worker; without a reason it died by itself, and its status tells."""
        if reason is None:
            # Its socket closes before it can be collected, so that it gets a moment to end.
            reason = _cause(self.process.wait(START_TIMEOUT_S))
        self.close()
        _log.warning("picture worker %d ended: %s %s", self.process.pid, reason, detail)
        return WorkerDeathError(reason)


def _started() -> WorkerHandle:
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(  # noqa: S603 - fixed words, nothing of a request
                _COMMAND,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd="/",
                # An interrupt at the terminal is for the service, which then ends its workers.
                process_group=0,
            )
        except BaseException:
            ours.close()
            raise
    return WorkerHandle(process, ours)


def _bind(process_id: int, core: int | None) -> None:
    """Have a process run on one core only: libvips passes its work between threads all the time."""
    if core is not None:
        # The core may be forbidden to us by now; the worker is as good on any other.
        with suppress(OSError):
            os.sched_setaffinity(process_id, {core})


def _no_worker(reason: str) -> ServiceUnavailable:
    _log.error("no picture worker could be started: %s", reason)
    return ServiceUnavailable("pictures cannot be made at the moment; try again soon")


def _cause(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit {status}"


def _is(out: Output, data: bytes) -> bool:
    if len(data) > out.length_max:
        return False
    try:
        seen = probe(data)
    except BadImage:
        return False
    return (seen.format, *seen.upright, seen.frames) == (
        out.format,
        out.width,
        out.height,
        out.frames,
    )
