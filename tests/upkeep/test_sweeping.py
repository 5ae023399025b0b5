"""What a sweep removes, and what it leaves."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from likeness.events import Verb
from likeness.upkeep.orphans import ORPHAN_GRACE
from support.pictures import jpeg
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio


async def test_a_sweep_takes_old_orphans_and_nothing_else(work: Studio) -> None:
    """Files that no row knows go once they are older than the grace; a dry run only counts."""
    photos = work.service.photos
    photo = (await photos.set(work.ada, jpeg(600, 600), None)).photo
    lost = [
        "avatars/2026-11-01/111111111111_00000000000000000000_24.jpg",
        "staged/00000000000000000000000000000000.jpg",
    ]
    work.service.blobs.put(dict.fromkeys(lost, b"lost"))
    work.clock.now = work.clock.now.fromtimestamp(time.time(), work.clock.now.tzinfo)

    young = await work.service.sweeper.sweep()
    work.clock.advance(seconds=ORPHAN_GRACE.total_seconds() + 60)
    dry = await work.service.sweeper.sweep(dry_run=True)
    real = await work.service.sweeper.sweep()

    assert young.orphans == 0
    assert (dry.orphans, dry.bytes_freed) == (real.orphans, real.bytes_freed) == (2, 8)
    assert work.files() == sorted(photo.blob_keys())


async def test_a_deletion_that_was_cut_short_is_finished_by_the_sweep(tmp_path: Path) -> None:
    """The row says deleted, the files are still there: the next tidying removes them."""
    async with studio(tmp_path) as work:
        await work.service.photos.set(work.ada, jpeg(600, 600), None)
        work.service.database.delete_photo(work.ada.id, work.clock())
        assert work.files() != []

        report = await work.service.sweeper.sweep(orphans=False)

        assert report.photos == 1
        assert work.files() == []


async def test_keeping_can_be_switched_off(tmp_path: Path) -> None:
    """With `keep_replaced` of 0s the next sweep takes what was replaced."""
    async with studio(tmp_path, keep_replaced="0s") as work:
        photos = work.service.photos
        await photos.set(work.ada, jpeg(600, 600, 1), None)
        work.clock.advance(seconds=1)
        new = (await photos.set(await work.again(work.ada), jpeg(600, 600, 2), None)).photo
        work.clock.now += timedelta(seconds=1)

        assert (await work.service.sweeper.sweep(dry_run=True)).photos == 1
        await work.service.sweeper.sweep()

        assert work.files() == sorted(new.blob_keys())


async def test_photos_of_leavers_end_when_their_time_is_over(tmp_path: Path) -> None:
    """Those of everybody else stay, also of somebody who came back; the log says who did it."""
    async with studio(tmp_path, keep_leavers="90d") as work:
        service = work.service
        await service.photos.set(work.ada, jpeg(600, 600, 1), None)
        other = (await service.photos.set(work.bob, jpeg(600, 600, 2), None)).photo
        await service.people.deactivate(work.ada.email)
        work.clock.advance(days=90)
        early = await service.sweeper.sweep(orphans=False)
        work.clock.advance(seconds=1)

        dry = await service.sweeper.sweep(dry_run=True)
        real = await service.sweeper.sweep()

        assert (0, 1, 1) == (early.photos, dry.photos, real.photos)
        assert work.files() == sorted(other.blob_keys())
        assert (await work.again(work.ada)).photo is None
        [removed] = service.database.events(user_id=work.ada.id, limit=1)
        assert (Verb.PHOTO_REMOVED, "sweep") == (removed.verb, removed.actor)
        assert 0 == (await service.sweeper.sweep()).photos


async def test_an_upgraded_installation_keeps_photos_of_leavers(work: Studio) -> None:
    """For ever, unless the operator says something else."""
    photo = (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo
    await work.service.people.deactivate(work.ada.email)
    work.clock.advance(days=3650)

    assert 0 == (await work.service.sweeper.sweep(orphans=False)).photos

    assert work.files() == sorted(photo.blob_keys())


async def test_photos_of_leavers_may_end_at_once(tmp_path: Path) -> None:
    """A span of no length is one too: 0d is not for ever."""
    async with studio(tmp_path, keep_leavers="0d") as work:
        await work.service.photos.set(work.ada, jpeg(600, 600), None)
        await work.service.people.deactivate(work.ada.email)
        work.clock.advance(seconds=1)

        await work.service.sweeper.sweep(orphans=False)

        assert [] == work.files()
