"""One at a time; who was killed holds up nobody for long."""

import pytest

from likeness.errors import Mistake, ServiceUnavailable
from likeness.syncing import lease
from likeness.syncing.lease import LEASE, leased
from support.patience import until
from support.studio import Studio

pytestmark = pytest.mark.anyio


async def test_a_lease_is_given_back(work: Studio) -> None:
    """To whoever comes next."""
    database, clock = work.service.database, work.clock
    for _ in range(2):
        async with leased(database, "job", clock) as held:
            held.check()
    assert database.fact("job") is None


async def test_a_second_one_is_told_until_when_to_wait(work: Studio) -> None:
    async with leased(work.service.database, "job", work.clock):
        with pytest.raises(Mistake, match="after 12:01:00 UTC if it was killed"):
            async with leased(work.service.database, "job", work.clock):
                pass


async def test_a_lease_of_somebody_killed_ends(work: Studio) -> None:
    """What it held is another's then."""
    database = work.service.database
    database.hold("job", "a killed process", work.clock(), work.clock() + LEASE)
    work.clock.advance(seconds=LEASE.total_seconds())
    async with leased(database, "job", work.clock) as held:
        held.check()


async def test_who_lost_a_lease_stops(work: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a machine stood still for a minute."""
    monkeypatch.setattr(lease, "RENEWAL_S", 0.01)
    database, clock = work.service.database, work.clock
    async with leased(database, "job", clock) as held:
        clock.advance(seconds=LEASE.total_seconds())
        database.hold("job", "another", clock(), clock() + LEASE)
        await until(lambda: held.is_lost)
        with pytest.raises(Mistake, match="another node"):
            held.check()
    assert "another" in (database.fact("job") or "")


async def test_a_database_that_is_away_ends_a_lease_when_it_would_end(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before: a moment's outage stops no run."""
    monkeypatch.setattr(lease, "RENEWAL_S", 0.01)
    asked = 0
    async with leased(work.service.database, "job", work.clock) as held:

        def away(*_: object) -> None:
            nonlocal asked
            asked += 1
            raise ServiceUnavailable("the database is away")

        monkeypatch.setattr(type(work.service.database), "hold", away)
        await until(lambda: asked > 2)
        assert not held.is_lost
        work.clock.advance(seconds=LEASE.total_seconds())
        await until(lambda: held.is_lost)
