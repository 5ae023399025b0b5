"""The use case of photos, over a real database, real files and real picture workers.

What goes with a photo that is removed: tests/test_photos_removing.py.
"""

from pathlib import Path

import pytest

from likeness.errors import BadImage, NotFound, TooLarge
from likeness.model import SIZES, Crop, PhotoState, Window
from support.pictures import gif, jpeg, opened
from support.sight import distance_de
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio


async def test_a_photo_has_all_its_files_and_its_row(work: Studio) -> None:
    """Seven sizes and the original of a 1024 pixel picture; the row points at them."""
    photo = (await work.service.photos.set(work.ada, jpeg(1024, 1024), None)).photo

    assert (await work.again(work.ada)).photo == photo
    assert photo.sizes == SIZES
    assert work.files() == sorted(photo.blob_keys())
    for size in SIZES:
        data = await work.service.delivery.read(photo.key(str(size)))
        assert data
        assert opened(data).size == (size, size)


async def test_sizes_above_the_source_repeat_the_largest_url(work: Studio) -> None:
    """A square of 600 has nothing at 1024, so the URL of its own 600 pixels stands there."""
    photos = work.service.photos

    photo = (await photos.set(work.ada, jpeg(600, 600), None)).photo

    names = [photos.url(photo, size).rpartition("_")[2] for size in SIZES]
    assert names == ["24.jpg", "32.jpg", "48.jpg", "72.jpg", "192.jpg", "512.jpg", "600.jpg"]


async def test_a_crop_keeps_its_pixels_and_its_place(work: Studio) -> None:
    """500 of them are no 192; the row tells which they are."""
    photos = work.service.photos

    photo = (await photos.set(work.ada, jpeg(1000, 1000), Crop(10, 15, 500))).photo

    names = [photos.url(photo, size).rpartition("_")[2] for size in SIZES]
    assert names[-3:] == ["192.jpg", "500.jpg", "500.jpg"]
    assert (await work.again(work.ada)).photo == photo
    assert (photo.window, photo.part) == (Window(10, 15, 500, 500), photo.window)
    shown = opened(await work.service.delivery.read(photo.key("500")) or b"")
    whole = opened(await work.service.delivery.read(photo.key("original")) or b"")
    assert distance_de(shown, whole.crop((10, 15, 510, 515)))[0] < 1


async def test_the_same_upload_again_is_the_same_photo(work: Studio) -> None:
    """Equal bytes and crop change nothing; another crop is another photo."""
    photos, data = work.service.photos, jpeg(600, 600)
    first = (await photos.set(work.ada, data, Crop(0, 0, 550))).photo
    ada = await work.again(work.ada)

    again = (await photos.set(ada, data, Crop(0, 0, 550))).photo
    other = (await photos.set(ada, data, Crop(1, 0, 550))).photo

    assert again == first
    assert other.id != first.id


async def test_a_refused_picture_changes_nothing(work: Studio) -> None:
    """The old photo stays, and no file is added."""
    photos = work.service.photos
    before = (await photos.set(work.ada, jpeg(600, 600), None)).photo
    files = work.files()

    with pytest.raises(BadImage):
        await photos.set(work.ada, b"/home/ada/me.jpg", None)
    with pytest.raises(TooLarge):
        await photos.set(work.ada, jpeg(1025, 600), None)

    assert (await work.again(work.ada)).photo == before
    assert work.files() == files


async def test_a_deleted_photo_is_gone_from_row_and_disk(work: Studio) -> None:
    """Nothing is left; deleting again is no error."""
    photos = work.service.photos
    await photos.set(work.ada, gif(), None)

    await photos.delete(await work.again(work.ada))
    await photos.delete(await work.again(work.ada))

    assert (await work.again(work.ada)).photo is None
    assert work.files() == []
    assert [photo.state for photo in await photos.history(work.ada)] == [PhotoState.DELETED]


async def test_a_replaced_photo_can_be_restored_until_it_expires(work: Studio) -> None:
    """It is kept for 30 days; then a sweep takes its files, and restoring is refused."""
    photos = work.service.photos
    old = (await photos.set(work.ada, jpeg(600, 600, 1), None)).photo
    new = (await photos.set(await work.again(work.ada), jpeg(600, 600, 2), None)).photo

    restored = await photos.restore(work.ada, old.id)
    work.clock.advance(days=31)
    await work.service.sweeper.sweep()

    assert restored.key("72") == old.key("72")
    assert (await work.again(work.ada)).photo == restored
    assert work.files() == sorted(old.blob_keys())
    with pytest.raises(NotFound, match=str(new.id)):
        await photos.restore(work.ada, new.id)


async def test_nobody_restores_the_photo_of_somebody_else(work: Studio) -> None:
    """A photo's number is no key to it."""
    photos = work.service.photos
    old = (await photos.set(work.ada, jpeg(600, 600, 1), None)).photo
    await photos.set(await work.again(work.ada), jpeg(600, 600, 2), None)

    with pytest.raises(NotFound):
        await photos.restore(work.bob, old.id)
    with pytest.raises(NotFound):
        await photos.restore(work.bob, 0)


async def test_restoring_the_current_photo_gives_it_back(work: Studio) -> None:
    """Whoever lost the answer to a restoring asks again."""
    photos = work.service.photos
    old = (await photos.set(work.ada, jpeg(600, 600, 1), None)).photo
    work.clock.advance(seconds=1)
    await photos.set(await work.again(work.ada), jpeg(600, 600, 2), None)

    restored = await photos.restore(await work.again(work.ada), old.id)
    again = await photos.restore(await work.again(work.ada), old.id)

    assert restored == again
    assert [old.id] == [photo.id for photo in await photos.history(work.ada, 2)][1:]


async def test_a_prepared_picture_is_cropped_from_its_working_copy(work: Studio) -> None:
    """A big picture is staged, then cut; the square is scaled down to 1024 at most."""
    photos = work.service.photos
    prepared = await photos.prepare(work.ada, jpeg(2400, 1600))

    photo = (await photos.set_prepared(work.ada, prepared.staged.id, Crop(100, 50, 1500))).photo

    data = await work.service.delivery.read(photo.key("1024"))
    assert data
    assert opened(data).size == (1024, 1024)
    assert (prepared.staged.width, prepared.staged.height) == (2400, 1600)
    assert prepared.url.endswith(prepared.staged.key)
    assert await work.service.delivery.read(
        photo.key("original")
    ) == await work.service.delivery.read(prepared.staged.key)


async def test_only_what_was_staged_is_taken_for_a_file_of_ours(work: Studio) -> None:
    """The same bytes in one step are encoded anew, the original too."""
    photos = work.service.photos
    prepared = await photos.prepare(work.ada, jpeg(900, 700))
    ours = await work.service.delivery.read(prepared.staged.key)
    assert ours

    photo = (await photos.set(work.ada, ours, None)).photo

    assert await work.service.delivery.read(photo.key("original")) not in {None, ours}


async def test_a_prepared_picture_is_private_and_lives_an_hour(work: Studio) -> None:
    """Not for others, not for ever, and the sweep takes it."""
    photos = work.service.photos
    prepared = await photos.prepare(work.ada, jpeg(1200, 1200))

    with pytest.raises(NotFound):
        await photos.set_prepared(work.bob, prepared.staged.id, None)
    work.clock.advance(hours=1, seconds=1)
    with pytest.raises(NotFound):
        await photos.set_prepared(work.ada, prepared.staged.id, None)
    report = await work.service.sweeper.sweep()

    assert report.prepared == 1
    assert work.files() == []


async def test_a_store_that_cannot_delete_does_not_hold_up_the_answer(work: Studio) -> None:
    """The photo is gone for its owner at once; its files follow when the store is back."""
    photos = work.service.photos
    photo = (await photos.set(work.ada, jpeg(600, 600), None)).photo
    blobs = work.service.config.data / "blobs"
    hidden = blobs.with_name("hidden")
    blobs.rename(hidden)
    blobs.write_text("no folder")

    await photos.delete(await work.again(work.ada))
    blobs.unlink()
    hidden.rename(blobs)
    await work.service.sweeper.sweep(orphans=False)

    assert (await work.again(work.ada)).photo is None
    assert await work.service.delivery.read(photo.key("24")) is None


async def test_people_without_a_photo_have_a_default_of_ours(work: Studio) -> None:
    """Under our own roof, saying all that there is to draw."""
    zoe = await work.service.people.add_user("zoe@example.org", "Acme", name="Zoë Ångström")
    nobody = await work.service.people.add_user("x@example.org", "Acme", name="--")
    base = "http://127.0.0.1:8080/avatars/default/initials"

    urls = [work.service.photos.default_url(person, 72) for person in (zoe, nobody)]

    assert urls == [
        f"{base}/{zoe.email_md5}_Z%C3%85_72.png",
        f"{base}/{nobody.email_md5}_72.png",
    ]


async def test_the_default_is_drawn_as_the_operator_likes(tmp_path: Path) -> None:
    """A style without letters needs none in its URL."""
    async with studio(tmp_path, default_picture="retro") as work:
        url = work.service.photos.default_url(work.ada, 72)

    assert url.endswith(f"/avatars/default/retro/{work.ada.email_md5}_72.png")


async def test_photos_may_be_given_out_under_another_address(tmp_path: Path) -> None:
    """Of a CDN, or of the bucket itself; what else there is to see stays where the service is."""
    there = {"cdn_url": "https://cdn.example.org/", "public_url": "https://avatars.example.org"}
    async with studio(tmp_path, **there) as work:
        photos = work.service.photos
        photo = (await photos.set(work.ada, jpeg(), None)).photo
        prepared = await photos.prepare(work.ada, jpeg())

        assert photos.url(photo, 72) == f"https://cdn.example.org/{photo.key('72')}"
        assert prepared.url.startswith("https://avatars.example.org/staged/")
        assert photos.default_url(work.bob, 72).startswith("https://avatars.example.org/avatars/")
