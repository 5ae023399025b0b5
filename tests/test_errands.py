"""What is done for people after they were answered."""

import asyncio
from functools import partial

import pytest
from structlog.testing import capture_logs

from likeness import errands
from likeness.errands import AT_ONCE_MAX, Errands
from likeness.errors import ServiceUnavailable
from likeness.log import Log

pytestmark = pytest.mark.anyio


def errands_of_test() -> Errands:
    """What is tested."""
    return Errands("test", Log(__name__), postponed="test_postponed", failed="test_failed")


async def test_what_is_begun_is_done_in_turns() -> None:
    """So many at a time; whoever waits is known by it."""
    made, free, under_way = errands_of_test(), asyncio.Event(), list[str]()

    async def work() -> None:
        under_way.append("one")
        await free.wait()

    for number in range(AT_ONCE_MAX + 2):
        assert made.begin(str(number), work, 10)
    await asyncio.sleep(0)
    assert (len(under_way), made.waiting, made.held) == (AT_ONCE_MAX, AT_ONCE_MAX + 2, 60)
    assert made.has("0")
    free.set()
    await made.idle()
    await asyncio.sleep(0)
    assert (len(under_way), made.waiting, made.held) == (AT_ONCE_MAX + 2, 0, 0)
    assert not made.has("0")


async def test_there_is_room_for_so_many_and_for_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it nothing is begun; what is under way can be ended."""
    monkeypatch.setattr(errands, "WAITING_MAX", 2)
    monkeypatch.setattr(errands, "HELD_LENGTH_MAX", 100)
    made = errands_of_test()

    async def wait() -> None:
        await asyncio.Event().wait()

    assert made.begin("a", wait, 60)
    assert not made.begin("b", wait, 60)
    assert made.begin("b", wait, 40)
    assert not made.begin("c", wait)
    await made.close()
    await asyncio.sleep(0)
    assert made.waiting == 0


async def test_what_goes_wrong_is_for_the_log() -> None:
    """An outage once a minute, a bug each time; whoever comes next has the place again."""
    made, bug = errands_of_test(), RuntimeError("bug")

    async def fail(error: Exception) -> None:
        raise error

    with capture_logs() as lines:
        for error in (ServiceUnavailable("away"), ServiceUnavailable("away"), bug, bug):
            assert made.begin("ada", partial(fail, error))
            await made.idle()
            await asyncio.sleep(0)
    away = {"event": "test_postponed", "user": "ada", "reason": "away", "log_level": "warning"}
    failed = {"event": "test_failed", "user": "ada", "exc_info": bug, "log_level": "error"}
    assert lines == [away, failed, failed]
