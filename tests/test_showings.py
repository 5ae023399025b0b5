"""Where else a photo is shown, in words for everybody."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from likeness.elsewhere import Copy, Target
from likeness.showings import Showings
from support.pictures import jpeg
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Studio]:
    """A service with a target that keeps copies, and a photo of Ada's."""
    async with studio(tmp_path) as fresh:
        target = Target("tg1", "Matrix", "synapse", "https://m.example.org", fresh.clock())
        fresh.service.database.add_target(target)
        await fresh.service.photos.set(fresh.ada, jpeg(600, 600), None)
        yield fresh


def leased(work: Studio) -> Copy:
    """Ada's copy."""
    now = work.clock()
    [copy] = work.service.database.lease_copies("tg1", now, now + timedelta(minutes=1), 1)
    return copy


async def words(work: Studio) -> str:
    """What Ada sees of the only target."""
    user = await work.again(work.ada)
    [showing] = await Showings(work.service.database).of(user)
    assert showing.name == "Matrix"
    return showing.words


async def test_each_state_has_its_words(work: Studio) -> None:
    database = work.service.database
    assert await words(work) == "not yet; on its way"
    copy = leased(work)
    database.postpone_copy(copy, work.clock(), "connection refused by 10.1.2.3")
    assert await words(work) == "not yet; it does not answer"
    database.refuse_copy(copy, "413")
    assert await words(work) == "not yet; it does not take this one"
    database.absent_copy(copy, work.clock())
    assert await words(work) == "not you: it does not know your address"
    database.settle_copy(copy, work.clock(), shown="abc", marker="m", remote_id="a1")
    assert await words(work) == "your photo"
    work.clock.advance(seconds=1)
    await work.service.photos.set(await work.again(work.ada), jpeg(600, 600, 2), None)
    database.pause_target("tg1", work.clock(), "by hand")
    assert await words(work) == "an older photo; it is paused"
    database.settle_copy(leased(work), work.clock(), shown="", marker="", remote_id="a1")
    assert await words(work) == "nothing of you"


async def test_a_program_that_is_told_was_told(work: Studio) -> None:
    database = work.service.database
    database.settle_copy(leased(work), work.clock(), shown="abc", marker="m", remote_id=None)
    database.remove_target("tg1")
    hook = Target("tg2", "Hook", "webhook", "https://h.example.org", work.clock())
    database.add_target(hook)
    database.fill_target("tg2", work.clock(), "resync")
    now = work.clock()
    [copy] = database.lease_copies("tg2", now, now + timedelta(minutes=1), 1)
    database.settle_copy(copy, now, shown="abc", marker="m", remote_id=None)

    [showing] = await Showings(database).of(await work.again(work.ada))

    assert showing.words == "was told of your photo"


async def test_administrators_see_counts_and_what_is_wrong(work: Studio) -> None:
    showings, database = Showings(work.service.database), work.service.database
    [line] = await showings.lines(work.ada.team_id)
    assert (line.due, line.current, line.state) == (1, 0, "well")
    assert line.oldest_due is not None

    database.note_failing("tg1", work.clock())
    [failing] = await showings.lines(work.ada.team_id)
    database.pause_target("tg1", work.clock(), "by hand")
    [paused] = await showings.lines(work.ada.team_id)

    assert failing.state.startswith("does not answer since 2026-11-23")
    assert paused.state == "paused: by hand"
