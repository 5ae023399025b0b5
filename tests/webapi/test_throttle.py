"""Rate limits: what is counted together, how long a caller is told to wait, and switching off."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from likeness.errors import Ratelimited
from likeness.model import Caller, Token, TokenKind
from likeness.webapi import photos
from likeness.webapi.method import table
from likeness.webapi.throttle import Throttle
from support.rows import NOW, team, user

METHOD = table(photos)["users.setPhoto"]

pytestmark = pytest.mark.anyio


def caller(token_id: int = 7) -> Caller:
    token = Token(token_id, b"", user().id, TokenKind.USER, (), NOW)
    return Caller(user(), team(), token)


def clock() -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=UTC)


def waits(wait_s: float) -> Callable[[str, float, int, float], float]:
    return lambda _key, _interval_s, _burst, _now_s: wait_s


async def test_a_bucket_is_a_method_a_workspace_and_a_user() -> None:
    """Whatever token they call with."""
    asked = []

    def take(key: str, interval_s: float, burst: int, now_s: float) -> float:
        asked.append((key, interval_s, burst, now_s))
        return 0.0

    throttle = Throttle(take, clock)
    await throttle.admit(METHOD, caller(7))
    await throttle.admit(METHOD, caller(8))
    await throttle.admit(METHOD, replace(caller(9), user=user(2)))
    now_s = clock().timestamp()
    assert asked == [
        (f"users.setPhoto {team().id} {user().id}", 3.0, 20, now_s),
        (f"users.setPhoto {team().id} {user().id}", 3.0, 20, now_s),
        (f"users.setPhoto {team().id} {user(2).id}", 3.0, 20, now_s),
    ]


async def test_switched_off_nobody_waits() -> None:
    await Throttle(None, clock).admit(METHOD, caller())


@pytest.mark.parametrize(
    ("wait_s", "told_s"), [(0.001, 1), (1.0, 1), (1.001, 2), (2.5, 3), (59.9, 60)]
)
async def test_the_wait_is_whole_seconds_and_never_too_short(wait_s: float, told_s: int) -> None:
    with pytest.raises(Ratelimited) as caught:
        await Throttle(waits(wait_s), clock).admit(METHOD, caller())
    assert caught.value.retry_after_s == told_s


async def test_the_refusal_names_the_method_the_limit_and_the_wait() -> None:
    with pytest.raises(Ratelimited, match=r"users.setPhoto may be called 20 times.* in 3 s"):
        await Throttle(waits(2.2), clock).admit(METHOD, caller())
