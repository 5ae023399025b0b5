"""The use case: who can be made one, and what their photos' addresses show afterwards."""

from dataclasses import replace

import httpx
import pytest

from likeness.app.web import build
from likeness.errors import Mistake
from likeness.events import OPERATOR, Verb
from likeness.merging import Merging
from likeness.model import Photo
from support.pictures import jpeg
from support.studio import Studio

pytestmark = pytest.mark.anyio

ADA, BOB = "ada@example.org", "bob@example.org"


def merging_of(work: Studio) -> Merging:
    """The use case, on the parts of a service."""
    return Merging(work.service.database, work.service.people, work.clock)


async def answers(work: Studio, photo: Photo) -> set[tuple[int, str]]:
    """What all URLs of a photo answer: the status, and the photo that they lead on to."""
    transport = httpx.ASGITransport(build(work.service))
    async with httpx.AsyncClient(transport=transport, base_url="http://likeness.invalid") as client:
        found = [await client.get(f"/{key}") for key in photo.blob_keys()]
    onward = [each.headers.get("location", "").partition("_")[0] for each in found]
    shown = [each.rpartition("/")[2] for each in onward]
    return set(zip([each.status_code for each in found], shown, strict=True))


async def test_addresses_of_photos_go_on_working_or_lead_on(work: Studio) -> None:
    """At first every file is where it was; when its time is over, to the one that is shown."""
    photos = work.service.photos
    theirs = (await photos.set(work.ada, jpeg(600, 600, 1), None)).photo
    mine = (await photos.set(work.bob, jpeg(600, 600, 2), None)).photo

    left = await merging_of(work).merge(ADA, BOB, OPERATOR)

    assert (work.bob.id, mine) == (left.id, left.photo)
    assert [{(200, "")}] * 2 == [await answers(work, each) for each in (theirs, mine)]
    work.clock.advance(days=31)
    await work.service.sweeper.sweep()
    assert {(200, "")} == await answers(work, mine)
    [(status, shown)] = await answers(work, theirs)
    assert (302, str(mine.id)) == (status, shown)
    [event] = work.service.database.events(user_id=work.bob.id, limit=1)
    assert (Verb.USER_MERGED, work.ada.id, "cli") == (event.verb, event.detail, event.actor)


async def test_the_photo_of_the_other_is_shown_where_there_was_none(work: Studio) -> None:
    """By the same addresses."""
    photo = (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo

    left = await merging_of(work).merge("Ada@Example.org ", BOB, OPERATOR, "Acme")

    assert replace(photo, user_id=work.bob.id, set_by=work.bob.id) == left.photo
    assert {(200, "")} == await answers(work, photo)
    assert work.files() == sorted(photo.blob_keys())


async def test_the_same_user_is_refused(work: Studio) -> None:
    """However the address is written."""
    with pytest.raises(Mistake, match="the same user already"):
        await merging_of(work).merge(ADA, "ADA@example.org", OPERATOR)


async def test_two_workspaces_share_nothing(work: Studio) -> None:
    """Not even one person."""
    await work.service.people.add_team("Beta")
    await work.service.people.add_user("ada@beta.example", "Beta")

    with pytest.raises(Mistake, match="in two workspaces"):
        await merging_of(work).merge(ADA, "ada@beta.example", OPERATOR)


@pytest.mark.parametrize("pair", [(ADA, "bot@example.org"), ("bot@example.org", ADA)])
async def test_a_bot_is_no_person(work: Studio, pair: tuple[str, str]) -> None:
    """In neither direction; two bots may be one."""
    for name in ("bot", "bot-2"):
        await work.service.people.add_user(f"{name}@example.org", "Acme", is_bot=True)

    with pytest.raises(Mistake, match="a bot and the other a person"):
        await merging_of(work).merge(*pair, OPERATOR)

    left = await merging_of(work).merge("bot@example.org", "bot-2@example.org", OPERATOR)
    assert left.is_bot


async def test_nobody_active_ends_in_somebody_who_left(work: Studio) -> None:
    """The other way round they are one; of two who left one is left."""
    await work.service.people.deactivate(ADA)

    with pytest.raises(Mistake, match="the other way round"):
        await merging_of(work).merge(BOB, ADA, OPERATOR)

    left = await merging_of(work).merge(ADA, BOB, OPERATOR)
    assert (work.bob.id, None) == (left.id, left.deleted_at)
