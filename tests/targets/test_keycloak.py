"""Keycloak as it is played: nothing else of somebody changes, and nobody is taken for another."""

from collections.abc import AsyncIterator

import pytest

from likeness.targets.keycloak import KIND, TOKEN_EARLY_S, WANTS, Keycloak
from likeness.targets.port import Away, Refused
from support.played_keycloak import PlayedKeycloak
from support.programs import opened, picture, somebody
from support.receivers import answer, receiving_host
from support.studio import Clock

pytestmark = pytest.mark.anyio

ADA = "ada@example.org"


@pytest.fixture
async def there() -> AsyncIterator[PlayedKeycloak]:
    """A realm."""
    async with receiving_host() as host:
        realm = PlayedKeycloak(host=host)
        host.say = realm.say
        yield realm


async def test_all_else_of_a_person_stays_as_it_was(there: PlayedKeycloak) -> None:
    ada = await there.add(ADA)
    before = there.users[ada]

    await opened(there).show(ada, picture(WANTS), None)
    shown = there.users[ada]
    assert shown["attributes"].pop("picture") == [picture(WANTS).url]
    assert shown == before

    there.users[ada]["attributes"]["picture"] = [picture(WANTS).url]
    await opened(there).clear(ada, picture(WANTS).url)
    assert there.users[ada] == before


async def test_a_person_without_attributes_has_a_picture_then(there: PlayedKeycloak) -> None:
    ada = await there.add(ADA)
    del there.users[ada]["attributes"]

    await opened(there).show(ada, picture(WANTS), None)

    assert there.users[ada]["attributes"] == {"picture": [picture(WANTS).url]}


async def test_whoever_signs_in_by_that_realm_is_found_by_their_id(there: PlayedKeycloak) -> None:
    """Of another realm they are others."""
    ada = await there.add(ADA)
    realm = f"oidc:http://127.0.0.1:{there.host.port}/realms/acme"
    find = opened(there).find

    assert await find(somebody("x@example.com", external_ids={realm: ada})) == ada
    assert await find(somebody("x@example.com", external_ids={realm: "id-9"})) is None
    assert await find(somebody("x@example.com", external_ids={f"{realm}2": ada})) is None


async def test_two_with_one_address_are_refused(there: PlayedKeycloak) -> None:
    await there.add(ADA)
    await there.add(ADA)

    with pytest.raises(Refused, match="two people"):
        await opened(there).find(somebody(ADA))


async def test_an_address_of_somebody_elses_is_left(there: PlayedKeycloak) -> None:
    ada = await there.add(ADA)
    own = "https://photos.example.org.evil.example/ada.jpg"
    there.users[ada]["attributes"]["picture"] = [own]

    await opened(there).clear(ada, None)

    assert await there.shown(ada) == own
    assert there.puts == 0


async def test_a_realm_that_drops_the_attribute_says_what_to_do(there: PlayedKeycloak) -> None:
    ada = await there.add(ADA)
    there.keeps_pictures = False

    with pytest.raises(Refused, match="User profile"):
        await opened(there).show(ada, picture(WANTS), None)


async def test_nobody_there_any_more(there: PlayedKeycloak) -> None:
    with pytest.raises(Refused, match="nobody with the id"):
        await opened(there).show("id-9", picture(WANTS), None)
    await opened(there).clear("id-9", None)
    assert await opened(there).look("id-9") is None


async def test_a_token_is_used_until_shortly_before_its_end(there: PlayedKeycloak) -> None:
    ada, clock = await there.add(ADA), Clock()
    holder = Keycloak(there.given(), lambda: clock().timestamp())

    for seconds in (0, there.lives_s - TOKEN_EARLY_S - 1, 2):
        clock.advance(seconds=seconds)
        await holder.look(ada)

    assert there.signed_in == 2


@pytest.mark.parametrize("status", [400, 401])
async def test_a_client_that_is_not_accepted_is_away_and_refused_at_a_check(
    there: PlayedKeycloak, status: int
) -> None:
    there.refusal = status

    with pytest.raises(Away):
        await opened(there, "wrong").look("id-1")
    with pytest.raises(Refused):
        await opened(there, "wrong").check()


async def test_a_check_sees_that_people_may_be_changed(there: PlayedKeycloak) -> None:
    assert await opened(there).check() == "the service account of likeness in the realm acme"
    there.may_manage = False
    await there.add(ADA)

    with pytest.raises(Refused, match="manage-users"):
        await opened(there).check()


async def test_what_is_no_keycloak_is_away(there: PlayedKeycloak) -> None:
    there.host.say = None
    for body in (b"{}", b'{"access_token": "a\\nb"}', b'{"access_token": 7}'):
        there.host.answers = [answer(200, body)]
        with pytest.raises(Away, match="no access token"):
            await opened(there).look("id-1")


def test_what_it_is_told() -> None:
    assert set(KIND.options) == {"realm", "client_id"}
    assert WANTS.by_url
