"""The server's end of the zygote: starts it, asks it for workers, and has it end them.

Blocking, and safe to use from several threads. A zygote that died, and its workers with it, is
replaced by the next request.
"""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from likeness.errors import Mistake, ServiceUnavailable
from likeness.imaging import wire
from likeness.imaging.pool.handle import WorkerDeathError, WorkerHandle
from likeness.imaging.sandbox import Layer, Mode, walls

START_TIMEOUT_S: Final = 60.0
"""It takes 0.3 s, on a busy machine some seconds. This ends only a zygote that will never start."""

ESSENTIAL: Final = Layer.SECCOMP
"""Alone it keeps a worker from files, network and other processes; see decision 10."""

_COMMAND: Final = (sys.executable, "-I", "-B", "-m", "likeness.imaging.worker.zygote")
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


class Spawner:
    """A source of picture workers. `layers` are those that the last worker reached."""

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._shared: tuple[Layer, ...] = ()
        self.layers: tuple[Layer, ...] = ()

    def worker(self, core: int | None = None) -> WorkerHandle:
        """A worker that says it is ready, bound to `core` where that can be done.

        Raises ServiceUnavailable when none can be started, Mistake when its sandbox is not the one
        that is required.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                pid = self._fork(theirs)
        except (OSError, ValueError, KeyError) as error:
            ours.close()
            self.close()
            raise _no_worker(str(error) or type(error).__name__) from error
        handle = WorkerHandle(pid, ours, self)
        try:
            own = handle.greet()
        except WorkerDeathError as death:
            raise _no_worker(death.reason) from death
        self._judge(handle, walls(self._shared, own))
        _bind(pid, core)
        return handle

    def end(self, pid: int) -> int | None:
        """Kill a worker unless it is dead already, and reap it.

        Its exit code, or minus the signal that ended it; None when the zygote cannot tell.
        """
        try:
            status = self._ask({"end": pid})["status"]
        except (OSError, ValueError, KeyError):
            return None
        return status if isinstance(status, int) else None

    def close(self) -> None:
        """End the zygote, and with it all workers."""
        with self._lock:
            self._end_zygote()

    def _fork(self, stream: socket.socket) -> int:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._end_zygote()
                self._start()
        return int(self._ask({"fork": True}, [stream.fileno()])["pid"])

    def _ask(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        """One question and its answer. Raises OSError or ValueError when there is none."""
        with self._lock:
            if self._control is None:
                raise ConnectionError("there is no zygote")
            socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)
            return self._heard(self._control)

    def _start(self) -> None:
        """Start a zygote. It must be called by a thread that lives as long as the workers do.

        Linux ends a process with the thread that started it, once it has asked for that.
        """
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - fixed words, nothing of a request
                (*_COMMAND, self._mode.value),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd="/",
                # An interrupt at the terminal is for the service, which then ends its workers.
                process_group=0,
            )
        self._control.settimeout(START_TIMEOUT_S)
        greeting = self._heard(self._control)
        self._shared = tuple(Layer(name) for name in greeting["layers"])
        for complaint in greeting["complaints"]:
            _log.warning("%s", complaint)

    @staticmethod
    def _heard(control: socket.socket) -> dict[str, Any]:
        text = control.recv(wire.CONTROL_LENGTH_MAX)
        if not text:
            raise ConnectionError("the zygote is gone")
        message: dict[str, Any] = json.loads(text)
        return message

    def _judge(self, handle: WorkerHandle, layers: tuple[Layer, ...]) -> None:
        self.layers = layers
        if self._mode is Mode.REQUIRE and ESSENTIAL not in layers:
            handle.close()
            raise Mistake(
                "this machine cannot wall picture processes in (no seccomp), and walls are "
                "required: by LIKENESS_SANDBOX=require, or since other machines reach "
                "LIKENESS_HOST. Use Linux 5.13 or newer on x86_64 or arm64, not in gVisor; "
                "LIKENESS_SANDBOX=off goes on without walls"
            )

    def _end_zygote(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._control is not None:
            self._control.close()
        self._process = self._control = None


def _bind(process_id: int, core: int | None) -> None:
    """Have a process run on one core only: libvips passes its work between threads all the time."""
    if core is not None:
        # The core may be forbidden to us by now; the worker is as good on any other.
        with suppress(OSError):
            os.sched_setaffinity(process_id, {core})


def _no_worker(reason: str) -> ServiceUnavailable:
    _log.error("no picture worker could be started: %s", reason)
    return ServiceUnavailable(
        "pictures cannot be made at the moment; try again soon",
        reason=f"no picture process can be started: {reason}",
    )
