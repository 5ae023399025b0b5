"""The lane of one target: leases, several at a time, and a circuit that opens and closes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from likeness.app import lane as lanes
from likeness.app.lane import FAILURES_MAX, LEASE_S, PATIENCE, Lane
from likeness.app.target_figures import DELIVERIES, FAMILIES
from likeness.copies import ACT_TIMEOUT_S, Copies
from likeness.copy_pictures import CopyPictures
from likeness.elsewhere import CopyState, Target
from likeness.errors import Mistake, ServiceUnavailable
from likeness.figures import Sheet
from likeness.targets.port import Away, Holder, News, Receiver, Refused
from support.holders import Ear
from support.patience import until
from support.rows import photo, user
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio


URL = "https://h.example.org"


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Studio]:
    """A service with a target, and people who all have a photo that is not there."""
    async with studio(tmp_path) as fresh:
        database, team_id = fresh.service.database, fresh.ada.team_id
        database.add_target(Target("tg1", "hook", "webhook", URL, fresh.clock()))
        for number in range(12):
            database.add_user(user(number, team_id=team_id))
            database.set_photo(photo(user_id=user(number).id))
        yield fresh


class Choir(Ear):
    """An ear that knows how many speak at once, and fails as often as it is told."""

    speaking = 0
    most = 0
    failures = 0
    wait_s = 0.0

    async def tell(self, news: News) -> str:
        """Take a moment."""
        self.speaking += 1
        self.most = max(self.most, self.speaking)
        try:
            await asyncio.sleep(self.wait_s)
            if self.failures:
                self.failures -= 1
                raise Away("no answer")
            return await super().tell(news)
        finally:
            self.speaking -= 1


def lane_to(work: Studio, port: Holder | Receiver, sheet: Sheet | None = None) -> Lane:
    """The lane of the only target."""
    [target] = work.service.database.targets()
    pictures = CopyPictures(work.service.delivery.view, "https://photos.example.org")
    return Lane(
        target,
        opened=lambda _: port,
        copies=Copies(work.service.database, pictures.pictured, work.clock),
        database=work.service.database,
        clock=work.clock,
        sheet=sheet or Sheet.alone(*FAMILIES),
    )


def due(work: Studio) -> int:
    """How many are behind."""
    return work.service.database.standings()["tg1"].counts.get(CopyState.DUE, 0)


async def test_all_that_is_due_is_brought_four_at_a_time(work: Studio) -> None:
    choir, sheet = Choir(), Sheet.alone(*FAMILIES)
    choir.wait_s = 0.02

    await lane_to(work, choir, sheet).run()

    assert len(choir.heard) == 12
    assert choir.most == 4
    assert sheet.get(DELIVERIES, ("webhook", "done")) == 12
    assert due(work) == 0


async def test_after_five_failures_in_a_row_it_is_probed_once_a_minute(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first success lets all go, those too that were to wait for hours."""
    choir = Choir()
    choir.failures = 100
    lane = lane_to(work, choir)

    await lane.run()
    assert 100 - choir.failures <= FAILURES_MAX + 3
    assert not lane.may_run()
    failing = work.service.database.targets()[0]
    assert failing.failing_since == work.clock()

    monkeypatch.setattr(lanes, "PROBE_INTERVAL_S", 0.0)
    before = choir.failures
    choir.failures = 0
    await lane.run()

    assert before > 80
    assert len(choir.heard) == 12
    assert due(work) == 0
    assert work.service.database.targets()[0].failing_since is None


async def test_a_failing_target_costs_one_attempt_a_minute(work: Studio) -> None:
    choir = Choir()
    choir.failures = 100
    lane = lane_to(work, choir)
    await lane.run()
    tried = 100 - choir.failures
    lane._probed_s -= 61

    await lane.run()

    assert 100 - choir.failures == tried + 1


async def test_after_five_days_it_is_paused(work: Studio) -> None:
    choir = Choir()
    choir.failures = 100
    lane = lane_to(work, choir)
    since = work.clock() - PATIENCE - timedelta(seconds=1)
    lane.target = replace(lane.target, failing_since=since)

    await lane.run()

    [target] = work.service.database.targets()
    assert target.pause_reason == "nothing was brought there for 5 days; `likeness target resume`"
    assert due(work) == 12


async def test_refusals_of_people_do_not_shut_a_target(work: Studio) -> None:
    class Choosy(Ear):
        async def tell(self, news: News) -> str:
            raise Refused("no")

    lane = lane_to(work, Choosy())

    await lane.run()

    assert lane.may_run()
    counts = work.service.database.standings()["tg1"].counts
    assert counts == {CopyState.REFUSED: 12}


async def test_a_bug_of_a_kind_is_a_failure_of_its_target(work: Studio) -> None:
    class Broken(Ear):
        async def tell(self, news: News) -> str:
            raise ZeroDivisionError

    with capture_logs() as lines:
        await lane_to(work, Broken()).run()

    assert "target_failed" in {line["event"] for line in lines}


async def test_a_target_that_cannot_be_opened_is_away(work: Studio) -> None:
    lane = lane_to(work, Ear())

    def fail(_: Target) -> Holder | Receiver:
        raise Mistake("there is no credential: the environment variable X is not set")

    lane._open = fail
    with capture_logs() as lines:
        await lane.run()

    assert [line["event"] for line in lines] == ["target_away"]
    assert due(work) == 12


async def test_whoever_stops_ends_what_is_on_its_way_and_gives_the_rest_back(work: Studio) -> None:
    choir = Choir()
    choir.wait_s = 0.05
    lane = lane_to(work, choir)
    running = asyncio.create_task(lane.run())
    await until(lambda: choir.speaking > 0)

    lane.stop()
    await running

    assert len(choir.heard) == 4
    now = work.clock()
    rest = work.service.database.lease_copies("tg1", now, now + timedelta(minutes=1), 20)
    assert len(rest) == 8
    assert {copy.attempts for copy in rest} == {0}


async def test_a_pace_is_kept(work: Studio) -> None:
    choir = Choir()
    lane = lane_to(work, choir)
    lane.target = replace(lane.target, options={"per_minute": 60 * 1000})
    began_s = asyncio.get_running_loop().time()

    await lane.run()

    assert asyncio.get_running_loop().time() - began_s >= 0.011


async def test_our_own_database_may_be_away(work: Studio) -> None:
    class Lost(Ear):
        async def tell(self, news: News) -> str:
            raise ServiceUnavailable("away")

    with pytest.raises(ExceptionGroup):
        await lane_to(work, Lost()).run()


def test_a_lease_is_longer_than_what_begins_under_it() -> None:
    assert LEASE_S >= 2 * ACT_TIMEOUT_S
