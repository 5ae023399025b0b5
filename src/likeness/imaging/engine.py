"""The ImageEngine port, and the engine that keeps every decoder in a process of its own.

Probe, strip and plan run here, in Python; pixels are met only by the workers, one picture each at
a time. Neither HTTP nor storage is known here.
"""

import asyncio
import math
import queue
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

from anyio import to_thread

from likeness.errors import BadImage, ServiceUnavailable, TooLarge
from likeness.imaging.handle import WorkerDeathError, WorkerHandle
from likeness.imaging.plan import (
    Colour,
    Limits,
    Plan,
    WorkingPlan,
    check_length,
    plan,
    plan_working_copy,
)
from likeness.imaging.probe import probe
from likeness.imaging.strip import strip
from likeness.model import Crop, Format, Rendition

RECIPE_VERSION: Final = 2
"""Raised with every change that gives other pixels for the same upload."""

PICTURES_PER_WORKER: Final = 1000
"""Then a worker is replaced, whatever it may have gathered; at 0.1 s that is 0.1 ms a picture."""

ANIMATION_S_PER_MEGAPIXEL: Final = 0.4
"""Added to the deadline: GIF takes 0.14 s of a free core, for noise 0.3, and cores are shared."""


@dataclass(frozen=True, slots=True)
class Developed:
    """A photo's files and what they show; `width` and `height` are the whole upright picture's.

    `notes` are remarks for the caller, such as that the crop box was moved.
    """

    renditions: tuple[Rendition, ...]
    format: Format
    width: int
    height: int
    frames: int
    sizes: tuple[int, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Working:
    """The working copy of a big picture: upright, cleaned, scaled down (contract A7)."""

    data: bytes
    format: Format
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class EngineCounts:
    """What the engine did since it was made, and what it does now.

    `deaths` counts ended workers by reason: a signal's name, `exit N`, `deadline`, `garbled`.
    """

    pictures: int
    refusals: int
    deaths: Mapping[str, int]
    busy: int
    waiting: int


class ImageEngine(Protocol):
    """Makes a photo's files from an upload."""

    @property
    def recipe(self) -> str:
        """What, beside upload and crop, decides the outcome; equal recipes give equal files."""

    async def develop(self, data: bytes, crop: Crop | None, limits: Limits) -> Developed:
        """The renditions of a picture.

        Raises BadImage, TooLarge, TooManyFrames, InvalidArguments, ServiceUnavailable.
        """

    async def prepare(self, data: bytes, limits: Limits) -> Working:
        """The working copy of a picture. Raises as `develop` does, but no InvalidArguments."""

    async def close(self) -> None:
        """Finish the pictures at hand and let go of everything."""


@dataclass(slots=True)
class _Slot:
    """Room for one worker, bound to a core if it has one; it is used by one thread at a time."""

    core: int | None = None
    handle: WorkerHandle | None = None

    def ready(self) -> WorkerHandle:
        """The worker, a fresh one if need be. Raises ServiceUnavailable."""
        if self.handle and not (self.handle.is_alive() and self._is_young(self.handle)):
            self.empty()
        self.handle = self.handle or WorkerHandle.spawn(self.core)
        return self.handle

    def empty(self) -> None:
        """End the worker, if there is one."""
        if self.handle:
            self.handle.close()
        self.handle = None

    def _is_young(self, handle: WorkerHandle) -> bool:
        return handle.pictures < PICTURES_PER_WORKER


class WorkerEngine:
    """`workers` processes, and room for `queue_max` pictures that wait for one of them.

    A picture that takes longer than `deadline_s` (and what ANIMATION_S_PER_MEGAPIXEL adds) is
    refused and its worker killed. A caller that goes away leaves its picture to be finished: the
    thread, not the caller, holds the worker, so that none is lost or left out of step.

    `cores` are those that the workers are bound to, in turn; without any they go where they like.
    A bound one takes a sixth less CPU for a picture while the others rest (decision 9).
    """

    def __init__(
        self,
        *,
        workers: int,
        queue_max: int,
        deadline_s: float,
        letterbox_rgb: Colour,
        cores: Sequence[int] = (),
    ) -> None:
        self._letterbox_rgb = letterbox_rgb
        self._deadline_s = deadline_s
        self._workers = workers
        self._room = workers + queue_max
        self._slots = [
            _Slot(cores[number % len(cores)] if cores else None) for number in range(workers)
        ]
        # Last in, first out: while few are needed, the others stay out of the caches.
        self._idle: queue.LifoQueue[_Slot] = queue.LifoQueue()
        for slot in self._slots:
            self._idle.put(slot)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="picture")
        self._lock = threading.Lock()
        self._inside = 0
        self._pictures = 0
        self._refusals = 0
        self._deaths: Counter[str] = Counter()

    @property
    def recipe(self) -> str:
        """See ImageEngine."""
        return f"{RECIPE_VERSION} {bytes(self._letterbox_rgb).hex()}"

    @property
    def counts(self) -> EngineCounts:
        """The figures of this moment."""
        with self._lock:
            busy = min(self._inside, self._workers)
            return EngineCounts(
                self._pictures, self._refusals, dict(self._deaths), busy, self._inside - busy
            )

    async def start(self) -> None:
        """Start all workers now instead of with the first pictures. Raises ServiceUnavailable."""
        await asyncio.wrap_future(self._threads.submit(self._fill))

    async def develop(self, data: bytes, crop: Crop | None, limits: Limits) -> Developed:
        """See ImageEngine."""
        todo, clean = await to_thread.run_sync(self._planned, data, crop, limits)
        renditions = await self._rendered(clean, todo)
        width, height = todo.source.upright
        return Developed(
            renditions, todo.format, width, height, todo.source.frames, todo.sizes, todo.notes
        )

    async def prepare(self, data: bytes, limits: Limits) -> Working:
        """See ImageEngine."""
        todo, clean = await to_thread.run_sync(self._planned_working_copy, data, limits)
        [working] = await self._rendered(clean, todo)
        if len(working.data) > limits.length_max:
            # It is refused now rather than when it is to be cropped.
            raise TooLarge(
                f"picture has {len(working.data)} bytes once it is cleaned; at most "
                f"{limits.length_max} are allowed; send it as a JPEG or scale it down",
                argument="image",
            )
        return Working(working.data, todo.format, todo.width, todo.height)

    async def close(self) -> None:
        """See ImageEngine. Pictures that still wait for a worker are cancelled."""
        await to_thread.run_sync(self._end)

    def _planned(self, data: bytes, crop: Crop | None, limits: Limits) -> tuple[Plan, bytes]:
        check_length(len(data), limits)
        seen = probe(data)
        todo = plan(seen, crop, limits, letterbox_rgb=self._letterbox_rgb)
        return todo, strip(data, seen)

    def _planned_working_copy(self, data: bytes, limits: Limits) -> tuple[WorkingPlan, bytes]:
        check_length(len(data), limits)
        seen = probe(data)
        todo = plan_working_copy(seen, limits, letterbox_rgb=self._letterbox_rgb)
        return todo, strip(data, seen)

    async def _rendered(self, data: bytes, todo: Plan | WorkingPlan) -> tuple[Rendition, ...]:
        with self._lock:
            if self._inside >= self._room:
                raise ServiceUnavailable("too many pictures are being made; try again in a moment")
            self._inside += 1
        try:
            future = self._threads.submit(self._in_slot, data, todo)
        except RuntimeError as error:
            self._leave()
            raise ServiceUnavailable("the service is about to stop; try again soon") from error
        # Called when it is done, and also when its caller went away before a worker was free.
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave(self, _: Future[tuple[Rendition, ...]] | None = None) -> None:
        with self._lock:
            self._inside -= 1

    def _in_slot(self, data: bytes, todo: Plan | WorkingPlan) -> tuple[Rendition, ...]:
        slot = self._idle.get()
        try:
            return self._developed(slot, data, todo)
        finally:
            self._idle.put(slot)

    def _developed(
        self, slot: _Slot, data: bytes, todo: Plan | WorkingPlan
    ) -> tuple[Rendition, ...]:
        handle = slot.ready()
        allowed_s = self._allowed_s(todo)
        try:
            renditions = handle.develop(data, todo, time.monotonic() + allowed_s)
        except WorkerDeathError as death:
            slot.empty()
            self._count(death=death.reason)
            raise BadImage(_explain(death, allowed_s), argument="image") from death
        except BadImage:
            self._count(refusals=1)
            raise
        except BaseException:
            # Nobody knows where in the exchange this was, so that this worker cannot go on.
            slot.empty()
            raise
        self._count(pictures=1)
        return renditions

    def _allowed_s(self, todo: Plan | WorkingPlan) -> float:
        moving = sum(out.frames * out.width * out.height for out in todo.outputs if out.frames > 1)
        return self._deadline_s + ANIMATION_S_PER_MEGAPIXEL * moving / 1e6

    def _count(self, *, pictures: int = 0, refusals: int = 0, death: str | None = None) -> None:
        with self._lock:
            self._pictures += pictures
            self._refusals += refusals
            if death is not None:
                self._deaths[death] += 1

    def _fill(self) -> None:
        """Start every worker.

        This runs in a thread of the engine's own, since Linux kills a worker with the thread that
        started it, and other threads come and go.
        """
        slots = [self._idle.get() for _ in self._slots]
        try:
            for slot in slots:
                slot.ready()
        finally:
            for slot in slots:
                self._idle.put(slot)

    def _end(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        for slot in self._slots:
            slot.empty()


def _explain(death: WorkerDeathError, allowed_s: float) -> str:
    if death.reason == "deadline":
        return (
            f"this picture took longer than {math.ceil(allowed_s)} s to decode; "
            "save it anew, smaller or with fewer frames"
        )
    return "the decoder failed on this picture; export it again"
