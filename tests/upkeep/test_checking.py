"""Rows and files are compared, what is wrong is told, and what can be repaired is."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import update

from likeness.blobs import BlobStore, StoredBlob
from likeness.db.schema import users
from likeness.errors import ServiceUnavailable
from likeness.model import Photo
from likeness.upkeep.checking import FINDINGS_SHOWN, Checking, CheckReport, Finding, Kind
from support.pictures import gif, jpeg
from support.studio import Clock, Studio

pytestmark = pytest.mark.anyio

NOTHING: Final = dict.fromkeys(Kind, 0)
LONG_AGO: Final = timedelta(days=3).total_seconds()


@dataclass
class Onlooker:
    """What was told of the progress: entries, photos to look at, photos looked at."""

    told: list[int] = field(default_factory=lambda: [0, 0, 0])

    def listed(self, more: int) -> None:
        """See Progress."""
        self.told[0] += more

    def expect(self, total: int) -> None:
        """See Progress."""
        self.told[1] = total

    def advance(self, more: int) -> None:
        """See Progress."""
        self.told[2] += more


async def check(
    work: Studio, *, deep: bool = False, repair: bool = False, blobs: BlobStore | None = None
) -> CheckReport:
    """A check at the time that it really is, since files have theirs from the disk."""
    service = work.service
    clock = Clock(datetime.fromtimestamp(time.time(), work.clock.now.tzinfo))
    checking = Checking(service.database, blobs or service.blobs, service.engine, clock)
    return await checking.run(Onlooker(), is_deep=deep, repairs=repair)


async def set_photos(work: Studio) -> tuple[Photo, Photo]:
    """Ada's photo, which moves, and Bob's, which was cut from a larger picture."""
    photos = work.service.photos
    ada = (await photos.set(work.ada, gif(600, 600), None)).photo
    return ada, (await photos.set(work.bob, jpeg(800, 600), None)).photo


def path_of(work: Studio, key: str) -> Path:
    """The file of a key."""
    return work.service.config.data / "blobs" / key


def found(report: CheckReport) -> dict[Kind, int]:
    """What was found, by kind."""
    return {kind: count for kind, count in report.found.items() if count}


@pytest.mark.parametrize("deep", [False, True])
async def test_what_the_service_wrote_is_right(work: Studio, *, deep: bool) -> None:
    """Photos that are shown, kept, prepared, and taken away; all are looked at."""
    photos = work.service.photos
    await set_photos(work)
    bob = await work.again(work.bob)
    await photos.set(bob, jpeg(600, 600), None)
    await photos.prepare(work.bob, jpeg(1200, 1200))
    await photos.delete(await work.again(work.ada))
    onlooker = Onlooker()

    checking = Checking(work.service.database, work.service.blobs, work.service.engine, work.clock)
    report = await checking.run(onlooker, is_deep=deep)

    assert (report.is_right, found(report), report.findings) == (True, {}, [])
    assert (report.photos, report.files) == (2, len(work.files()))
    assert onlooker.told == [report.files, 2, 2]


async def test_missing_and_empty_files_are_found_without_reading(work: Studio) -> None:
    """With whose they are; what is cut is found by reading alone."""
    ada, bob = await set_photos(work)
    path_of(work, ada.key("48")).unlink()
    path_of(work, bob.key("72")).write_bytes(b"")
    cut = path_of(work, bob.key("192"))
    cut.write_bytes(cut.read_bytes()[:-50])

    quick, deep = await check(work), await check(work, deep=True)

    assert found(quick) == found(deep) == {Kind.FILES: 2}
    told = {finding.person: finding.details for finding in quick.findings}
    assert told["ada@example.org"] == (f"{ada.key('48')}: missing, can be made again",)
    assert told["bob@example.org"] == (f"{bob.key('72')}: empty, can be made again",)
    assert len(next(each for each in deep.findings if "bob" in each.person).details) == 2
    assert "check --repair" in quick.findings[0].advice
    assert quick.repairable == quick.found
    assert not quick.is_right


async def test_a_look_tells_what_a_repair_can_make_from_what_only_a_backup_has(
    work: Studio,
) -> None:
    """It is made to see it, and nothing of it is stored."""
    ada, bob = await set_photos(work)
    path_of(work, ada.key("48")).unlink()
    for key in bob.blob_keys():
        path_of(work, key).unlink()
    before = work.files()

    looked, repaired = await check(work), await check(work, repair=True)

    of_ada, of_bob = sorted(looked.findings, key=lambda finding: finding.person)
    assert (of_ada.is_repairable, of_bob.is_repairable) == (True, False)
    assert "restore these files from a backup" in of_bob.advice
    assert "backup" not in of_ada.advice
    assert looked.repairable == repaired.repaired == {Kind.FILES: 1}
    assert len(work.files()) == len(before) + 1


async def test_where_no_picture_can_be_made_a_look_says_so_and_goes_on(work: Studio) -> None:
    """A backup is no advice then, and what else is wrong is told all the same."""
    ada, _ = await set_photos(work)
    path_of(work, ada.key("48")).unlink()
    await work.service.engine.close()

    report = await check(work)

    assert found(report) == {Kind.FILES: 1}
    assert report.repairable == {Kind.FILES: 0}
    assert "is not known" in report.findings[0].advice
    with pytest.raises(ServiceUnavailable):
        await check(work, repair=True)


async def test_what_was_repaired_is_right(work: Studio) -> None:
    """A moving photo and a still one, and a copy in another format."""
    ada, bob = await set_photos(work)
    path_of(work, ada.key("48")).unlink()
    path_of(work, ada.key("24_still")).write_bytes(b"GIF89a")
    path_of(work, bob.key("72")).write_bytes(b"")
    work.service.blobs.put({bob.copy_keys()[0]: b"RIFF"})

    report = await check(work, deep=True, repair=True)
    again = await check(work, deep=True)

    assert report.is_right
    assert found(report) == {Kind.FILES: 2} == dict(report.repaired)
    assert found(again) == {}
    assert work.service.blobs.get(bob.copy_keys()[0]) is None


async def test_what_cannot_be_repaired_is_told_and_the_rest_is_repaired(work: Studio) -> None:
    """The original of what was cut does not come back."""
    bob = (await work.service.photos.set(work.bob, jpeg(900, 700), None)).photo
    for name in ("original", "24"):
        path_of(work, bob.key(name)).unlink()

    report = await check(work, repair=True)

    assert not report.is_right
    assert report.findings[0].subject == f"photo {bob.id} (current)"
    assert not report.findings[0].is_repaired
    assert work.service.blobs.get(bob.key("24"))
    assert (await check(work)).findings[0].details == (f"{bob.key('original')}: missing",)


async def test_orphans_are_found_when_they_are_old(work: Studio) -> None:
    """Young ones may belong to an upload that is under way."""
    await set_photos(work)
    lost = ["avatars/2026-11-01/111111111111_00_24.jpg", "staged/00.jpg"]
    young = "staged/01.jpg"
    work.service.blobs.put({key: key.encode() for key in [*lost, young]})
    for key in lost:
        os.utime(path_of(work, key), (time.time() - LONG_AGO,) * 2)

    report, repaired = await check(work), await check(work, repair=True)

    assert found(report) == found(repaired) == {Kind.ORPHANS: 2}
    assert {finding.details for finding in report.findings} == {(key,) for key in lost}
    assert repaired.is_right
    assert {young} == {key for key in work.files() if key in {*lost, young}}


async def test_a_database_without_photos_is_not_believed_about_them(work: Studio) -> None:
    """More likely it is the wrong one, and all photos of the right one would be gone."""
    key, staged = "avatars/2026-11-01/111111111111_00_24.jpg", "staged/00.jpg"
    work.service.blobs.put({key: b"x", staged: b"x"})
    for each in (key, staged):
        os.utime(path_of(work, each), (time.time() - LONG_AGO,) * 2)

    report = await check(work, repair=True)

    assert [finding.is_repaired for finding in report.findings] == [True, False]
    assert "whether it is the right one" in report.findings[1].advice
    assert [key] == work.files()


async def test_files_of_photos_that_were_taken_away_are_found_at_once(work: Studio) -> None:
    """Their URLs would show them."""
    ada, _ = await set_photos(work)
    await work.service.photos.delete(await work.again(work.ada))
    work.service.blobs.put({ada.key("24"): b"x", ada.key("48"): b"x"})

    report = await check(work, repair=True)

    assert found(report) == {Kind.LEFT_BEHIND: 1}
    assert report.findings[0].details == (ada.key("24"), ada.key("48"))
    assert found(await check(work)) == {}


async def test_a_deletion_that_is_under_way_is_no_fault(work: Studio) -> None:
    """The row says deleted, and its files are about to follow."""
    await set_photos(work)
    work.service.database.delete_photo(work.ada.id, work.clock())

    assert found(await check(work, deep=True)) == {}


async def test_prepared_pictures_without_a_file_are_forgotten(work: Studio) -> None:
    """Nothing can be cut from them."""
    work.clock.now = datetime.fromtimestamp(time.time(), work.clock.now.tzinfo)
    prepared = await work.service.photos.prepare(work.ada, jpeg(1200, 1200))
    path_of(work, prepared.staged.key).unlink()

    report = await check(work, repair=True)

    assert (found(report), report.is_right) == ({Kind.STAGED: 1}, True)
    assert report.findings[0].person == "ada@example.org"
    assert found(await check(work)) == {}


async def test_people_show_their_current_photo_again(work: Studio) -> None:
    """Whether they point at another or at none."""
    ada, bob = await set_photos(work)
    with work.service.database._write() as connection:
        connection.execute(update(users).where(users.c.id == work.ada.id).values(photo_id=bob.id))
        connection.execute(update(users).where(users.c.id == work.bob.id).values(photo_id=None))

    report = await check(work, repair=True)

    assert (found(report), report.is_right) == ({Kind.POINTERS: 2}, True)
    assert [(await work.again(person)).photo for person in (work.ada, work.bob)] == [ada, bob]


class Behind:
    """A store whose listing is older than what it holds: what came since is not in it."""

    def __init__(self, work: Studio, hidden: set[str], gone: list[str]) -> None:
        self._work, self._hidden, self._gone = work, hidden, gone
        self.put, self.get = work.service.blobs.put, work.service.blobs.get
        self.delete = work.service.blobs.delete

    def keys(self, prefix: str) -> Iterator[StoredBlob]:
        """Without what is hidden, and with what is gone."""
        for blob in self._work.service.blobs.keys(prefix):
            if blob.key not in self._hidden:
                yield blob
        for key in self._gone:
            if key.startswith(prefix):
                yield StoredBlob(key, 0, self._work.clock.now - timedelta(days=9))


async def test_what_was_set_or_taken_away_meanwhile_is_no_fault(work: Studio) -> None:
    """Everything that looks wrong is looked at twice."""
    ada, bob = await set_photos(work)
    await work.service.photos.delete(await work.again(work.bob))
    gone = [bob.key("24"), "avatars/2026-11-01/111111111111_00_24.jpg", ada.copy_keys()[0]]

    report = await check(work, blobs=Behind(work, {ada.key("48"), ada.key("original")}, gone))

    assert (found(report), report.photos) == ({}, 1)


def test_all_are_counted_and_the_first_are_named() -> None:
    """A store that is lost as a whole does not fill the memory."""
    report = CheckReport(is_deep=False)

    for number in range(FINDINGS_SHOWN + 1):
        report.add(Finding(Kind.FILES, str(number), ()))

    assert (report.found[Kind.FILES], len(report.findings)) == (FINDINGS_SHOWN + 1, FINDINGS_SHOWN)
