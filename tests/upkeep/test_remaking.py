"""Photos of before get the size that they lack, where it is known what they show, and stay else."""

from dataclasses import dataclass

import pytest

from likeness.imaging.plan import Limits
from likeness.imaging.probe import probe
from likeness.model import ORIGINAL, STILL, Crop, Photo, Window
from likeness.upkeep.remaking import Outcome, RemakeReport, Remaking
from support.before import age
from support.pictures import encode, gif, jpeg, opened, photo, png
from support.sight import distance_de
from support.studio import Studio

pytestmark = pytest.mark.anyio


@dataclass
class Onlooker:
    """Counts what it is told."""

    expected: int = 0
    done: int = 0

    def listed(self, more: int) -> None:
        """See Progress."""

    def expect(self, total: int) -> None:
        """See Progress."""
        self.expected = total

    def advance(self, more: int) -> None:
        """See Progress."""
        self.done += more


async def remake(work: Studio) -> RemakeReport:
    """Go through all photos, and tell of each."""
    service, onlooker = work.service, Onlooker()
    report = await Remaking(service.database, service.blobs, service.engine).run(onlooker)
    assert onlooker.expected == onlooker.done == report.counts.total()
    return report


async def before(work: Studio, data: bytes, crop: Crop | None = None) -> Photo:
    """Ada's photo as versions before `window` stored it."""
    return age(work, (await work.service.photos.set(work.ada, data, crop)).photo)


def contents(work: Studio) -> dict[str, bytes]:
    """All files."""
    return {key: work.service.blobs.get(key) or b"" for key in work.files()}


@pytest.mark.parametrize(
    ("data", "side", "size"),
    [
        (jpeg(800, 800), 800, "800"),
        (jpeg(900, 600), 900, "900"),
        (png(600, 600), 600, "600"),
        (gif(600, 520), 600, f"600{STILL}"),
    ],
)
async def test_a_whole_picture_gets_the_size_it_lacks(
    work: Studio, data: bytes, side: int, size: str
) -> None:
    """From its original, and everything else is as it was, to the byte."""
    old = await before(work, data)
    files = contents(work)

    report = await remake(work)

    new = (await work.again(work.ada)).photo
    assert report.counts == {Outcome.REMADE: 1}
    assert new
    assert (new.sizes, new.part) == ((*old.sizes, side), Window(0, 0, old.width, old.height))
    assert work.files() == sorted(new.blob_keys())
    assert {key: data for key, data in contents(work).items() if key in files} == files
    largest, shown = (opened(contents(work)[new.key(name)]) for name in (size, f"512{size[3:]}"))
    assert largest.size == (side, side)
    scaled = largest.convert("RGB").resize((512, 512))
    assert distance_de(scaled, shown.convert("RGB"))[0] < 2
    assert work.service.photos.url(new, 1024).endswith(f"_{side}.{new.format.extension}")


async def test_bars_that_are_clear_stay_clear(work: Studio) -> None:
    """They once were around all that spoke of alpha, and a size that is made anew has the same."""
    data = encode(photo(900, 600).convert("RGBA"), "PNG")
    service = work.service
    old = age(work, (await service.photos.set(work.ada, data, None)).photo)
    made = await service.engine.develop(data, None, Limits(), keeps_alpha=True)
    files = {old.key(each.name): each.data for each in made.renditions}
    files = {key: each for key, each in files.items() if key in old.blob_keys()}
    service.blobs.delete(list(files))
    service.blobs.put(files)

    assert (await remake(work)).counts == {Outcome.REMADE: 1}

    for size in (512, 900):
        square = opened(contents(work)[old.key(str(size))])
        assert square.convert("RGBA").getpixel((size // 2, 5)) == (0, 0, 0, 0)


async def test_a_second_run_has_nothing_to_do(work: Studio) -> None:
    """Nor has the first one where photos were set since."""
    await before(work, jpeg(800, 800))
    await work.service.photos.set(work.bob, jpeg(700, 700), None)

    first, files = await remake(work), contents(work)
    second = await remake(work)

    assert first.counts == {Outcome.REMADE: 1, Outcome.COMPLETE: 1}
    assert second.counts == {Outcome.COMPLETE: 2}
    assert contents(work) == files


async def test_a_run_that_was_cut_short_goes_on(work: Studio) -> None:
    """Whatever it left: a file that no row knows is made again."""
    old = await before(work, jpeg(800, 800))
    work.service.blobs.put({old.key("800"): b"half"})

    assert (await remake(work)).counts == {Outcome.REMADE: 1}

    original = work.service.blobs.get(old.key(ORIGINAL))
    assert work.service.blobs.get(old.key("800")) == original
    assert probe(original or b"").width == 800


@pytest.mark.parametrize(
    ("data", "crop"),
    [
        (jpeg(900, 700), Crop(100, 50, 600)),
        (jpeg(800, 800), Crop(0, 0, 790)),
        (jpeg(1024, 1024), Crop(10, 15, 500)),
        (gif(620, 540), Crop(10, 10, 520)),
    ],
)
async def test_what_was_cut_stays_as_it_is(work: Studio, data: bytes, crop: Crop) -> None:
    """Nobody knows where, and nothing may look other than it did. Its id is told."""
    old = await before(work, data, crop)
    files = contents(work)

    report = await remake(work)

    assert (report.counts, report.cut) == ({Outcome.CUT: 1}, [old.id])
    assert (await work.again(work.ada)).photo == old
    assert contents(work) == files


@pytest.mark.parametrize(
    ("data", "crop"),
    [
        (jpeg(512, 512), None),
        (jpeg(900, 512), Crop(100, 0, 512)),
        (jpeg(1024, 1024), None),
        (jpeg(1024, 600), None),
    ],
)
async def test_what_has_all_of_its_sizes_is_complete(
    work: Studio, data: bytes, crop: Crop | None
) -> None:
    """Whether it was cut or not."""
    await before(work, data, crop)
    files = contents(work)

    assert (await remake(work)).counts == {Outcome.COMPLETE: 1}
    assert contents(work) == files


@pytest.mark.parametrize("name", ["original.jpg", "512.jpg"])
async def test_what_is_lost_is_told(work: Studio, name: str) -> None:
    """And the others are made."""
    old = await before(work, jpeg(800, 800))
    work.service.blobs.delete([old.stem + name])
    other = await work.service.photos.set(work.bob, jpeg(700, 700), None)
    age(work, other.photo)

    report = await remake(work)

    assert (report.counts, report.broken) == (
        {Outcome.BROKEN: 1, Outcome.REMADE: 1},
        [old.id],
    )
    assert (await work.again(work.ada)).photo == old
