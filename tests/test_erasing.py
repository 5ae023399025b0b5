"""The use case: in which order somebody is erased, and what stands in its way."""

from collections.abc import Awaitable

import pytest

from likeness.erasing import ROUNDS_MAX, Erasing
from likeness.errors import AccountInactive, Mistake, ServiceUnavailable
from likeness.events import OPERATOR, Actor
from likeness.model import Change, Photo, Source
from likeness.photo_writer import PhotoWriter
from likeness.precedence import Offer
from support import rows as nouns
from support.pictures import jpeg
from support.studio import Studio
from support.traces import marks_of, rows, telling

pytestmark = pytest.mark.anyio


class Obstinate(PhotoWriter):
    """A writer beside which another program sets a photo whenever files were removed."""

    rounds = 0

    async def purge(self, photos: list[Photo]) -> None:
        """As it is, and then there is one more."""
        await super().purge(photos)
        self.rounds += 1
        user_id = photos[0].user_id
        self._database.set_photo(nouns.photo(user_id=user_id, set_at=self._clock()))


def writer_of(work: Studio, kind: type[PhotoWriter] = PhotoWriter) -> PhotoWriter:
    """What writes rows and files."""
    return kind(work.service.database, work.service.blobs, work.clock)


def erasing_of(work: Studio, writer: PhotoWriter | None = None) -> Erasing:
    """The use case, on the parts of a service."""
    service = work.service
    return Erasing(
        database=service.database,
        blobs=service.blobs,
        people=service.people,
        writer=writer or writer_of(work),
        clock=work.clock,
    )


async def use_everything(work: Studio) -> None:
    """Ada has two photos, one of which was replaced, and a prepared picture; Bob has a photo."""
    photos = work.service.photos
    await photos.set(work.ada, jpeg(600, 600, 1), None)
    work.clock.advance(seconds=1)
    await photos.set(await work.again(work.ada), jpeg(600, 600, 2), None)
    await photos.prepare(work.ada, jpeg(1200, 900))
    await photos.set(work.bob, jpeg(600, 600, 3), None)


async def test_nothing_is_left_and_others_keep_all(work: Studio) -> None:
    """Neither rows nor files; those who watch are told of the person and of each photo."""
    await use_everything(work)
    history = work.service.database.history(work.ada.id)
    told: list[Change] = []
    writer = writer_of(work)
    writer.watch(told.append)

    await erasing_of(work, writer).erase(work.ada, OPERATOR)

    left = telling(rows(work.service.database), work.ada.id, *marks_of(work.ada))
    assert {"events"} == {name for name, _ in left}
    bob = await work.again(work.bob)
    assert bob.photo
    assert work.files() == sorted(bob.photo.blob_keys())
    assert Change.of(work.ada.id, *(photo.id for photo in history)) in told


async def test_what_will_end_is_told_before(work: Studio) -> None:
    """By table; nothing is changed."""
    await use_everything(work)
    before = rows(work.service.database)

    traces = await erasing_of(work).traces("Ada@example.org", "Acme")

    assert work.ada.id == traces.user.id
    assert (2, 1, 1) == tuple(traces.rows[name] for name in ("photos", "staged", "addresses"))
    logged = work.service.database.events(user_id=work.ada.id, limit=99)
    assert len(logged) == traces.rows["events"]
    assert before == rows(work.service.database)


async def test_where_the_store_is_away_the_account_ends_and_the_rest_later(work: Studio) -> None:
    """Nothing is shown any more, and the same call ends what is left."""
    await use_everything(work)
    blobs = work.service.config.data / "blobs"
    shown = (await work.again(work.ada)).photo
    assert shown
    blobs.rename(blobs.with_name("away"))

    with pytest.raises(ServiceUnavailable):
        await erasing_of(work).erase(work.ada, OPERATOR)

    blobs.with_name("away").rename(blobs)
    ada = await work.again(work.ada)
    assert (ada.photo, ada.deleted_at) == (None, work.clock())
    await erasing_of(work).erase(ada, OPERATOR)
    assert [] == work.service.database.users_by_email(work.ada.email)
    assert not {key for key in work.files() if str(shown.id) in key}


async def test_a_photo_that_comes_in_between_goes_too(work: Studio) -> None:
    """As one from an import that looked before."""
    await use_everything(work)
    late = nouns.photo(user_id=work.ada.id, set_at=work.clock())
    writer = writer_of(work)
    database = work.service.database
    came: list[Photo] = []

    def come(_: Change) -> None:
        if not came:
            came.append(database.set_photo(late))

    writer.watch(come)
    await erasing_of(work, writer).erase(work.ada, OPERATOR)

    assert came
    assert database.photo(late.id) is None
    assert [] == database.users_by_email(work.ada.email)


async def test_a_program_that_goes_on_is_named_as_the_obstacle(work: Studio) -> None:
    """After some rounds, since it would never end."""
    await use_everything(work)
    writer = writer_of(work, Obstinate)
    assert isinstance(writer, Obstinate)

    with pytest.raises(Mistake, match="gets new photos all the time"):
        await erasing_of(work, writer).erase(work.ada, OPERATOR)

    assert ROUNDS_MAX == writer.rounds
    assert (await work.again(work.ada)).photo is None


@pytest.mark.parametrize("by", ["themselves", "an import"])
async def test_an_upload_that_was_under_way_leaves_nothing(work: Studio, by: str) -> None:
    """Neither row nor file: it began before, and finds nobody when it is to be written."""
    await erasing_of(work).erase(work.ada, OPERATOR)

    offer, importing = Offer(Source.IMPORT), Actor("cli", Source.IMPORT)
    coming: Awaitable[object] = (
        work.service.photos.set(work.ada, jpeg(600, 600), None)
        if by == "themselves"
        else work.service.offers.offer(work.ada, jpeg(600, 600), offer, importing)
    )
    with pytest.raises(AccountInactive, match="does not exist any more"):
        await coming

    assert [] == work.files()
    assert [] == work.service.database.history(work.ada.id)
