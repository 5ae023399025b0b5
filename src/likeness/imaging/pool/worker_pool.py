"""The pool of the engine: assigns workers to jobs, keeps deadlines, and replaces dead workers.

A pool of processes and threads, one thread for each picture at work. Plans are opaque here; the
order of jobs is the waiting room's.
"""

import asyncio
import hashlib
import logging
import math
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

from anyio import to_thread

from likeness.errors import BadImage, Queue, ServiceUnavailable
from likeness.imaging.pool.crew import Crew, Slot
from likeness.imaging.pool.handle import ALARMING, Reply, WorkerDeathError
from likeness.imaging.pool.price import is_moving, is_quick
from likeness.imaging.pool.spawner import Spawner
from likeness.imaging.pool.waiting_room import WaitingRoom
from likeness.imaging.port import EngineCounts
from likeness.imaging.views import AnyPlan

ANIMATION_S_PER_MEGAPIXEL: Final = 0.6
"""Added to the deadline: GIF takes 0.04 s of a free core, 0.12 for noise; cores are shared."""


_log = logging.getLogger(__name__)


class _Line(NamedTuple):
    """The owner of a waiting job, and whether it is an animation."""

    sender: str
    is_moving: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """One picture on its way to a worker, and where its files are awaited."""

    data: bytes
    todo: AnyPlan
    team_id: str
    sender: str
    files: Future[Reply] = field(default_factory=Future)

    @property
    def line(self) -> _Line:
        """Where it waits."""
        return _Line(self.sender, is_moving(self.todo))


class WorkerPool:
    """`workers` processes, and room for `queue_max` pictures that wait for one of them.

    A picture that takes longer than `deadline_s` (and what ANIMATION_S_PER_MEGAPIXEL adds) is
    refused and its worker killed. A caller that goes away leaves its picture to be finished: the
    thread, not the caller, holds the worker, so that none is lost or left out of step.

    `cores` are those that the workers are bound to, in turn; without any they go where they like.
    `kept` processes stay, where that is more than work at once: each is for one workspace, and the
    one that rested longest makes room for the next.
    """

    def __init__(
        self,
        spawner: Spawner,
        *,
        workers: int,
        queue_max: int,
        deadline_s: float,
        cores: Sequence[int] = (),
        kept: int = 0,
    ) -> None:
        self._deadline_s = deadline_s
        self._places = workers + queue_max
        bound = [
            cores[number % len(cores)] if cores else None for number in range(max(workers, kept))
        ]
        self._crew = Crew(spawner, bound)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="picture")
        self._lock = threading.Lock()
        self._room = WaitingRoom[_Line, _Job]()
        self._busy = Counter[_Line]()
        # One worker is reserved for others, unless nobody waits and its picture is quick.
        self._share = max(1, workers - 1)
        self._pictures = 0
        self._refusals = 0
        self._deaths: Counter[str] = Counter()
        self.counted: Callable[[], None] = _nothing
        """Called, in any thread, when `counts` has become another."""

    @property
    def counts(self) -> EngineCounts:
        """The figures of this moment."""
        with self._lock:
            return EngineCounts(
                self._pictures,
                self._refusals,
                dict(self._deaths),
                self._busy.total(),
                len(self._room),
            )

    async def start(self) -> None:
        """Start all workers now instead of with the first pictures.

        Raises ServiceUnavailable when none can be started, Mistake when a sandbox is required that
        this machine does not have.
        """
        # Linux kills the zygote with the thread that started it, so that it has to be one of ours:
        # others come and go.
        await asyncio.wrap_future(self._threads.submit(self._crew.fill))
        self.counted()

    async def files(self, data: bytes, todo: AnyPlan, *, team_id: str, sender: str) -> Reply:
        """The files of a plan, once it is its turn: where pictures wait, senders take turns.

        `team_id` is the workspace of the picture, whose worker meets those of no other workspace.

        Raises BadImage when the picture cannot be decoded or takes too long, ServiceUnavailable
        when too many wait.
        """
        job = _Job(data, todo, team_id, sender)
        self._line_up(job)
        try:
            return await asyncio.wrap_future(job.files)
        except asyncio.CancelledError:
            # The caller went away, perhaps before a worker was free; the place is free at once.
            self._leave(job)
            raise
        finally:
            # An error knows this frame, and the job would know the error: the picture would stay
            # until the garbage collector finds them.
            del job

    async def close(self) -> None:
        """Finish the pictures at hand, cancel those that wait, and end the workers."""
        await to_thread.run_sync(self._end)

    def _line_up(self, job: _Job) -> None:
        """Have it wait for a worker. Raises ServiceUnavailable when too many wait."""
        with self._lock:
            left_out = self._room.enter(job.line, job, self._places - self._busy.total())
        self.counted()
        if left_out is None:
            self._have_served(job)
        elif left_out is job:
            raise _too_many()
        elif left_out.files.set_running_or_notify_cancel():
            # The job that was displaced by this one leaves its turn with a thread to it.
            left_out.files.set_exception(_too_many())

    def _leave(self, job: _Job) -> None:
        with self._lock:
            self._room.discard(job.line, job)
        self.counted()

    def _have_served(self, job: _Job) -> None:
        """Have a thread serve the job that is next by then."""
        try:
            self._threads.submit(self._serve_next)
        except RuntimeError as error:
            self._leave(job)
            raise ServiceUnavailable("the service is about to stop; try again soon") from error

    def _serve_next(self) -> None:
        """Serve the next job, and then those that were passed over meanwhile."""
        while turn := self._take():
            line, job = turn
            tell = self._served(job) if job.files.set_running_or_notify_cancel() else None
            self._give_back(line)
            if tell:
                tell()
            # Frames of an error lead to this one.
            del turn, job, tell

    def _served(self, job: _Job) -> Callable[[], None]:
        """Render, and return a callback that delivers the result to the waiter."""
        try:
            with self._crew.slot(job.team_id) as slot:
                files = self._developed(slot, job)
        except BaseException as error:  # noqa: BLE001 - Whatever it is, somebody waits for it.
            return partial(_fail, job, error)
        return partial(job.files.set_result, files)

    def _take(self) -> tuple[_Line, _Job] | None:
        with self._lock:
            turn = self._room.next(self._may_go)
            if turn:
                self._busy[turn[0]] += 1
        self.counted()
        return turn

    def _may_go(self, line: _Line, job: _Job) -> bool:
        """The last idle worker is reserved: not for a sender who has one, nor for animations."""
        moving = sum(busy for each, busy in self._busy.items() if each.is_moving)
        if line.is_moving and moving >= self._share:
            return False
        of_sender = sum(busy for each, busy in self._busy.items() if each.sender == line.sender)
        return of_sender < self._share or (is_quick(job.todo) and self._is_alone(line.sender))

    def _is_alone(self, sender: str) -> bool:
        """Whether no picture of anybody else waits."""
        return all(each.sender == sender for each in self._room.lines)

    def _give_back(self, line: _Line) -> None:
        with self._lock:
            self._busy[line] -= 1
            # Adding nothing drops every line that has nothing, so that this does not grow.
            self._busy += Counter()
        self.counted()

    def _developed(self, slot: Slot, job: _Job) -> Reply:
        handle = slot.ready_for(job.team_id)
        allowed_s = self._allowed_s(job.todo)
        try:
            reply = handle.develop(job.data, job.todo, time.monotonic() + allowed_s)
        except WorkerDeathError as death:
            slot.empty()
            self._count(death=death.reason)
            if death.reason in ALARMING:
                # The digest finds the picture again, should its sender be asked for it.
                digest = hashlib.sha256(job.data).hexdigest()
                _log.error("a picture ended its worker by %s: sha256 %s", death.reason, digest)
            raise BadImage(_explain(death, allowed_s), argument="image") from death
        except BadImage:
            self._count(refusals=1)
            raise
        except BaseException:
            # Nobody knows where in the exchange this was, so that this worker cannot go on.
            slot.empty()
            raise
        self._count(pictures=1)
        if job.line.is_moving:
            # Memory of a long animation stays with its process; a new one takes 10 ms.
            slot.empty()
        return reply

    def _allowed_s(self, todo: AnyPlan) -> float:
        moving = sum(out.frames * out.width * out.height for out in todo.outputs if out.frames > 1)
        return self._deadline_s + ANIMATION_S_PER_MEGAPIXEL * moving / 1e6

    def _count(self, *, pictures: int = 0, refusals: int = 0, death: str | None = None) -> None:
        with self._lock:
            self._pictures += pictures
            self._refusals += refusals
            if death is not None:
                self._deaths[death] += 1
        self.counted()

    def _end(self) -> None:
        with self._lock:
            waiting = list(iter(self._room.next, None))
        for _, job in waiting:
            job.files.cancel()
        self._threads.shutdown(cancel_futures=True)
        self._crew.empty()


def _nothing() -> None:
    pass


def _fail(job: _Job, error: BaseException) -> None:
    # The frames that it went through know the job and its picture, and would keep them.
    traceback.clear_frames(error.__traceback__)
    job.files.set_exception(error)


def _too_many() -> ServiceUnavailable:
    sentence = "too many pictures are being made; try again in a moment"
    return ServiceUnavailable(sentence, queue=Queue.PICTURES)


def _explain(death: WorkerDeathError, allowed_s: float) -> str:
    if death.reason == "deadline":
        return (
            f"this picture took longer than {math.ceil(allowed_s)} s to decode; "
            "save it anew, smaller or with fewer frames"
        )
    return "the decoder failed on this picture; export it again"
