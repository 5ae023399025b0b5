"""The server's end of one picture worker: send a picture, check the answer, end it.

Blocking; `engine.py` gives every picture a thread. A worker's answer is untrusted: it must be
exactly the files of the plan, each with the format and side of its name.
"""

import logging
import select
import signal
import socket
import time
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from likeness.errors import BadImage
from likeness.imaging import wire
from likeness.imaging.notes import Note, known_notes
from likeness.imaging.plan import Output, Plan, WorkingPlan, as_opaque
from likeness.imaging.probe import probe
from likeness.imaging.sandbox import Layer
from likeness.imaging.views import FOCUS_WHOLE, AnyPlan
from likeness.model import Rendition

GREETING_TIMEOUT_S: Final = 60.0
"""A worker is ready after 0.02 s, on a busy machine 1 s. This ends only one that never greets."""

ALARMING: Final = frozenset({"SIGSYS", "SIGSEGV", "SIGBUS", "SIGILL", "SIGABRT", "SIGTRAP"})
"""Ends that smell of an attack: a forbidden call, or a decoder led astray."""

REFUSAL_LENGTH_MAX: Final = 200
"""A worker's sentence is passed on to the caller, so it cannot be a book."""

_log = logging.getLogger(__name__)


class WorkerDeathError(Exception):
    """The worker is no more.

    `reason` is a signal's name, `exit N`, `deadline`, `garbled`, or `orphaned` when nobody knows.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Reply(NamedTuple):
    """The files that a worker made, and the point that draws the eye.

    `focus` is in thousandths of width and height, and nothing but a suggestion. A drawing that is
    not `is_whole` lacks a letter, for want of a font; a square shows not all of its original. With
    `is_opaque` the files are those of `as_opaque(plan)`. `notes` are the losses that it noticed.
    """

    files: tuple[Rendition, ...]
    focus: tuple[int, int] | None = None
    is_whole: bool = True
    is_opaque: bool = False
    notes: tuple[Note, ...] = ()


class Keeper(Protocol):
    """Ends workers, and reports how they ended."""

    def end(self, pid: int) -> int | None:
        """See `spawner.Spawner.end`."""


@dataclass(slots=True)
class WorkerHandle:
    """One living worker. After WorkerDeathError, or `close`, there is nothing left of it."""

    pid: int
    stream: socket.socket
    keeper: Keeper
    pictures: int = 0

    def develop(self, data: bytes, plan: AnyPlan, deadline: float) -> Reply:
        """The files of `plan`, checked, made before `deadline` (monotonic).

        Raises BadImage when the worker refuses the picture, WorkerDeathError when the picture
        was its end.
        """
        self.pictures += 1
        head = wire.job_head(plan, deadline - time.monotonic())
        try:
            wire.send(self.stream, head, [data], deadline)
        except TimeoutError:
            raise self._ended("deadline") from None
        except wire.GoneError:
            raise self._ended(None) from None
        if_opaque = _if_opaque(plan)
        lengths_max = (sum(out.length_max for out in each.outputs) for each in (plan, if_opaque))
        head, files = self._receive(max(lengths_max), deadline)
        if "refusal" in head:
            raise BadImage(str(head["refusal"])[:REFUSAL_LENGTH_MAX], argument="image")
        is_opaque = head.get("is_opaque") is True and if_opaque is not plan
        checked = self._checked((if_opaque if is_opaque else plan).outputs, files)
        is_whole = head.get("is_whole", True) is True
        notes = known_notes(head.get("notes"))
        return Reply(checked, _focus(head.get("focus")), is_whole, is_opaque, notes)

    def greet(self) -> tuple[Layer, ...]:
        """Wait until the worker says that it is ready, and behind which walls it is.

        Raises WorkerDeathError.
        """
        head, _ = self._receive(0, time.monotonic() + GREETING_TIMEOUT_S)
        try:
            return tuple(Layer(name) for name in head["layers"])
        except (KeyError, TypeError, ValueError) as error:
            raise self._ended("garbled", "greeting") from error

    def is_alive(self) -> bool:
        """Whether the process still runs; its stream closes when it ends."""
        if self.stream.fileno() < 0:
            return False
        # Between two pictures a worker has nothing to say, so that there is only its end to read.
        return not select.select([self.stream], [], [], 0)[0]

    def close(self) -> int | None:
        """Kill the process and reap it; its status as `Keeper.end` has it."""
        status = self.keeper.end(self.pid)
        self.stream.close()
        return status

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
        status = self.close()
        reason = reason or _cause(status)
        level = logging.ERROR if reason in ALARMING else logging.WARNING
        _log.log(level, "picture worker %d ended: %s %s", self.pid, reason, detail)
        return WorkerDeathError(reason)


def _if_opaque(plan: AnyPlan) -> AnyPlan:
    """The other plan that the worker may follow, once it saw that pixels use no alpha; or `plan`.

    Only the worker sees pixels. If it lies, somebody's own picture gets black bars or is a JPEG.
    """
    if isinstance(plan, Plan | WorkingPlan) and plan.background is None:
        return as_opaque(plan)
    return plan


def _focus(said: object) -> tuple[int, int] | None:
    """Two numbers within bounds, or nothing: a suggestion is no reason to distrust the files."""
    match said:
        case [int(x), int(y)] if 0 <= x <= FOCUS_WHOLE and 0 <= y <= FOCUS_WHOLE:
            return x, y
        case _:
            return None


def _cause(status: int | None) -> str:
    if status is None:
        return "orphaned"
    return signal.Signals(-status).name if status < 0 else f"exit {status}"


def _is(out: Output, data: bytes) -> bool:
    if len(data) > out.length_max:
        return False
    try:
        seen = probe(data)
    except BadImage:
        return False
    return out.fits(seen)
