"""What ends with a photo, and with a person: earlier photos of its upload, prepared pictures."""

from dataclasses import replace

import httpx
import pytest

from likeness.app.web import build
from likeness.errors import NotFound
from likeness.model import Crop, Photo, PhotoState
from support.pictures import jpeg
from support.studio import Studio

pytestmark = pytest.mark.anyio


async def seen(work: Studio, photo: Photo) -> set[int]:
    """What all URLs of a photo answer."""
    transport = httpx.ASGITransport(build(work.service))
    async with httpx.AsyncClient(transport=transport, base_url="http://likeness.invalid") as client:
        return {(await client.get(f"/{key}")).status_code for key in photo.blob_keys()}


@pytest.mark.parametrize("steps", ["prepared", "one step", "mixed"])
async def test_with_a_photo_goes_every_one_of_the_same_upload(work: Studio, steps: str) -> None:
    """Whatever was cut from it and however it was turned; one of another upload stays."""
    photos, data = work.service.photos, jpeg(1000, 800)
    other = (await photos.set(work.ada, jpeg(600, 600, 2), None)).photo
    cuts = [(Crop(0, 0, 600), 0), (Crop(100, 50, 700), 90), (None, 0)]
    prepared = await photos.prepare(work.ada, data)
    made = []
    for number, (crop, turn) in enumerate(cuts):
        work.clock.advance(seconds=1)
        ada = await work.again(work.ada)
        if steps == "one step" or (steps == "mixed" and number % 2):
            made.append((await photos.set(ada, data, crop, turn)).photo)
        else:
            made.append((await photos.set_prepared(ada, prepared.staged.id, crop, turn)).photo)
    assert 3 == len({photo.id for photo in made})

    await photos.delete(await work.again(work.ada))

    assert [{404}] * 3 == [await seen(work, photo) for photo in made]
    assert {200} == await seen(work, other)
    assert work.files() == sorted(other.blob_keys())
    assert 1 == len([one for one in await photos.history(work.ada) if one.state.has_files])
    for photo in made:
        with pytest.raises(NotFound):
            await photos.restore(await work.again(work.ada), photo.id)


async def test_another_picture_of_the_same_size_is_another_upload(work: Studio) -> None:
    """Removing what is shown leaves what can be restored."""
    photos = work.service.photos
    first = await photos.prepare(work.ada, jpeg(1200, 900, 1))
    second = await photos.prepare(work.ada, jpeg(1200, 900, 2))
    before = (await photos.set_prepared(work.ada, first.staged.id, None)).photo
    await photos.set_prepared(await work.again(work.ada), second.staged.id, None)

    await photos.delete(await work.again(work.ada))

    assert before == await photos.restore(await work.again(work.ada), before.id)


async def test_an_earlier_photo_is_removed_by_its_id(work: Studio) -> None:
    """A second time is no error, since an answer may be lost; somebody else's is not found."""
    photos, data = work.service.photos, jpeg(700, 700)
    first = (await photos.set(work.ada, data, Crop(0, 0, 600))).photo
    second = (await photos.set(await work.again(work.ada), data, Crop(9, 9, 600))).photo

    for _ in range(2):
        await photos.delete(await work.again(work.ada), first.id)

    assert ({404}, {200}) == (await seen(work, first), await seen(work, second))
    assert (await work.again(work.ada)).photo == second
    for user, photo_id in ((work.bob, second.id), (work.ada, 1)):
        with pytest.raises(NotFound, match=str(photo_id)):
            await photos.delete(user, photo_id)
    assert {200} == await seen(work, second)


async def test_all_photos_of_somebody_are_removed(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In more than one go, whatever uploads they are of; those of others stay."""
    monkeypatch.setattr("likeness.photo_writer.PURGE_BATCH", 2)
    photos = work.service.photos
    theirs = (await photos.set(work.bob, jpeg(600, 600), None)).photo
    for seed in range(3):
        await photos.set(await work.again(work.ada), jpeg(600, 600, seed), None)

    await photos.delete_all(await work.again(work.ada))

    assert (await work.again(work.ada)).photo is None
    assert {PhotoState.DELETED} == {one.state for one in await photos.history(work.ada)}
    assert work.files() == sorted(theirs.blob_keys())


@pytest.mark.parametrize("how", ["delete", "delete all", "deactivate"])
async def test_prepared_pictures_end_with_a_photo_or_a_person(work: Studio, how: str) -> None:
    """At once by their URL and their id; the file goes at once, or in the next round of tidying."""
    photos, people = work.service.photos, work.service.people
    prepared = await photos.prepare(work.ada, jpeg(1200, 900))
    theirs = await photos.prepare(work.bob, jpeg(1200, 900))
    delivery = work.service.delivery
    assert await delivery.staged(prepared.staged.key)

    if how == "deactivate":
        await people.deactivate("ada@example.org")
        assert await delivery.staged(prepared.staged.key) is None
        await work.service.sweeper.sweep(orphans=False)
    else:
        await (photos.delete(work.ada) if how == "delete" else photos.delete_all(work.ada))

    assert await delivery.staged(prepared.staged.key) is None
    with pytest.raises(NotFound):
        await photos.set_prepared(work.ada, prepared.staged.id, None)
    assert await delivery.staged(theirs.staged.key)
    assert work.files() == [theirs.staged.key]


async def test_a_prepared_picture_stays_after_it_was_set(work: Studio) -> None:
    """For a client that sends its call again, and gets the same photo, and for another crop."""
    photos = work.service.photos
    prepared = await photos.prepare(work.ada, jpeg(1200, 900))
    first = (await photos.set_prepared(work.ada, prepared.staged.id, Crop(0, 0, 600))).photo
    again = await photos.set_prepared(
        await work.again(work.ada), prepared.staged.id, Crop(0, 0, 600)
    )
    other = await photos.set_prepared(
        await work.again(work.ada), prepared.staged.id, Crop(9, 9, 600)
    )

    assert first == again.photo
    assert first.id != other.photo.id
    assert await work.service.delivery.staged(prepared.staged.key)


async def test_a_picture_that_an_older_version_prepared_has_its_copy_for_an_upload(
    work: Studio,
) -> None:
    """So that two crops of it belong together."""
    photos = work.service.photos
    prepared = await photos.prepare(work.ada, jpeg(1200, 900))
    old = replace(prepared.staged, id="0" * 32, upload_digest=None)
    work.service.database.add_staged(old)

    first = (await photos.set_prepared(work.ada, old.id, Crop(0, 0, 600))).photo
    second = (await photos.set_prepared(await work.again(work.ada), old.id, None)).photo

    assert first.upload_digest
    assert first.upload_digest == second.upload_digest != prepared.staged.upload_digest
