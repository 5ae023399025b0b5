"""Blocking work in a thread: arguments, results, errors, and an event loop that goes on."""

import threading

import anyio
import pytest

from likeness.threads import in_thread
from support.patience import PATIENCE_S

pytestmark = pytest.mark.anyio


async def test_arguments_and_the_result_are_handed_on() -> None:
    """By position and by name; the function runs in another thread."""

    def work(first: int, *, second: int) -> tuple[int, int]:
        return first + second, threading.get_ident()

    result, thread = await in_thread(work, 2, second=3)

    assert result == 5
    assert thread != threading.get_ident()


async def test_errors_are_raised_to_the_caller() -> None:
    """As they are."""

    def fail() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await in_thread(fail)


async def test_the_event_loop_goes_on_meanwhile() -> None:
    """The loop lets the blocked function go, which it could not if it were blocked itself."""
    gate = threading.Event()

    async def open_the_gate() -> None:
        gate.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(open_the_gate)
        assert await in_thread(gate.wait, PATIENCE_S)
