"""The photos of a batch are taken back."""

from dataclasses import dataclass
from unittest.mock import patch

import pytest

from likeness.errors import Mistake
from likeness.imports import undoing
from likeness.imports.file_names import record_of
from likeness.imports.photo_import import PhotoImport, Terms
from likeness.imports.records import Picture
from likeness.imports.undoing import Undoing, Undone
from likeness.model import Source
from likeness.precedence import Policy
from support.pictures import jpeg
from support.studio import Studio

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Desk:
    """Imports into a studio, and their undoing."""

    work: Studio

    @property
    def undoing(self) -> Undoing:
        """The use case."""
        service = self.work.service
        return Undoing(service.database, service.offers, self.work.clock)

    async def bring(self, *names: str, seed: int = 0) -> str:
        """Import photos; the id of the batch."""
        service = self.work.service
        photos = PhotoImport(service.database, service.offers, self.work.clock, 2)
        records = [
            record_of(each, name, Picture(lambda: jpeg(96, 96, seed)))
            for each, name in enumerate(names)
        ]
        team = await service.people.team()
        batch = await photos.apply(team, records, Terms(Policy.ALWAYS), lambda _: None)
        assert batch
        return batch.id


@pytest.fixture
def desk(work: Studio) -> Desk:
    """A desk."""
    return Desk(work)


async def test_everybody_has_again_what_they_had(desk: Desk) -> None:
    """Whose choice that was is remembered as well; a second time changes nothing."""
    own = (await desk.work.service.photos.set(desk.work.ada, jpeg(512, 512), None)).photo
    batch = await desk.bring("ada.jpg", "bob.jpg")

    undone = await desk.undoing.undo(f" {batch.upper()} ")
    again = await desk.undoing.undo(batch)

    ada, bob = [await desk.work.again(each) for each in (desk.work.ada, desk.work.bob)]
    assert undone == Undone(put_back=2)
    assert again == Undone(already=2)
    assert ada.photo
    assert (ada.photo.id, ada.photo_source) == (own.id, Source.SELF)
    assert (bob.photo, bob.photo_source) == (None, None)
    [listed] = await desk.undoing.batches(await desk.work.service.people.team())
    assert listed.undone_at == desk.work.clock()


async def test_a_batch_may_have_more_events_than_are_read_at_once(desk: Desk) -> None:
    """What was taken back is found out on another page than what was set."""
    batch = await desk.bring("ada.jpg", "bob.jpg")

    with patch.object(undoing, "PAGE", 1):
        assert await desk.undoing.undo(batch) == Undone(put_back=2)
        assert await desk.undoing.undo(batch) == Undone(already=2)


async def test_a_newer_choice_stays(desk: Desk) -> None:
    """A photo, and the choice of none."""
    batch = await desk.bring("ada.jpg", "bob.jpg")
    own = (await desk.work.service.photos.set(desk.work.ada, jpeg(512, 512), None)).photo
    await desk.work.service.photos.delete(desk.work.bob)

    assert await desk.undoing.undo(batch) == Undone(newer=2)
    ada = await desk.work.again(desk.work.ada)
    assert ada.photo
    assert ada.photo.id == own.id


async def test_a_photo_whose_files_are_gone_is_told(desk: Desk) -> None:
    """It was kept for a while only."""
    await desk.bring("ada.jpg", seed=1)
    batch = await desk.bring("ada.jpg", "bob.jpg", seed=2)
    desk.work.clock.advance(days=31)
    await desk.work.service.sweeper.sweep()

    assert await desk.undoing.undo(batch) == Undone(put_back=2, gone=1)


async def test_batches_are_taken_back_one_by_one(desk: Desk) -> None:
    """The newer one first; the older one's photos are none of its business."""
    first = await desk.bring("ada.jpg", seed=1)
    second = await desk.bring("ada.jpg", seed=2)

    assert await desk.undoing.undo(first) == Undone(newer=1)
    assert await desk.undoing.undo(second) == Undone(put_back=1)
    assert await desk.undoing.undo(first) == Undone(put_back=1)
    assert (await desk.work.again(desk.work.ada)).photo is None


async def test_an_unknown_id_is_told_with_the_way_to_find_one(desk: Desk) -> None:
    """There may be none at all."""
    with pytest.raises(Mistake, match="likeness photo imports"):
        await desk.undoing.undo("nonsense")
