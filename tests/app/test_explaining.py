"""What programs show of somebody: the answers are those of the doors, the reasons those of rows."""

import re
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import update

from likeness.app.explaining import PROGRAMS, Explaining, nothing_else
from likeness.app.photo_door import photo_door
from likeness.db.schema import users
from likeness.explanation import Explanation, Showing
from support.pictures import jpeg
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio

RECIPES: Final = Path(__file__).parents[2] / "docs/recipes.md"


async def explained(work: Studio) -> Explanation:
    """Ada, explained as the command line does it."""
    door = photo_door(work.service, nothing_else)
    return await Explaining(work.service, door).explain(await work.again(work.ada))


async def set_photo(work: Studio) -> None:
    """Give Ada a photo."""
    await work.service.photos.set(work.ada, jpeg(600, 600), None)


def test_programs_ask_as_the_recipes_say() -> None:
    """One place says what is known of each."""
    rows = re.findall(
        r"^\| (.+?) \| `/avatar/\{(\w+)\}\?(.*?)` \|", RECIPES.read_text(), re.MULTILINE
    )
    known = {(name.split(" 6.")[0], digest, query) for name, digest, query in rows}

    for program in PROGRAMS:
        digest = {32: "md5", 64: "sha256"}[len(program.digest(b""))]
        assert (program.name, digest, program.query) in known


async def test_a_photo_is_seen_by_each_address(work: Studio) -> None:
    """And the URL that is told gives it."""
    await set_photo(work)
    await work.service.people.add_address("ada@example.org", "countess@example.org")

    told = await explained(work)

    assert {each.email for each in told.addresses} == {"ada@example.org", "countess@example.org"}
    assert len(told.shown) == 1 + 2 * len(PROGRAMS)
    assert {each.showing for each in told.shown} == {Showing.PHOTO}
    assert [each.max_age_s for each in told.shown] == [None, *[300] * 6]
    assert "600x600" in told.reasons[0]
    assert "their own choice" in told.reasons[0]
    door = photo_door(work.service, nothing_else)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door)) as client:
        answers = [await client.get(each.url) for each in told.shown]
    assert {answer.status_code for answer in answers} == {200}


async def test_nobody_chose_yet(work: Studio) -> None:
    """A default stands in."""
    told = await explained(work)

    assert {each.showing for each in told.shown} == {Showing.DEFAULT}
    assert told.reasons == ("there is no photo: nobody's choice so far",)


async def test_no_photo_is_a_choice(work: Studio) -> None:
    """Whose it is, is told."""
    await set_photo(work)
    await work.service.photos.delete(await work.again(work.ada))

    assert (await explained(work)).reasons == ("there is no photo: their own choice",)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"is_listed": False}, "hidden"),
        ({"lock_reason": "the badge shows it"}, "the badge shows it"),
    ],
)
async def test_what_is_unusual_is_told(
    work: Studio, values: dict[str, object], reason: str
) -> None:
    """A hidden person has no photo by any hash, a locked one does."""
    await set_photo(work)
    with work.service.database._write() as connection:
        connection.execute(update(users).values(**values))

    told = await explained(work)

    assert reason in told.reasons[1]
    by_hash = {each.showing for each in told.shown[1:]}
    assert by_hash == {Showing.DEFAULT if reason == "hidden" else Showing.PHOTO}


async def test_of_who_has_left_nothing_is_found_by_hash(work: Studio) -> None:
    """The photo's own URL stays."""
    await set_photo(work)
    await work.service.people.deactivate("ada@example.org")

    told = await explained(work)

    assert "deactivated" in told.reasons[1]
    assert {each.showing for each in told.shown[1:]} == {Showing.DEFAULT}


async def test_where_hashes_are_off_nothing_is_given(tmp_path: Path) -> None:
    """Neither photo nor default."""
    async with studio(tmp_path, email_avatars="off") as work:
        await set_photo(work)
        told = await explained(work)

    assert "LIKENESS_EMAIL_AVATARS" in told.reasons[1]
    assert [each.showing for each in told.shown] == [Showing.PHOTO, *[Showing.NOTHING] * 3]
    assert {each.status for each in told.shown[1:]} == {404}
