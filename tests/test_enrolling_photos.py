"""Photos as directories bring them, over a real service."""

from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from likeness.enrolling import Enrolled, Enrolling
from likeness.entries import Entry
from likeness.errors import BadImage
from likeness.events import OPERATOR, Actor
from likeness.model import Team
from likeness.offers import Taken
from likeness.precedence import Kept
from support.enrolled import ADA, LDAP, SCIM
from support.pictures import jpeg
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio


async def photo_of(work: Studio, who: Enrolled) -> tuple[int, str | None]:
    """The width of somebody's photo, and who set it; 0 for none."""
    user = await work.again(who.user)
    return (user.photo.width, user.photo.set_by) if user.photo else (0, None)


async def renewed(
    enrolling: Enrolling, team: Team, entry: Entry = ADA, by: Actor = SCIM
) -> Enrolled:
    """Somebody as the directory brings them again."""
    return await enrolling.enrol(team, entry, by)


async def test_a_photo_comes_and_goes_with_the_directory(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """The same bytes are not rendered again, and others replace it."""
    ada = await renewed(enrolling, team)

    assert isinstance(await enrolling.offer_photo(ada.identity, jpeg(600, 600), SCIM, "ref"), Taken)
    assert await photo_of(work, ada) == (600, "scim")
    ada = await renewed(enrolling, team)
    assert ada.identity.photo_ref == "ref"
    assert await enrolling.offer_photo(ada.identity, jpeg(600, 600), SCIM) is Kept.UNCHANGED
    assert isinstance(await enrolling.offer_photo(ada.identity, jpeg(500, 500), SCIM), Taken)
    assert 2 == len(work.service.database.history(work.ada.id))

    ada = await renewed(enrolling, team)
    assert [True, False] == [await enrolling.withdraw_photo(ada.identity, SCIM) for _ in range(2)]
    assert await photo_of(work, ada) == (0, None)
    ada = await renewed(enrolling, team)
    assert ada.identity.photo_digest is None
    assert not await enrolling.withdraw_photo(ada.identity, SCIM)


async def test_a_photo_that_cannot_be_used_holds_up_nobody(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """It is looked at once."""
    ada = await renewed(enrolling, team)

    with capture_logs() as lines:
        outcome = await enrolling.offer_photo(ada.identity, b"no picture", SCIM)
    assert isinstance(outcome, BadImage)
    assert ["directory_photo_unusable"] == [line["event"] for line in lines]
    ada = await renewed(enrolling, team)
    with capture_logs() as lines:
        assert await enrolling.offer_photo(ada.identity, b"no picture", SCIM) is Kept.UNCHANGED
    assert lines == []


async def test_what_somebody_chose_stays_until_they_choose_otherwise(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """Then the same bytes are welcome."""
    ada = await renewed(enrolling, team)
    await work.service.photos.set(work.ada, jpeg(700, 700), None)
    assert await enrolling.offer_photo(ada.identity, jpeg(600, 600), SCIM) is Kept.OWN
    assert not await enrolling.withdraw_photo(ada.identity, SCIM)
    await work.service.photos.delete(await work.again(work.ada))
    assert await enrolling.offer_photo(ada.identity, jpeg(600, 600), SCIM) is Kept.REMOVED

    await work.service.photos.set(await work.again(work.ada), jpeg(650, 650), None, by=OPERATOR)
    assert await enrolling.offer_photo(ada.identity, jpeg(600, 600), SCIM) is Kept.ADMINISTRATOR


async def test_of_two_directories_the_one_that_set_a_photo_keeps_it_in_step(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """The other fills gaps alone, and takes nothing away."""
    ada = await renewed(enrolling, team)
    here = replace(ADA, source="ldap:staff")
    also = await renewed(enrolling, team, here, LDAP)

    assert isinstance(await enrolling.offer_photo(ada.identity, jpeg(600, 600), SCIM), Taken)
    assert await enrolling.offer_photo(also.identity, jpeg(500, 500), LDAP) is Kept.OTHER_SOURCE
    assert not await enrolling.withdraw_photo(also.identity, LDAP)
    assert isinstance(await enrolling.offer_photo(ada.identity, jpeg(550, 550), SCIM), Taken)
    ada = await renewed(enrolling, team)
    assert await enrolling.withdraw_photo(ada.identity, SCIM)
    assert isinstance(await enrolling.offer_photo(also.identity, jpeg(500, 500), LDAP), Taken)
    assert await photo_of(work, ada) == (500, "ldap:staff")


async def test_who_comes_back_gets_the_same_photo_again(
    work: Studio, enrolling: Enrolling, team: Team
) -> None:
    """Photos of leavers end after a while, and the bytes in the directory are the same."""
    ada = await renewed(enrolling, team)
    await enrolling.offer_photo(ada.identity, jpeg(600, 600), SCIM)
    await renewed(enrolling, team, replace(ADA, is_active=False))
    await enrolling.withdraw_photo(ada.identity, SCIM)
    work.service.database.note_picture(ada.identity, None, ada.identity.photo_digest, None)

    back = await renewed(enrolling, team)

    assert isinstance(await enrolling.offer_photo(back.identity, jpeg(600, 600), SCIM), Taken)


async def test_nobody_gets_a_photo_who_is_gone(enrolling: Enrolling, team: Team) -> None:
    """They were erased while it was on its way."""
    ada = await renewed(enrolling, team)
    gone = replace(ada.identity, user_id="U0")

    assert await enrolling.offer_photo(gone, jpeg(600, 600), SCIM) is None


@pytest.mark.parametrize("policy", ["if-empty", "always", "never"])
async def test_the_setting_says_what_photos_of_directories_replace(
    tmp_path: Path, policy: str
) -> None:
    """None, also those that people chose, or no directory's is taken."""
    async with studio(tmp_path / "data", directory_photos=policy) as work:
        team = await work.service.people.team()
        enrolling = work.service.enrolling
        ada = await renewed(enrolling, team)
        await work.service.photos.set(work.ada, jpeg(700, 700), None)
        outcome = await enrolling.offer_photo(ada.identity, jpeg(600, 600), SCIM)
        width, _ = await photo_of(work, ada)
        withdrawn = await enrolling.withdraw_photo(ada.identity, SCIM)

    expected = {
        "if-empty": (Kept.NOT_EMPTY, 700, False),
        "always": (None, 600, True),
        "never": (None, 700, False),
    }
    assert (outcome if isinstance(outcome, Kept) else None, width, withdrawn) == expected[policy]
