"""What monitors are told of an installation as a whole."""

import anyio
import anyio.lowlevel
import pytest

from likeness.app import installation
from likeness.app.installation import (
    CENSUS_LIFE_S,
    COUNTED,
    DATABASE_UP,
    FAMILIES,
    PEOPLE,
    PHOTOS,
    STORE_UP,
    STORED,
    Installation,
)
from likeness.figures import Sheet
from support.pictures import jpeg
from support.studio import Studio

pytestmark = pytest.mark.anyio


def looking(work: Studio) -> tuple[Installation, Sheet]:
    """Somebody who looks, and where it is written."""
    sheet, service = Sheet.alone(*FAMILIES), work.service
    parts = service.database, service.people, service.delivery, sheet, work.clock
    return Installation(*parts), sheet


async def test_people_photos_and_bytes_are_counted_now_and_then(work: Studio) -> None:
    """Not at each look: a million people take a while."""
    here, sheet = looking(work)
    photos = work.service.photos
    await here.look()
    assert (sheet.get(PEOPLE), sheet.get(PHOTOS), sheet.get(STORED)) == (2, 0, 0)

    await photos.set(await work.again(work.ada), jpeg(), None)
    await work.service.sweeper.sweep()
    work.clock.advance(seconds=CENSUS_LIFE_S - 1)
    await here.look()
    assert sheet.get(PHOTOS) == 0
    work.clock.advance(seconds=1)
    await here.look()

    root = work.service.config.data / "blobs"
    assert sheet.get(PHOTOS) == 1
    assert sheet.get(STORED) == sum((root / each).stat().st_size for each in work.files())
    assert sheet.get(COUNTED) == work.clock().timestamp()


async def test_what_is_away_is_told_apart(work: Studio) -> None:
    """The store may be away while the database answers; what was counted stays."""
    here, sheet = looking(work)
    blobs = work.service.config.data / "blobs"
    await here.look()
    assert (sheet.get(DATABASE_UP), sheet.get(STORE_UP)) == (1, 1)

    blobs.rename(blobs.with_name("away"))
    blobs.write_text("no folder")
    await here.look()
    assert (sheet.get(DATABASE_UP), sheet.get(STORE_UP)) == (1, 0)
    work.service.database.close()
    file = work.service.config.data / "likeness.db"
    file.rename(file.with_name("away.db"))
    file.mkdir()
    work.clock.advance(seconds=CENSUS_LIFE_S)
    await here.look()

    assert (sheet.get(DATABASE_UP), sheet.get(PEOPLE)) == (0, 2)


async def test_what_hangs_is_away_and_is_asked_once(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each scrape waits a moment for it, and none of them asks again before it has answered."""
    monkeypatch.setattr(installation, "PROBE_TIMEOUT_S", 0.01)
    begun, may_end = 0, anyio.Event()

    async def question() -> None:
        nonlocal begun
        begun += 1
        await may_end.wait()

    probe = installation._Probe(question)
    assert [await probe.ask() for _ in range(3)] == [False] * 3
    may_end.set()
    await anyio.lowlevel.checkpoint()
    monkeypatch.setattr(installation, "PROBE_TIMEOUT_S", None)

    assert await probe.ask()
    assert begun == 1
