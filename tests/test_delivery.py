"""Looking at photos: what is found, what stands in, and what is kept beside a photo."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.delivery import Delivery, File
from likeness.errors import ServiceUnavailable
from likeness.imaging.engine import COSTLY_VIEWS_MAX, DRAWINGS_WAITING_MAX
from likeness.imaging.views import SIDES_PX_MAX
from likeness.model import FORMATS_MADE, DefaultStyle, Format, Photo, User
from likeness.photo_address import PhotoAddress
from support.disks import fill, forbid_changes, small_disk
from support.patience import until
from support.pictures import gif, jpeg, opened
from support.processes import own_workers
from support.studio import Studio, studio

WEBP = (Format.WEBP,)


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Studio]:
    """A service that offers WebP."""
    async with studio(tmp_path, photo_formats="webp") as fresh:
        yield fresh


@pytest.fixture
async def photo(work: Studio) -> Photo:
    """A photo of Ada's, of 600 pixels."""
    return (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo


def address(photo: Photo, name: str) -> PhotoAddress:
    """Where one of its files is."""
    parsed = PhotoAddress.parse(photo.key(name))
    assert parsed
    return parsed


@pytest.mark.anyio
async def test_a_copy_is_made_once_for_a_crowd(work: Studio, photo: Photo) -> None:
    """And never again: the next one reads what was kept."""
    delivery = work.service.delivery
    looks = [delivery.photo(address(photo, name), WEBP) for name in ("600", "1024") * 10]

    seen = await asyncio.gather(*looks)
    again = await delivery.photo(address(photo, "600"), WEBP)

    assert {file.format for file in seen if not isinstance(file, Photo | None)} == {Format.WEBP}
    assert again == seen[0]
    assert work.service.engine.costly_view_counts.pictures == 1


@pytest.mark.anyio
@pytest.mark.parametrize("trouble", ["full", "read-only"])
async def test_a_copy_that_cannot_be_kept_is_shown_all_the_same(
    tmp_path: Path, trouble: str
) -> None:
    """A disk that is full takes no photo away."""
    with small_disk(tmp_path / "disk", 2**20) as disk:
        own = {"photo_formats": "webp", "blobs": disk.as_uri()}
        async with studio(tmp_path / "data", **own) as work:
            photo = (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo
            before = list(disk.rglob("*.webp"))
            fill(disk) if trouble == "full" else forbid_changes(disk)

            file = await work.service.delivery.photo(address(photo, "512"), WEBP)

        assert file
        assert file.format is Format.WEBP
        assert [] == before == list(disk.rglob("*.webp"))


@pytest.mark.anyio
async def test_a_copy_that_is_no_smaller_is_not_shown(work: Studio, photo: Photo) -> None:
    """It is kept, so that it is not tried again."""
    key = photo.key("512").replace(".jpg", ".webp")
    work.service.blobs.put({key: bytes(10**6)})

    file = await work.service.delivery.photo(address(photo, "512"), WEBP)

    assert file
    assert file.format is Format.JPEG
    assert work.service.engine.costly_view_counts.pictures == 0


@pytest.mark.anyio
async def test_a_photo_that_goes_while_it_is_copied_leaves_no_copy(
    work: Studio, photo: Photo
) -> None:
    """The copy comes after the files were removed, and goes by itself."""
    delivery = work.service.delivery
    await delivery.photo(address(photo, "24"), WEBP)
    for worker in own_workers():
        worker.send_signal(signal.SIGSTOP)
    looking = asyncio.create_task(delivery.photo(address(photo, "512"), WEBP))
    await until(lambda: work.service.engine.costly_view_counts.busy)

    await work.service.photos.delete(await work.again(work.ada))
    for worker in own_workers():
        worker.send_signal(signal.SIGCONT)
    await looking

    assert work.files() == []
    assert await delivery.photo(address(photo, "512"), WEBP) is None


@pytest.mark.anyio
async def test_too_much_to_do_is_no_reason_to_show_nothing(
    work: Studio, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture of another size or format stands in, for a short time."""
    await work.service.engine.close()

    by_hash = await work.service.delivery.view(photo, 100, None)
    by_url = await work.service.delivery.photo(address(photo, "512"), WEBP)

    assert by_hash.stands_in
    assert opened(by_hash.data).size == (192, 192)
    assert isinstance(by_url, File)
    assert (by_url.format, by_url.stands_in) == (Format.JPEG, True)


@pytest.mark.anyio
async def test_a_moving_photo_has_a_still_of_every_side(work: Studio) -> None:
    """As PNG; the stored one where there is one."""
    photo = (await work.service.photos.set(work.ada, gif(), None)).photo
    delivery = work.service.delivery

    for side in (24, 100):
        file = await delivery.view(photo, side, None)
        assert (file.format, opened(file.data).size) == (Format.PNG, (side, side))
    moving = await delivery.view(photo, 24, Format.GIF)
    assert (moving.format, moving.stands_in) == (Format.GIF, False)
    assert getattr(opened(moving.data), "n_frames", 1) == 3


@pytest.mark.anyio
async def test_a_view_of_what_is_lost_is_an_outage(work: Studio, photo: Photo) -> None:
    """Never nobody."""
    work.service.blobs.delete(photo.blob_keys())

    with pytest.raises(ServiceUnavailable):
        await work.service.delivery.view(photo, 100, None)
    with pytest.raises(ServiceUnavailable):
        await work.service.delivery.photo(address(photo, "72"))


@pytest.mark.anyio
async def test_a_lost_size_has_a_smaller_one_for_a_while(work: Studio, photo: Photo) -> None:
    """Until it is found again or made again. One that never was has it for ever."""
    delivery = work.service.delivery
    never_made = await delivery.photo(address(photo, "1024"))
    work.service.blobs.delete([photo.key("512")])
    lost = await delivery.photo(address(photo, "512"))

    found = [
        (opened(file.data).size, file.stands_in)
        for file in (never_made, lost)
        if isinstance(file, File)
    ]
    assert found == [((600, 600), False), ((192, 192), True)]


@pytest.mark.anyio
async def test_a_photo_is_gone_with_its_row_although_files_are_left(
    work: Studio, photo: Photo
) -> None:
    """They go one after another, and no smaller one stands in for one that has gone."""
    work.service.database.delete_photo(photo.user_id, photo.set_at)
    work.service.blobs.delete([photo.key("512")])

    assert await work.service.delivery.photo(address(photo, "512")) is None


@pytest.mark.anyio
async def test_a_size_that_no_photo_has_is_none(work: Studio, photo: Photo) -> None:
    """Another suffix, a still of what does not move: nothing is lost there."""
    for name in (photo.key("72").replace("jpg", "png"), photo.key("72_still")):
        parsed = PhotoAddress.parse(name)
        assert parsed
        assert await work.service.delivery.photo(parsed) is None


@pytest.mark.parametrize("form", [None, *FORMATS_MADE])
@pytest.mark.anyio
async def test_a_default_has_the_format_that_is_asked_for(
    work: Studio, form: Format | None
) -> None:
    """PNG where none is."""
    file = await work.service.delivery.default(DefaultStyle.RETRO, "0f" * 16, 40, "", form)

    assert file.format is (form or Format.PNG)
    assert opened(file.data).size == (40, 40)


@pytest.mark.parametrize("form", [None, Format.WEBP])
@pytest.mark.parametrize(("letters", "stands_in"), [("AL", False), ("", False), ("Aཀ", True)])
@pytest.mark.anyio
async def test_what_lacks_a_letter_stands_in(
    work: Studio, letters: str, stands_in: bool, form: Format | None
) -> None:
    """For the picture that is drawn once there is a font."""
    initials = DefaultStyle.INITIALS
    file = await work.service.delivery.default(initials, "0f" * 16, 40, letters, form)

    assert file.stands_in == stands_in
    assert opened(file.data).size == (40, 40)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("AL", "AL"),
        ("al", "AL"),
        ("A", "A"),
        ("李", "李"),
        ("李小龍", "李小"),
        ("A. L.", "AL"),
        ("é", "É"),
        ("", ""),
        ("--", ""),
    ],
)
def test_letters_are_read_as_they_are_written(text: str, letters: str) -> None:
    """Two of them, or one."""
    assert Delivery.letters(text) == letters


@given(st.text(max_size=40))
def test_the_initials_of_a_name_are_letters_that_can_be_asked_for(name: str) -> None:
    """Else the URL of somebody's default picture would lead nowhere."""
    letters = Delivery.letters_of(name)

    assert Delivery.letters(letters) == letters
    assert len(letters) <= 8


@pytest.mark.anyio
async def test_who_cannot_be_looked_up_at_once_is_waited_for_aside(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a lock holds up nobody who asks for something else."""
    database = work.service.database
    look, threads = database.listed, list[int]()

    def busy(digest: bytes, *, at_once: bool = False) -> User | None:
        threads.append(threading.get_ident())
        if at_once:
            raise ServiceUnavailable("database is locked")
        return look(digest)

    monkeypatch.setattr(database, "listed", busy)
    digest = sha256(work.ada.email.encode()).digest()

    assert await work.service.delivery.listed_user(digest) == work.ada
    assert threads[0] == threading.get_ident() != threads[1]


@pytest.mark.anyio
async def test_where_too_many_pictures_wait_plain_ones_stand_in(work: Studio) -> None:
    """At once, in the size that was asked for; what is plain anyway is never left out."""
    delivery, crowd = work.service.delivery, 1 + DRAWINGS_WAITING_MAX
    looks = [
        delivery.default(DefaultStyle.ROBOHASH, f"{number:032x}", 900, "", Format.GIF, asker="eve")
        for number in range(crowd + 5)
    ]
    colour = delivery.default(DefaultStyle.COLOR, "0f" * 16, 900, "", asker="eve")

    *seen, plain = await asyncio.gather(*looks, colour)

    assert [file.stands_in for file in seen] == [False] * crowd + [True] * 5
    assert {file.format for file in seen[crowd:]} == {Format.PNG}
    assert {opened(file.data).size for file in seen} == {(900, 900)}
    assert not plain.stands_in


@pytest.mark.anyio
async def test_those_who_ask_for_drawings_take_turns(work: Studio) -> None:
    """The newest of somebody who fills the line gives way to another one's first."""
    delivery, order = work.service.delivery, list[str]()

    async def seen(asker: str, number: int) -> File:
        file = await delivery.default(DefaultStyle.RETRO, f"{number:032x}", 90, "", asker=asker)
        order.append(asker)
        return file

    looks = [seen("eve", number) for number in range(1 + DRAWINGS_WAITING_MAX)]
    *greedy, modest = await asyncio.gather(*looks, seen("ada", 99))

    assert not modest.stands_in
    assert [file.stands_in for file in greedy] == [False] * DRAWINGS_WAITING_MAX + [True]
    drawn = [asker for asker in order if order.count(asker) == 1 or asker == "eve"]
    assert "ada" in drawn[:4]


@pytest.mark.parametrize("form", [Format.WEBP, Format.GIF])
@pytest.mark.anyio
async def test_webp_and_gif_have_a_side_at_most(work: Studio, photo: Photo, form: Format) -> None:
    """A photo, and nobody: larger ones would cost a second and show no more."""
    delivery, side = work.service.delivery, SIDES_PX_MAX[form]

    for file in (
        await delivery.view(photo, 2048, form),
        await delivery.default(DefaultStyle.RETRO, "0f" * 16, 2048, "", form),
    ):
        assert (file.format, file.stands_in) == (form, False)
        assert opened(file.data).size == (side, side)


@pytest.mark.anyio
async def test_a_side_that_webp_does_not_have_is_shown_in_the_own_format(
    work: Studio, photo: Photo
) -> None:
    """Who takes WebP as well gets exactly what the page asks for."""
    file = await work.service.delivery.view(photo, 1100, None, WEBP)

    assert file.format is Format.JPEG
    assert opened(file.data).size == (1100, 1100)


@pytest.mark.anyio
async def test_where_too_many_costly_views_wait_the_nearest_size_stands_in(
    work: Studio, photo: Photo
) -> None:
    """A poster is not worth waiting for; an icon is made meanwhile."""
    delivery, engine = work.service.delivery, work.service.engine
    before = own_workers()
    await delivery.view(photo, 1700, None)
    [worker] = [each for each in own_workers() if each not in before]
    worker.send_signal(signal.SIGSTOP)
    posters = [
        asyncio.create_task(delivery.view(photo, 1701 + number, None, asker="eve"))
        for number in range(1 + COSTLY_VIEWS_MAX)
    ]
    await until(lambda: engine.costly_view_counts.waiting == COSTLY_VIEWS_MAX)

    late, icon = (
        await delivery.view(photo, 1800, None, asker="eve"),
        await delivery.view(photo, 60, None),
    )

    assert (late.stands_in, opened(late.data).width) == (True, photo.sizes[-1])
    assert (icon.stands_in, opened(icon.data).size) == (False, (60, 60))
    worker.send_signal(signal.SIGCONT)
    assert not any(file.stands_in for file in await asyncio.gather(*posters))


@pytest.mark.anyio
async def test_photos_of_two_workspaces_are_scaled_by_two_processes(
    work: Studio, photo: Photo
) -> None:
    """By hash and by URL: a file in the store is no safer than the upload that it was made of."""
    people, delivery = work.service.people, work.service.delivery
    await people.add_team("Globex")
    eve = await people.add_user("eve@example.org", "Globex")
    other = (await work.service.photos.set(eve, jpeg(600, 600, 1), None)).photo
    before = len(own_workers())

    await delivery.view(photo, 100, None)
    await delivery.photo(address(photo, "72"), WEBP)
    assert len(own_workers()) == before + 1
    await delivery.view(other, 100, None)
    await delivery.photo(address(other, "72"), WEBP)

    assert len(own_workers()) == before + 2


@pytest.mark.anyio
async def test_a_photo_is_scaled_while_nobody_can_tell_whose_it_is(
    work: Studio, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is away: a process that meets no other photo makes it."""
    delivery, before = work.service.delivery, len(own_workers())

    def away(_: int) -> str:
        raise ServiceUnavailable("the database is away")

    await delivery.view(photo, 100, None)
    monkeypatch.setattr(work.service.database, "team_of_photo", away)
    file = await delivery.view(photo, 101, None)

    assert (file.stands_in, opened(file.data).size) == (False, (101, 101))
    assert len(own_workers()) == before + 2
