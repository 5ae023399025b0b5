"""Synapse as it is played: which account is meant, and which files are ours to delete."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from likeness.targets.port import Later, Refused, Wants
from likeness.targets.synapse import KIND, WANTS, Synapse
from support.played_synapse import OWN_ID, SERVER, PlayedSynapse
from support.programs import opened, picture, somebody
from support.receivers import answer, receiving_host

pytestmark = pytest.mark.anyio

ADA = "ada@example.org"


@pytest.fixture
async def there() -> AsyncIterator[PlayedSynapse]:
    """A server where Ada has an account."""
    async with receiving_host() as host:
        program = PlayedSynapse(host=host)
        host.say = program.say
        await program.add(ADA)
        yield program


@pytest.fixture
def ada(there: PlayedSynapse) -> str:
    """The id of Ada's account."""
    return there.emails[ADA]


def asked(there: PlayedSynapse) -> list[str]:
    """The requests so far."""
    return [f"{each.method} {each.path}" for each in there.host.got]


async def test_somebody_is_found_by_their_id_at_a_provider(there: PlayedSynapse) -> None:
    there.external_ids["sub/1"] = f"@by-provider:{SERVER}"
    known = {"ldap": "1", "oidc:https://login.example.org": "sub/1"}

    found = await opened(there).find(somebody("x@example.com", external_ids=known))

    assert found == f"@by-provider:{SERVER}"
    assert not any("users/1" in each for each in asked(there))


async def test_a_name_is_only_that_of_an_address_in_the_domain_that_was_said(
    there: PlayedSynapse,
) -> None:
    """Else whoever has an address of any domain would be somebody of that name there."""
    bob = f"@bob:{SERVER}"
    there.accounts[bob] = {"name": bob, "avatar_url": None}
    holder = opened(there)

    assert await holder.find(somebody("bob@example.org")) == bob
    for email in ("bob@example.com", "bob@evil.example.org", "BOB!@example.org", "@example.org"):
        assert await holder.find(somebody(email)) is None

    plain = there.given()
    without = Synapse(replace(plain, target=replace(plain.target, options={})))
    assert await without.find(somebody("bob@example.org")) is None


async def test_the_file_before_is_deleted(there: PlayedSynapse, ada: str) -> None:
    holder = opened(there)
    first = await holder.show(ada, picture(WANTS, 1), None)

    second = await holder.show(ada, picture(WANTS, 2), first)

    assert set(there.files) == {second}
    await holder.clear(ada, second)
    assert there.files == {}


async def test_a_picture_of_an_attempt_that_was_cut_off_is_found_again(
    there: PlayedSynapse, ada: str
) -> None:
    """It is not uploaded twice; and one that came of it for another photo is deleted."""
    first = await opened(there).show(ada, picture(WANTS, 1), None)

    assert await opened(there).show(ada, picture(WANTS, 1), None) == first
    assert there.uploads == 1

    second = await opened(there).show(ada, picture(WANTS, 2), None)
    assert set(there.files) == {second}


@pytest.mark.parametrize(
    "info",
    [
        {"upload_name": "likeness-me.jpg", "user_id": f"@ada:{SERVER}"},
        {"upload_name": "me.jpg"},
        {"upload_name": None},
    ],
)
async def test_what_somebody_chose_there_is_not_ours_to_delete(
    there: PlayedSynapse, ada: str, info: dict[str, object]
) -> None:
    own = f"mxc://{SERVER}/own"
    there.add_file(own, picture(WANTS, 1).data, **info)
    there.accounts[ada]["avatar_url"] = own

    await opened(there).clear(ada, None)
    assert there.accounts[ada]["avatar_url"] == own

    shown = await opened(there).show(ada, picture(WANTS, 1), None)
    assert set(there.files) == {own, shown}


async def test_our_file_is_deleted_though_somebody_shows_another(
    there: PlayedSynapse, ada: str
) -> None:
    ours = await opened(there).show(ada, picture(WANTS), None)
    there.accounts[ada]["avatar_url"] = "mxc://elsewhere.example/own"

    await opened(there).clear(ada, ours)

    assert there.files == {}
    assert there.accounts[ada]["avatar_url"] == "mxc://elsewhere.example/own"


async def test_versions_that_tell_nothing_of_files_show_and_clear_too(
    there: PlayedSynapse, ada: str
) -> None:
    there.tells_of_files = False
    holder = opened(there)

    first = await holder.show(ada, picture(WANTS, 1), None)
    second = await holder.show(ada, picture(WANTS, 2), first)
    assert set(there.files) == {second}
    await holder.clear(ada, second)

    assert there.files == {}


async def test_an_avatar_that_it_does_not_take_leaves_no_file(
    there: PlayedSynapse, ada: str
) -> None:
    there.refuses_avatars = True

    with pytest.raises(Refused, match="max_avatar_size"):
        await opened(there).show(ada, picture(WANTS), None)

    assert there.files == {}


async def test_no_account_is_created(there: PlayedSynapse) -> None:
    """A PUT would."""
    gone = f"@gone:{SERVER}"

    with pytest.raises(Refused, match="no account"):
        await opened(there).show(gone, picture(WANTS), None)
    await opened(there).clear(gone, None)

    assert await opened(there).look(gone) is None
    assert gone not in there.accounts
    assert not any(each.startswith("PUT") for each in asked(there))


async def test_a_proxy_that_hides_the_api_is_no_person_who_is_unknown(
    there: PlayedSynapse,
) -> None:
    there.host.say = None
    there.host.answers = [answer(404, b"<html>nginx</html>")]

    with pytest.raises(Refused, match="404: <html>nginx"):
        await opened(there).find(somebody(ADA))


async def test_a_file_stays_where_it_is_not_known_whether_it_is_shown(
    there: PlayedSynapse, ada: str
) -> None:
    """Synapse sets the avatar, and may then say 429 because of the rooms that are to hear of it."""
    there.is_busy_with_rooms = True
    with pytest.raises(Later):
        await opened(there).show(ada, picture(WANTS), None)
    there.is_busy_with_rooms = False

    shown = await opened(there).show(ada, picture(WANTS), None)
    assert (there.uploads, there.puts) == (1, 2)
    assert set(there.files) == {shown}


async def test_a_check_says_who_the_token_is_of(there: PlayedSynapse) -> None:
    assert await opened(there).check() == f"{OWN_ID}, an administrator"


def test_what_it_wants_and_is_told() -> None:
    assert Wants(512, 1024 * 1024) == WANTS
    assert set(KIND.options) == {"auth_provider", "email_domain"}
