"""The calls about photos that the official SDKs' own tests make of the real service.

Those tests are not in the packages that are installed here, so that a test of ours makes their
calls, with pictures of the sides that they send: 400x419, with transparency, and 160x160. What is
expected is what the real service was observed to do.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from support.live import LiveServer, Person, add_person
from support.pictures import encode, jpeg, photo

OBSERVED = {"CONTRACT": "observed", "RATE_LIMITS": "off"}


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A service that does what the real one was seen to do."""
    with LiveServer(tmp_path_factory.mktemp("observed") / "data", OBSERVED) as live:
        yield live


@pytest.fixture(scope="module")
def ada(observed: LiveServer) -> Person:
    """Somebody with the token that is issued by default."""
    return add_person(observed, "ada@live.example")


@pytest.fixture(scope="module")
def bot(observed: LiveServer) -> Person:
    """A bot."""
    return add_person(observed, "bot@live.example", is_bot=True)


@pytest.fixture
def logo(tmp_path: Path) -> str:
    """A small picture with transparency, by its path."""
    path = tmp_path / "logo.png"
    path.write_bytes(encode(photo(400, 419).convert("RGBA"), "PNG"))
    return str(path)


def test_python_sets_a_small_picture_by_its_path(
    observed: LiveServer, ada: Person, logo: str
) -> None:
    answer = WebClient(ada.token, base_url=observed.api).users_setPhoto(image=logo)
    assert answer["ok"]


@pytest.mark.anyio
async def test_so_does_the_client_for_event_loops(
    observed: LiveServer, ada: Person, logo: str
) -> None:
    answer = await AsyncWebClient(ada.token, base_url=observed.api).users_setPhoto(image=logo)
    assert answer["ok"]


def test_a_photo_is_deleted_and_set_as_in_the_scenario_of_people(
    observed: LiveServer, ada: Person
) -> None:
    """Java's: identity lacks its scope, one of a list is looked up, the photo goes and comes."""
    client = WebClient(ada.token, base_url=observed.api)

    with pytest.raises(SlackApiError) as caught:
        client.users_identity()
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "identity.basic"
    first = client.users_list(limit=2, presence=True)["members"][0]
    assert {f"image_{size}" for size in (24, 32, 48, 72, 192, 512)} <= first["profile"].keys()
    assert client.users_info(user=first["id"], include_locale=True)["user"]["locale"]
    email = client.users_info(user=ada.user.id)["user"]["profile"]["email"]
    assert client.users_lookupByEmail(email=email)["user"]["id"] == ada.user.id
    assert client.users_deletePhoto()["ok"]
    assert client.users_setPhoto(image=BytesIO(jpeg(160, 160)))["ok"]


@pytest.mark.parametrize("method", ["users.identity", "users.setPhoto", "users.deletePhoto"])
def test_bots_are_refused_as_in_the_scenario_of_bots(
    observed: LiveServer, bot: Person, method: str
) -> None:
    client = WebClient(bot.token, base_url=observed.api)

    with pytest.raises(SlackApiError) as caught:
        client.api_call(method)
    assert caught.value.response["error"] == "not_allowed_token_type"


def test_a_bot_finds_itself(observed: LiveServer, bot: Person) -> None:
    """As samples do after auth.test."""
    client = WebClient(bot.token, base_url=observed.api)

    bot_id = client.auth_test()["bot_id"]

    assert client.bots_info(bot=bot_id)["bot"]["user_id"] == bot.user.id
    assert client.team_info()["team"]["id"] == bot.user.team_id
