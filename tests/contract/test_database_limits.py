"""What every database must do for rate limits: exactly the burst, whoever asks and how many."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from likeness.db import Database
from support.crowd import WAIT_FOR_OTHERS, outputs
from support.rows import NOW

NOW_S: Final = NOW.timestamp()
STEPS: Final = 8
"""Into how many parts the model cuts the time between two calls."""

_TAKE: Final = f"""
import sys
from concurrent.futures import ThreadPoolExecutor
from likeness.db import open_database
database = open_database(sys.argv[1])
{WAIT_FOR_OTHERS}
def take(_):
    return database.take("one key", 1.2, 50, {NOW_S})
with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(take, range(100))).count(0.0))
"""

_keys = (f"key {number}" for number in itertools.count())


class Bucket:
    """The rule once more, in exact numbers: a bucket that leaks one call in each interval."""

    def __init__(self, burst: int) -> None:
        self._burst = burst
        self._level = self._filled_at = Fraction(0)

    def take(self, now: Fraction) -> Fraction:
        """The intervals to wait at a moment that is counted in intervals; 0 when it is allowed."""
        self._level = max(Fraction(0), self._level - (now - self._filled_at))
        self._filled_at = now
        if self._level + 1 > self._burst:
            return self._level + 1 - self._burst
        self._level += 1
        return Fraction(0)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    interval_s=st.sampled_from([60.0, 3.0, 1.2, 0.6, 0.25]),
    burst=st.integers(1, 6),
    pauses=st.lists(st.integers(0, 3 * STEPS), min_size=1, max_size=20),
)
def test_the_limit_is_a_leaking_bucket(
    database: Database, interval_s: float, burst: int, pauses: list[int]
) -> None:
    """Whatever the pauses: allowed when the model allows, else with the model's wait."""
    bucket, key = Bucket(burst), next(_keys)
    for passed in itertools.accumulate(pauses):
        now = Fraction(passed, STEPS)

        wait_s = database.take(key, interval_s, burst, NOW_S + float(now) * interval_s)

        expected_s = float(bucket.take(now)) * interval_s
        assert (expected_s == 0) == (wait_s == 0)
        assert pytest.approx(expected_s, abs=interval_s / 100) == wait_s


@pytest.mark.parametrize(("interval_s", "burst"), [(60, 1), (3, 20), (1.2, 50), (0.6, 100)])
def test_a_rested_caller_has_the_whole_burst_and_no_more(
    database: Database, interval_s: float, burst: int
) -> None:
    """Slack's tiers, all calls within one moment."""
    waits = [database.take("key", interval_s, burst, NOW_S) for _ in range(burst + 2)]

    assert [0.0] * burst == waits[:burst]
    assert pytest.approx([interval_s] * 2, rel=0.01) == waits[burst:]


def test_whoever_waits_as_told_is_let_in(database: Database) -> None:
    """And not before; what is refused costs nothing, however often it is tried."""
    while database.take("key", 3.0, 20, NOW_S) == 0:
        pass
    waits = [database.take("key", 3.0, 20, NOW_S + 1) for _ in range(50)]

    assert pytest.approx([2.0] * 50, abs=0.01) == waits
    assert database.take("key", 3.0, 20, NOW_S + 2.99) > 0
    assert 0 == database.take("key", 3.0, 20, NOW_S + 1 + max(waits))
    assert database.take("key", 3.0, 20, NOW_S + 3.01) > 0


def test_callers_do_not_spend_each_others_calls(database: Database) -> None:
    """Each key counts for itself, also those that are alike."""
    keys = ["users.info T1 1", "users.info T1 11", "users.info t1 1", "users.info T1 1 ", "é", ""]

    assert [0.0] * 6 == [database.take(key, 60.0, 1, NOW_S) for key in keys]
    assert all(database.take(key, 60.0, 1, NOW_S) for key in keys)


def test_a_clock_that_is_set_back_gives_nothing_away(database: Database) -> None:
    """Who has spent the burst does not get another one."""
    assert [0.0] * 5 == [database.take("key", 1.0, 5, NOW_S) for _ in range(5)]

    assert database.take("key", 1.0, 5, NOW_S - 10) > 1.0


def test_threads_get_exactly_the_burst_between_them(database: Database) -> None:
    """Eight of them ask 200 times."""

    def take(_: int) -> float:
        return database.take("key", 3.0, 20, NOW_S)

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(take, range(200)))

    assert 20 == waits.count(0.0)


def test_two_processes_get_exactly_the_burst_between_them(database: Database) -> None:
    """Each asks 100 times, in four threads."""
    allowed = [int(text) for text in outputs(2, _TAKE, database.url)]

    assert 50 == sum(allowed)


@pytest.mark.parametrize(
    ("seconds", "calls_left"), [(0, 0), (2.9, 0), (3.1, 1), (59.9, 19), (60.1, 20), (9999, 20)]
)
def test_forgetting_the_idle_changes_no_answer(
    database: Database, seconds: float, calls_left: int
) -> None:
    """Whoever has not all calls back is remembered, whoever has them needs no row."""
    while database.take("key", 3.0, 20, NOW_S) == 0:
        pass

    database.forget_idle(NOW_S + seconds)

    waits = [database.take("key", 3.0, 20, NOW_S + seconds) for _ in range(30)]
    assert calls_left == waits.count(0.0)
