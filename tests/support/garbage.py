"""What is left in memory where no garbage collector comes."""

import gc
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager


class Left:
    """The bytes that are left of what was done inside `without_collector`."""

    length = 0


@contextmanager
def without_collector() -> Iterator[Left]:
    """Only what nobody refers to is freed in here; what is left then is told at the end."""
    left = Left()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    try:
        yield left
        left.length = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()
