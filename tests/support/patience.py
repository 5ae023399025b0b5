"""How long tests wait for what must come. This measures nothing: it only ends a hopeless wait.

A test goes on as soon as what it waits for is there, so that patience costs a test that is well no
time at all. Where a deadline of the product is what is tested, the side that has to finish gets
this patience, and the side that has to be cut off gets work that never ends. Nothing asserts that
anything takes less than some seconds: on a busy machine everything takes longer.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 300.0
"""The longest single wait is for the start of a service: 1 s on a quiet machine, 15 s at a load of
eighteen on two cores, 90 s at a load of twenty-four. Far below pytest's own end of a test, so that
the words of the wait that failed are seen."""

INSTALL_PATIENCE_S: Final = 600.0
"""Where programs are fetched from a registry, its speed counts too."""

PATIENT: Final = {"REQUEST_TIMEOUT_S": "300", "PICTURE_TIMEOUT_S": "120"}
"""Settings of a service that gives nobody up because the machine is busy. Tests of these deadlines
have settings of their own."""

_PAUSE_S: Final = 0.01


def comes_true(is_so: Callable[[], object]) -> bool:
    """Whether something becomes so; returns as soon as it is."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_S)
    return True


def wait_until(is_so: Callable[[], object], otherwise: Callable[[], object] = str) -> None:
    """Return when it is so. Raises AssertionError with what `otherwise` says in the end."""
    assert comes_true(is_so), otherwise()


async def until(is_so: Callable[[], object]) -> None:
    """The same for those who wait in an event loop."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - threads and processes set no event of ours
            await asyncio.sleep(_PAUSE_S)
