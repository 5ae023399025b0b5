"""Pictures for targets: within what they take, measured, and never larger than the photo."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from likeness.copy_pictures import CopyPictures
from likeness.delivery import File
from likeness.model import Format, Photo
from likeness.targets.port import Later, Refused, Wants
from support.pictures import jpeg, opened, png
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio

URL = "https://photos.example.org"


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Studio]:
    """A service."""
    async with studio(tmp_path) as fresh:
        yield fresh


def pictures_of(work: Studio) -> CopyPictures:
    """What makes them."""
    return CopyPictures(work.service.delivery.view, URL)


@pytest.mark.parametrize(("side", "shown"), [(96, 96), (320, 320), (640, 600), (4096, 600)])
async def test_a_picture_has_the_side_that_is_wanted_or_that_of_the_photo(
    work: Studio, side: int, shown: int
) -> None:
    photo = (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo

    picture = await pictures_of(work).pictured(photo, Wants(side, 10**6))

    assert opened(picture.data).size == (shown, shown)
    assert (picture.side_px, picture.format) == (shown, Format.JPEG)
    assert picture.file_name == f"likeness-{photo.avatar_hash}.jpg"
    assert picture.url.startswith(URL)


async def test_a_picture_shrinks_until_it_is_short_enough(work: Studio) -> None:
    photo = (await work.service.photos.set(work.ada, jpeg(1024, 1024), None)).photo

    picture = await pictures_of(work).pictured(photo, Wants(1024, 5000))

    assert len(picture.data) <= 5000
    assert opened(picture.data).size == (picture.side_px,) * 2
    with pytest.raises(Refused, match="no picture is as short"):
        await pictures_of(work).pictured(photo, Wants(1024, 50))


async def test_a_format_that_is_not_taken_becomes_one_that_is(work: Studio) -> None:
    photo = (await work.service.photos.set(work.ada, png(600, 600), None)).photo

    picture = await pictures_of(work).pictured(photo, Wants(96, 10**6, (Format.JPEG,)))

    assert opened(picture.data).format == "JPEG"


async def test_who_wants_an_address_gets_no_bytes(work: Studio) -> None:
    photo = (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo

    picture = await pictures_of(work).pictured(photo, Wants(512, 0, by_url=True))

    assert picture.data == b""
    assert picture.url == f"{URL}/{photo.key('512')}"


async def test_no_picture_stands_in_for_another(work: Studio) -> None:
    """A copy would stay there for long."""
    photo = (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo

    async def busy(photo: Photo, side: int, form: Format) -> File:
        return File(b"", form, stands_in=True)

    with pytest.raises(Later):
        await CopyPictures(busy, URL).pictured(photo, Wants(96, 1000))
