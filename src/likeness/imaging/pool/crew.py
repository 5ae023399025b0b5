"""Idle picture workers: which of them gets the next picture, and when one is replaced.

A picture may take its worker over without anybody noticing. So a worker that has met a picture of
one workspace meets none of another one: it is ended, and a fresh one is forked (decision 30).
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from likeness.imaging.pool.handle import WorkerHandle
from likeness.imaging.pool.spawner import Spawner

PICTURES_PER_WORKER: Final = 1000
"""Pictures after which a worker is replaced; at 7 ms that is 7 us a picture."""


@dataclass(slots=True, eq=False)
class Slot:
    """Room for one worker, bound to a core if it has one; it is used by one thread at a time.

    `team_id` is the workspace whose pictures its worker has met, None while it has met none.
    """

    spawner: Spawner
    core: int | None = None
    handle: WorkerHandle | None = None
    team_id: str | None = None

    def ready(self) -> WorkerHandle:
        """A fresh worker, or one that has met pictures of `team_id` only.

        Raises the errors of `Spawner.worker`.
        """
        if self.handle and not (self.handle.is_alive() and self._is_young(self.handle)):
            self.empty()
        self.handle = self.handle or self.spawner.worker(self.core)
        return self.handle

    def ready_for(self, team_id: str) -> WorkerHandle:
        """A worker for a picture of that workspace. Raises the errors of `Spawner.worker`."""
        if self.team_id not in {None, team_id}:
            self.empty()
        worker = self.ready()
        self.team_id = team_id
        return worker

    def empty(self) -> None:
        """End the worker, if there is one."""
        if self.handle:
            self.handle.close()
        self.handle = self.team_id = None

    def _is_young(self, handle: WorkerHandle) -> bool:
        return handle.pictures < PICTURES_PER_WORKER


class Crew:
    """One slot for each of `cores`, for threads that are no more than there are slots."""

    def __init__(self, spawner: Spawner, cores: Sequence[int | None]) -> None:
        self.slots: Final = tuple(Slot(spawner, core) for core in cores)
        self._lock = threading.Lock()
        self._idle = list(self.slots)
        """The slot that was used last is at the end."""

    @contextmanager
    def slot(self, team_id: str) -> Iterator[Slot]:
        """A slot for a picture of a workspace, and for nobody else meanwhile."""
        with self._lock:
            chosen = self._choice(team_id)
            self._idle.remove(chosen)
        try:
            yield chosen
        finally:
            self._give_back(chosen)

    def fill(self) -> None:
        """Start every worker that is missing, but those for which a picture is under way already.

        Raises the errors of `Spawner.worker`.
        """
        for slot in self.slots:
            # One at a time, since other threads may want the others.
            if self._take(slot):
                try:
                    slot.ready()
                finally:
                    self._give_back(slot)

    def empty(self) -> None:
        """End all workers, of which none may be at work."""
        for slot in self.slots:
            slot.empty()

    def _choice(self, team_id: str) -> Slot:
        """One that has met this workspace, else one that met nobody, else the longest at rest.

        Of several the one used last, so that while few are needed, the others stay out of the
        caches.
        """
        of_team = [slot for slot in self._idle if slot.team_id == team_id]
        unused = [slot for slot in self._idle if slot.team_id is None]
        return (of_team or unused or self._idle[:1])[-1]

    def _take(self, slot: Slot) -> bool:
        with self._lock:
            if slot not in self._idle:
                return False
            self._idle.remove(slot)
            return True

    def _give_back(self, slot: Slot) -> None:
        with self._lock:
            self._idle.append(slot)
