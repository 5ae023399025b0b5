"""One zygote for all engines of a test process: to start one takes a quarter of a second of CPU."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from likeness.imaging.pool.handle import WorkerHandle
from likeness.imaging.pool.spawner import Spawner


@cache
def _zygote(*arguments: Any) -> Spawner:
    made = Spawner(*arguments)
    # It dies with the thread that started it, which must not be one of a service's.
    made.worker().close()
    atexit.register(made.close)
    return made


class _Spawner(Spawner):
    """What an engine has of its own: it knows of no walls before its first worker."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._shared_one = _zygote(*arguments)

    def worker(self, core: int | None = None) -> WorkerHandle:
        """From the zygote of all."""
        made = self._shared_one.worker(core)
        self.layers = self._shared_one.layers
        return made


@contextmanager
def shared_zygote() -> Iterator[None]:
    """Engines that are made in this block have their workers from the zygote of all."""
    with patch("likeness.imaging.engine.Spawner", _Spawner):
        yield
