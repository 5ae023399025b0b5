"""No size is thrown away: what is stored of a square is what is answered with, by every road.

And photos that were set before that, whose largest size is smaller than their square.
"""

import pytest

from likeness.imaging.views import SIDES_PX_MAX
from likeness.model import SIZES, Crop, Format, Photo
from likeness.photo_address import PhotoAddress
from support.before import age
from support.pictures import gif, jpeg, opened, png
from support.sight import distance_de
from support.studio import Studio


@pytest.mark.anyio
@pytest.mark.parametrize("side", [193, 500, 511, 513, 700, 1000, 1023])
async def test_a_crop_is_shown_with_all_of_its_pixels(work: Studio, side: int) -> None:
    """By hash: as it is, scaled down from the smallest that is large enough, enlarged from it."""
    delivery = work.service.delivery
    mine = (await work.service.photos.set(work.ada, png(1024, 1024), Crop(1, 0, side))).photo
    cut = opened(png(1024, 1024)).crop((1, 0, 1 + side, side))

    own = await delivery.view(mine, side, None)
    assert max(mine.sizes) == side
    assert own.data == await delivery.read(mine.key(str(side)))
    assert distance_de(opened(own.data), cut.convert("RGB"))[0] < 0.1
    for asked in (side - 1, side + 1):
        seen = opened((await delivery.view(mine, asked, None)).data)
        assert distance_de(seen.convert("RGB"), cut.convert("RGB").resize((asked, asked)))[0] < 1


@pytest.mark.anyio
@pytest.mark.parametrize("asked", [1024, 1200, 1500, 1600])
async def test_above_1024_pixels_the_original_is_looked_at(work: Studio, asked: int) -> None:
    """Where it is the same square."""
    photos, delivery = work.service.photos, work.service.delivery
    whole = png(1500, 1500)
    prepared = await photos.prepare(work.ada, whole)
    mine = (await photos.set_prepared(work.ada, prepared.staged.id, None)).photo

    seen = opened((await delivery.view(mine, asked, None)).data).convert("RGB")

    assert (mine.sizes, mine.is_square) == (SIZES, True)
    expected = opened(whole).convert("RGB").resize((asked, asked))
    assert distance_de(seen, expected)[0] < 1
    assert (asked == 1500) == (seen.tobytes() == expected.tobytes())


@pytest.mark.anyio
@pytest.mark.parametrize("data", [png(1500, 1300), gif(600, 600)])
async def test_an_original_that_is_another_picture_is_not_shown_as_the_square(
    work: Studio, data: bytes
) -> None:
    """It was cut or has bars, or it moves; then the largest square is enlarged."""
    photos, delivery = work.service.photos, work.service.delivery
    prepared = await photos.prepare(work.ada, data)
    crop = Crop(0, 0, 1200) if Format.PNG is prepared.staged.format else None
    mine = (await photos.set_prepared(work.ada, prepared.staged.id, crop)).photo

    file = await delivery.view(mine, 1500, None)

    assert file.format is Format.PNG
    seen = opened(file.data)
    assert seen.size == (1500, 1500)
    largest = opened((await delivery.view(mine, mine.sizes[-1], None)).data).convert("RGB")
    assert distance_de(seen.convert("RGB"), largest.resize((1500, 1500)))[0] < 1
    assert SIDES_PX_MAX[Format.PNG] > 1500


@pytest.fixture
async def old(work: Studio) -> Photo:
    """A photo as versions without `window` left it: rows and files, a square of 800 pixels.

    Its largest size was 512, and its original the only file with all of its pixels.
    """
    return age(work, (await work.service.photos.set(work.ada, jpeg(800, 800), None)).photo)


@pytest.mark.anyio
async def test_an_old_photo_answers_as_it_did(work: Studio, old: Photo) -> None:
    """By every URL and by hash; nothing is wrong with it, and it goes with all of its files."""
    photos, delivery = work.service.photos, work.service.delivery

    assert (old.sizes, old.window) == (SIZES[:-1], None)
    assert (await work.again(work.ada)).photo == old
    assert photos.url(old, 1024) == photos.url(old, 512)
    for name, side in (("1024", 512), ("800", 512), ("512", 512), ("original", 800)):
        address = PhotoAddress.parse(old.key(name))
        assert address
        file = await delivery.photo(address)
        assert file
        assert not isinstance(file, Photo)
        assert opened(file.data).size == (side, side)
    assert opened((await delivery.view(old, 640, None)).data).size == (640, 640)

    await photos.delete(await work.again(work.ada))

    assert work.files() == []
