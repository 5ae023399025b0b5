"""Photos that come in by themselves: over a real database, real files and real picture workers."""

from pathlib import Path

import anyio
import pytest

from likeness.errors import BadImage, TooLarge
from likeness.events import Actor, Verb
from likeness.model import Source, User
from likeness.offers import Taken
from likeness.precedence import Kept, Offer, Policy
from support.pictures import gif, jpeg, png
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio

BATCH = Actor("cli", Source.IMPORT, batch_id="b1")
USUAL = Offer(Source.IMPORT)
ALWAYS = Offer(Source.IMPORT, Policy.ALWAYS)


async def offer(work: Studio, data: bytes, offered: Offer = USUAL) -> Taken | Kept:
    """Offer Ada a picture, as she stands now."""
    return await work.service.offers.offer(await work.again(work.ada), data, offered, BATCH)


async def taken(work: Studio, data: bytes, offered: Offer = USUAL) -> Taken:
    """The same for a picture that must be taken."""
    outcome = await offer(work, data, offered)
    assert isinstance(outcome, Taken), outcome
    return outcome


async def ada(work: Studio) -> User:
    """Ada as she stands now."""
    return await work.again(work.ada)


@pytest.mark.parametrize("side", [48, 96, 600])
async def test_a_small_square_is_kept_whole(work: Studio, side: int) -> None:
    """None of its pixels is thrown away, and none is invented."""
    photo = (await taken(work, png(side, side))).photo

    assert (photo.width, photo.height, photo.sizes[-1]) == (side, side, side)
    assert (photo.source, photo.set_by, photo.batch_id) == (Source.IMPORT, "cli", "b1")
    assert work.files() == sorted(photo.blob_keys())


async def test_below_the_smallest_side_it_is_refused(work: Studio) -> None:
    """The setting says which that is."""
    with pytest.raises(BadImage, match="47x47"):
        await offer(work, png(47, 47))
    assert work.files() == []


async def test_the_smallest_side_is_a_setting(tmp_path: Path) -> None:
    """A directory may have nothing larger."""
    async with studio(tmp_path, import_side_min="16") as work:
        assert (await taken(work, png(16, 16))).photo.width == 16


@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 300), (3000, 2000)])
async def test_one_that_is_no_square_is_cut_to_one(work: Studio, width: int, height: int) -> None:
    """To the largest there is, and the original stays whole."""
    photo = (await taken(work, jpeg(width, height))).photo

    assert photo.window
    assert photo.window.w == photo.window.h == min(photo.width, photo.height)
    assert photo.width * height == pytest.approx(photo.height * width, rel=0.01)


async def test_a_big_square_is_scaled_down(tmp_path: Path) -> None:
    """As the page does it."""
    async with studio(tmp_path, prepared_side_max="1000") as work:
        photo = (await taken(work, jpeg(1200, 1200))).photo

    assert (photo.width, photo.height) == (1000, 1000)


async def test_one_that_moves_may_come_in_too(work: Studio) -> None:
    """A moving rectangle is cut in the middle."""
    photo = (await taken(work, gif(frames=3))).photo

    assert photo.is_animated


async def test_the_same_file_again_changes_nothing(work: Studio) -> None:
    """Whoever's photo it is by now."""
    await taken(work, jpeg(600, 600))
    first = await ada(work)

    assert await offer(work, jpeg(600, 600), ALWAYS) is Kept.UNCHANGED
    assert await ada(work) == first


async def test_the_same_file_twice_at_once_is_one_change(work: Studio) -> None:
    """As two imports that run beside each other bring it, and both saw nobody's photo."""
    outcomes = list[Taken | Kept]()

    async def bring(user: User) -> None:
        outcomes.append(await work.service.offers.offer(user, png(96, 96), USUAL, BATCH))

    async with anyio.create_task_group() as group:
        for user in [await ada(work)] * 2:
            group.start_soon(bring, user)

    assert sorted(isinstance(each, Taken) for each in outcomes) == [False, True]
    assert Kept.UNCHANGED in outcomes
    assert len(work.service.database.history(work.ada.id)) == 1


async def test_a_choice_that_is_made_meanwhile_wins(work: Studio) -> None:
    """It is judged again when it is written; its files are the sweep's."""
    stale = await ada(work)
    own = (await work.service.photos.set(stale, jpeg(600, 600, seed=1), None)).photo

    outcome = await work.service.offers.offer(stale, jpeg(600, 600, seed=2), USUAL, BATCH)

    assert outcome is Kept.OWN
    assert (await ada(work)).photo == own
    assert await work.service.offers.consider(await ada(work), b"", USUAL) is Kept.OWN


async def test_the_person_may_keep_what_came_in(work: Studio) -> None:
    """By sending the same picture, or by restoring what is shown; then it is their choice."""
    photo = (await taken(work, jpeg(600, 600))).photo
    photos = work.service.photos

    assert await photos.restore(await ada(work), photo.id) == photo
    assert (await ada(work)).photo_source is Source.SELF
    assert await offer(work, jpeg(600, 600, seed=2)) is Kept.OWN


async def test_sending_the_photo_that_is_shown_makes_it_ones_own(work: Studio) -> None:
    """Nothing is made anew."""
    photo = (await taken(work, jpeg(600, 600))).photo

    assert (await work.service.photos.set(await ada(work), jpeg(600, 600), None)).photo == photo
    assert (await ada(work)).photo_source is Source.SELF
    [newest, *_] = work.service.database.events(limit=9)
    assert newest.verb is Verb.PHOTO_KEPT


async def test_who_watches_is_told(work: Studio) -> None:
    """Of what is taken, and of what is taken back, not of what is kept."""
    told: list[object] = []
    work.service.photos.watch(told.append)

    await taken(work, jpeg(600, 600))
    await offer(work, jpeg(600, 600))
    [event] = work.service.database.events(limit=1)
    assert await work.service.offers.take_back(work.ada, event, BATCH)
    assert not await work.service.offers.take_back(work.ada, event, BATCH)

    assert len(told) == 2
    assert work.files() == []
    assert (await ada(work)).photo is None


async def test_only_who_set_a_photo_withdraws_it(work: Studio) -> None:
    """With its files."""
    offers = work.service.offers
    await taken(work, jpeg(600, 600))

    assert not await offers.withdraw(work.ada, Actor("ldap", Source.DIRECTORY))
    assert work.files()
    assert await offers.withdraw(work.ada, BATCH)
    assert work.files() == []


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff"])
async def test_what_is_no_picture_changes_nothing(work: Studio, data: bytes) -> None:
    """It is refused before any worker sees it."""
    with pytest.raises(BadImage):
        await offer(work, data)
    assert (await ada(work)).photo_source is None


async def test_what_is_too_long_is_not_looked_at(tmp_path: Path) -> None:
    """The limit is that of uploads in two steps."""
    async with studio(tmp_path, prepared_bytes_max="2048") as work:
        with pytest.raises(TooLarge):
            await offer(work, jpeg(600, 600) + bytes(2048))
