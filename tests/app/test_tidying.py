"""What is done again and again: by one process of those that share an installation, in time."""

import pytest

from likeness.app.tidying import (
    FAMILIES,
    ORPHAN_INTERVAL_S,
    SWEEPS,
    SWEPT,
    TIDY_INTERVAL_S,
    Tidying,
)
from likeness.errors import ServiceUnavailable
from likeness.figures import Sheet
from support.pictures import jpeg
from support.studio import Studio

pytestmark = pytest.mark.anyio


def tidier(work: Studio) -> Tidying:
    """One of several processes that share the service's database and files."""
    service = work.service
    return Tidying(service.database, service.sweeper, service.sessions, work.clock)


async def leave_files(work: Studio) -> list[str]:
    """Files of a photo whose deletion was cut short."""
    photo = (await work.service.photos.set(await work.again(work.ada), jpeg(), None)).photo
    assert work.service.database.delete_photo(work.ada.id, work.clock())
    return sorted(photo.blob_keys())


async def test_each_round_is_had_by_one_process(work: Studio) -> None:
    """Whoever comes first; the next round comes in time for deletions to be finished."""
    first, second = tidier(work), tidier(work)
    assert set(await leave_files(work)) <= set(work.files())

    await first.round()
    assert work.files() == []
    left = await leave_files(work)
    await second.round()
    assert set(left) <= set(work.files())
    work.clock.advance(seconds=TIDY_INTERVAL_S)
    await second.round()

    assert work.files() == []


async def test_orphans_are_looked_for_once_a_day(work: Studio) -> None:
    """By the first round of all, and then when a day is over, however often machines start."""
    orphan = {"staged/" + "0" * 32 + ".jpg": b"x"}
    work.service.blobs.put(orphan)
    work.clock.advance(days=400)

    await tidier(work).round()
    assert work.files() == []
    work.service.blobs.put(orphan)
    work.clock.advance(seconds=ORPHAN_INTERVAL_S - 3600)
    await tidier(work).round()
    assert work.files() == list(orphan)
    work.clock.advance(seconds=3600)
    await tidier(work).round()

    assert work.files() == []


async def test_an_outage_is_said_and_the_next_round_goes_on(work: Studio) -> None:
    """As soon as the store is back."""
    left = await leave_files(work)
    root = work.service.config.data / "blobs"
    root.rename(root.with_name("away"))

    with pytest.raises(ServiceUnavailable):
        await tidier(work).round()
    root.with_name("away").rename(root)
    assert left == work.files()
    work.clock.advance(seconds=TIDY_INTERVAL_S)
    await tidier(work).round()

    assert work.files() == []


async def test_a_round_is_counted_when_it_is_done(work: Studio) -> None:
    """With its moment; one that somebody else had is none of ours."""
    sheet, service = Sheet.alone(*FAMILIES), work.service
    ours = Tidying(service.database, service.sweeper, service.sessions, work.clock, sheet)

    await ours.round()
    await ours.round()

    assert sheet.get(SWEEPS, ("done",)) == 1
    assert sheet.get(SWEPT) == work.clock().timestamp()
