"""Rate limits while the database can only be read: the same ones, kept by each process."""

import itertools
from pathlib import Path

import pytest

from likeness.app.counting import KEYS_MAX, Counting
from likeness.db import open_database
from likeness.errors import ServiceUnavailable
from support.disks import forbid_changes, small_disk
from support.rows import NOW

INTERVAL_S = 3.0
BURST = 20
NOW_S = NOW.timestamp()


def test_limits_are_the_same_where_nothing_can_be_written(tmp_path: Path) -> None:
    """Call by call, at the same moments: allowed or not, and how long to wait."""
    moments = [NOW_S + step for step in itertools.accumulate([0.0] * 30 + [1.0] * 40 + [90.0] * 3)]
    with small_disk(tmp_path / "disk", 2**20) as disk:
        database = open_database(f"sqlite:///{disk}/likeness.db")
        database.migrate()
        shared = [database.take("key", INTERVAL_S, BURST, moment) for moment in moments]
        database.close()
        forbid_changes(disk)
        counting = Counting(database.take)

        own = [counting.take("key", INTERVAL_S, BURST, moment) for moment in moments]
        database.close()

    assert own == pytest.approx(shared)
    assert 0.0 in own
    assert max(own) > 0


def test_the_counters_of_the_database_are_used_where_they_can_be(tmp_path: Path) -> None:
    """All processes share them."""
    database = open_database(f"sqlite:///{tmp_path}/likeness.db")
    database.migrate()
    one, other = Counting(database.take), Counting(database.take)

    assert [0.0, 0.0] == [each.take("key", INTERVAL_S, 2, NOW_S) for each in (one, other)]
    assert one.take("key", INTERVAL_S, 2, NOW_S) == pytest.approx(INTERVAL_S)
    database.close()


def test_another_outage_stays_one(tmp_path: Path) -> None:
    """Where nothing can be read either, nobody is let in for want of a count."""
    database = open_database(f"sqlite:///{tmp_path}/likeness.db")

    with pytest.raises(ServiceUnavailable, match="no such table"):
        Counting(database.take).take("key", INTERVAL_S, BURST, NOW_S)
    database.close()


def test_counters_are_bounded() -> None:
    """Whoever has many tokens cannot fill the memory."""
    counting = Counting(lambda *_: 0.0)
    for number in range(KEYS_MAX + 10):
        counting._take_here(str(number), INTERVAL_S, BURST, NOW_S)

    assert len(counting._arrivals_s) <= KEYS_MAX
