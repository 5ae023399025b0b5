"""The one order of writing: files before the row, the row's end before the files'."""

import pytest

from likeness.errors import ServiceUnavailable
from likeness.model import Change, Crop
from likeness.photo_writer import HASHED_AT_ONCE_MAX, origin_of
from support.pictures import jpeg
from support.studio import Studio

pytestmark = pytest.mark.anyio


async def test_a_row_that_cannot_be_written_leaves_files_for_the_sweep(work: Studio) -> None:
    """Never a row without files. A database without any photo is taken for the wrong one."""
    await work.service.photos.set(work.bob, jpeg(600, 600, seed=9), None)
    files = work.files()
    with work.service.database._write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER stop BEFORE INSERT ON photos BEGIN SELECT RAISE(ABORT, 'no'); END"
        )

    with pytest.raises(Exception, match="no"):
        await work.service.photos.set(work.ada, jpeg(600, 600), None)

    assert set(work.files()) > set(files)
    assert (await work.again(work.ada)).photo is None
    work.clock.advance(days=1000)
    assert (await work.service.sweeper.sweep()).orphans > 0
    assert work.files() == files
    assert work.service.database.events(limit=9, user_id=work.ada.id) == []


async def test_files_that_cannot_be_written_leave_no_row(work: Studio) -> None:
    """The old photo, or none."""
    blobs = work.service.config.data / "blobs"
    blobs.rename(blobs.with_name("hidden"))
    blobs.write_text("no folder")

    with pytest.raises(ServiceUnavailable):
        await work.service.photos.set(work.ada, jpeg(600, 600), None)

    assert (await work.again(work.ada)).photo is None


async def test_whoever_watches_is_told_of_every_change(work: Studio) -> None:
    """Whose it is, and which photo's URLs ended."""
    told: list[Change] = []
    photos = work.service.photos
    photos.watch(told.append)

    first = (await photos.set(work.ada, jpeg(seed=1), None)).photo
    await photos.set(await work.again(work.ada), jpeg(seed=2), None)
    await photos.restore(work.ada, first.id)
    await photos.delete(work.ada)
    await photos.delete(work.ada)

    ada = work.ada.id
    assert told == [*[Change.of(ada)] * 3, Change.of(ada, first.id)]


@pytest.mark.parametrize("length", [0, HASHED_AT_ONCE_MAX, HASHED_AT_ONCE_MAX + 1])
async def test_an_upload_is_known_by_its_bytes_and_a_photo_by_all_that_makes_it(
    length: int,
) -> None:
    """However long it is."""
    data = bytes(length)
    one = await origin_of(data, None, 0, "recipe")

    for crop, turn, recipe in [(Crop(0, 0, 1), 0, "recipe"), (None, 90, "recipe"), (None, 0, "")]:
        other = await origin_of(data, crop, turn, recipe)
        assert other.upload_digest == one.upload_digest
        assert other.digest != one.digest
    assert (await origin_of(data + b"x", None, 0, "recipe")).upload_digest != one.upload_digest
