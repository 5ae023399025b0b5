"""Photos of many people come in: plan, apply, again."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import anyio.lowlevel
import pytest

from likeness.app.pictures import picture_workers
from likeness.errors import ServiceUnavailable
from likeness.events import COMMAND_LINE, OPERATOR, Actor, Batch
from likeness.imports.file_names import record_of
from likeness.imports.outcomes import Outcome, Row
from likeness.imports.photo_import import PhotoImport, Terms
from likeness.imports.records import Picture, Record
from likeness.model import Source, Team, User
from likeness.precedence import Offer, Policy
from support.pictures import jpeg
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Desk:
    """An import into the workspace of a studio."""

    work: Studio

    @property
    def photos(self) -> PhotoImport:
        """The use case."""
        service = self.work.service
        workers = picture_workers(service.config)
        return PhotoImport(service.database, service.offers, self.work.clock, workers)

    async def team(self) -> Team:
        """The workspace."""
        return await self.work.service.people.team()

    async def plan(self, *records: Record, terms: Terms = Terms()) -> list[Row]:  # noqa: B008 - It cannot be changed.
        """What would become of rows."""
        rows = list[Row]()
        await self.photos.plan(await self.team(), records, terms, rows.append)
        return rows

    async def apply(
        self,
        *records: Record,
        terms: Terms = Terms(),  # noqa: B008 - It cannot be changed.
    ) -> tuple[list[Row], Batch | None]:
        """What became of rows."""
        rows = list[Row]()
        batch = await self.photos.apply(await self.team(), records, terms, rows.append)
        return rows, batch

    async def shown(self, user: User) -> int | None:
        """The id of somebody's photo."""
        photo = (await self.work.again(user)).photo
        return photo.id if photo else None


@pytest.fixture
def desk(work: Studio) -> Desk:
    """An import."""
    return Desk(work)


def file(name: str, data: bytes = b"", made_at: object = None) -> Record:
    """A file of a folder."""
    return record_of(1, name, Picture(lambda: data or jpeg(96, 96), None))


def hollow() -> bytes:
    """A PNG of which nothing is wrong but that there are no pixels in it."""
    head = struct.pack(">2L5B", 96, 96, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", b"no pixels"), (b"IEND", b"")]
    packed = [
        struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))
        for name, data in chunks
    ]
    return b"".join([b"\x89PNG\r\n\x1a\n", *packed])


def outcomes(rows: Sequence[Row]) -> list[Outcome]:
    """What became of each."""
    return [row.outcome for row in rows]


async def test_a_plan_changes_nothing_and_says_what_apply_does(desk: Desk) -> None:
    """Rows, their order, and all that is told of them but the photo."""
    records = [file("ada@example.org.jpg"), file("nobody.jpg"), file("bob.png", jpeg(60, 70))]

    planned = await desk.plan(*records)
    assert await desk.shown(desk.work.ada) is None
    done, batch = await desk.apply(*records)

    assert outcomes(done) == [Outcome.NEW, Outcome.UNKNOWN, Outcome.NEW]
    assert [replace(row, photo=None) for row in done] == planned
    assert [row.photo for row in done] == [
        await desk.shown(desk.work.ada),
        None,
        await desk.shown(desk.work.bob),
    ]
    assert batch
    assert batch.counts == {"new": 2, "unknown person": 1}
    assert batch.ended_at == desk.work.clock()


async def test_a_photo_says_where_it_came_from(desk: Desk) -> None:
    """So that a person's own outlives the next import, and a small one is kept whole."""
    _, batch = await desk.apply(file("ada@example.org.jpg"))
    ada = await desk.work.again(desk.work.ada)

    assert batch
    assert ada.photo
    assert ada.photo_source is Source.IMPORT
    assert (ada.photo.source, ada.photo.set_by) == (Source.IMPORT, COMMAND_LINE)
    assert ada.photo.batch_id == batch.id
    assert ada.photo.sizes[-1] == 96


async def test_a_second_run_changes_nothing(desk: Desk) -> None:
    """Not even the list of imports."""
    await desk.apply(file("ada.jpg"), file("bob.jpg"))
    before = [await desk.shown(each) for each in (desk.work.ada, desk.work.bob)]

    rows, batch = await desk.apply(file("ada.jpg"), file("bob.jpg"))

    assert outcomes(rows) == [Outcome.UNCHANGED] * 2
    assert [row.photo for row in rows] == before
    assert batch is None
    team = await desk.team()
    assert len(desk.work.service.database.batches(team.id, 10)) == 1


async def test_an_own_photo_and_the_choice_of_none_are_kept(desk: Desk) -> None:
    """Unless `always` says otherwise."""
    photos = desk.work.service.photos
    await photos.set(desk.work.ada, jpeg(512, 512), None)
    await photos.delete(desk.work.bob)
    records = [file("ada.jpg"), file("bob.jpg")]

    kept, _ = await desk.apply(*records)
    replaced, _ = await desk.apply(*records, terms=Terms(Policy.ALWAYS))

    assert outcomes(kept) == [Outcome.OWN, Outcome.REMOVED]
    assert outcomes(replaced) == [Outcome.REPLACED, Outcome.NEW]


async def test_a_file_may_be_newer_than_a_photo(desk: Desk) -> None:
    """Its time is what `newer` compares."""
    await desk.work.service.photos.set(desk.work.ada, jpeg(512, 512), None)
    now, hour = desk.work.clock(), timedelta(hours=1)
    old, new = (
        replace(file("ada.jpg"), picture=Picture(lambda: jpeg(96, 96), made_at))
        for made_at in (now - hour, now + hour)
    )

    assert outcomes(await desk.plan(old, terms=Terms(Policy.NEWER))) == [Outcome.OWN]
    assert outcomes(await desk.plan(new, terms=Terms(Policy.NEWER))) == [Outcome.REPLACED]


async def test_a_lock_says_its_reason_and_can_be_passed(desk: Desk) -> None:
    """By whoever was told to."""
    with desk.work.service.database._write() as connection:
        connection.exec_driver_sql("UPDATE users SET lock_reason = 'badges' WHERE name = 'ada'")

    [kept] = await desk.plan(file("ada.jpg"))
    [passed], _ = await desk.apply(file("ada.jpg"), terms=Terms(opens_locks=True))

    assert (kept.outcome, kept.reason) == (Outcome.LOCKED, "badges")
    assert passed.outcome is Outcome.NEW


async def test_nothing_is_guessed(desk: Desk) -> None:
    """Two rows for one person, one row for two people, and a person who left."""
    people = desk.work.service.people
    await people.add_user("eve@example.org", "Acme")
    await people.add_user("eve@example.net", "Acme")
    await people.deactivate("bob@example.org")

    rows, batch = await desk.apply(
        file("ada.jpg"), file("ADA@example.org.png"), file("eve.jpg"), file("bob.jpg")
    )

    assert outcomes(rows) == [
        Outcome.DUPLICATE,
        Outcome.DUPLICATE,
        Outcome.AMBIGUOUS,
        Outcome.LEFT,
    ]
    assert "means ada@example.org as well" in rows[0].reason
    assert "eve@example.net" in rows[2].reason
    assert batch is None


async def test_a_row_without_a_photo_or_with_a_fault_changes_nothing(desk: Desk) -> None:
    """The first is no failure."""
    rows = await desk.plan(Record(1, "ada", "ada@example.org"), Record(2, "x", fault="encrypted"))

    assert outcomes(rows) == [Outcome.NO_PHOTO, Outcome.UNREADABLE]
    assert rows[1].reason == "encrypted"


async def test_a_bad_photo_stops_no_other(desk: Desk) -> None:
    """Not one that only its pixels give away."""
    rows, _ = await desk.apply(file("ada.jpg", b"text"), file("bob.jpg"))
    assert outcomes(rows) == [Outcome.UNREADABLE, Outcome.NEW]
    rows, _ = await desk.apply(file("ada.jpg", hollow()), file("bob.jpg", jpeg(40, 40)))
    assert outcomes(rows) == [Outcome.UNREADABLE, Outcome.TOO_SMALL]
    assert (rows[0].width, rows[0].photo) == (96, None)


async def test_who_is_erased_or_merged_meanwhile_stops_no_other(desk: Desk) -> None:
    """Even at the last moment, when the picture is read already."""
    database, clock = desk.work.service.database, desk.work.clock

    def erased() -> bytes:
        assert database.finish_erasing(desk.work.ada.id, clock(), OPERATOR)
        return jpeg(96, 96)

    records = [replace(file("ada.jpg"), picture=Picture(erased)), file("bob.jpg")]
    rows, batch = await desk.apply(*records)

    assert outcomes(rows) == [Outcome.LEFT, Outcome.NEW]
    assert "meanwhile" in rows[0].reason
    assert batch
    assert batch.ended_at


async def test_what_stops_all_keeps_what_was_done(desk: Desk) -> None:
    """The rows before are told, and done."""
    rows = list[Row]()
    team = await desk.team()
    one_by_one = PhotoImport(
        desk.work.service.database, desk.work.service.offers, desk.work.clock, 1
    )

    def away() -> bytes:
        raise ServiceUnavailable("the store is away")

    records = [file("ada.jpg"), replace(file("bob.jpg"), picture=Picture(away))]
    with pytest.raises(ServiceUnavailable):
        await one_by_one.apply(team, records, Terms(), rows.append)

    assert outcomes(rows) == [Outcome.NEW]
    [batch] = desk.work.service.database.batches(team.id, 10)
    assert batch.ended_at is None


async def test_peoples_own_uploads_are_not_behind_a_batch(tmp_path: Path) -> None:
    """All of a batch stands in one line, beside the lines of people."""
    async with studio(tmp_path, picture_workers="1", picture_queue_max="64") as work:
        users = [await work.service.people.add_user(f"u{each}@x.org") for each in range(24)]
        by, offer = Actor(COMMAND_LINE, Source.IMPORT), Offer(Source.IMPORT)
        # The clock counts pictures, so that a photo's time is its place among all.
        work.service.engine.watch(lambda: work.clock.advance(minutes=1))

        async with anyio.create_task_group() as group:
            for seed, user in enumerate(users):
                group.start_soon(work.service.offers.offer, user, jpeg(512, 512, seed), offer, by)
            # Hers comes last, when all the others wait.
            group.start_soon(work.service.photos.set, work.ada, jpeg(512, 512, 99), None)

        photos = [(await work.again(user)).photo for user in [work.ada, *users]]

    hers, *others = [photo.set_at for photo in photos if photo]
    assert len(others) == len(users)
    assert sum(other < hers for other in others) < len(users) // 2
