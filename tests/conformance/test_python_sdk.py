"""Slack's own Python client, unmodified: sync, async and legacy, against a running server."""

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.legacy_client import LegacyWebClient

from support import pictures
from support.live import LiveServer, Person, add_person
from support.people import Cast
from support.reading import NINE_KEYS, fetch
from support.scenarios import CALLS_OF_TIER_2, Stage

BOX = {"crop_x": 10, "crop_y": 15, "crop_w": 512}
Clients = Callable[[str, str], Any]


def sync_client(token: str, url: str) -> WebClient:
    """As most programs make it."""
    return WebClient(token=token, base_url=url)


def legacy_client(token: str, url: str) -> LegacyWebClient:
    """As programs of the slackclient 2 days make it."""
    return LegacyWebClient(token=token, base_url=url)


@pytest.fixture(params=[sync_client, legacy_client], ids=["sync", "legacy"])
def make(request: pytest.FixtureRequest) -> Clients:
    """A maker of one kind of client."""
    maker: Clients = request.param
    return maker


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture in a file whose name is awkward on the wire."""
    path = tmp_path / 'my pic "ü".png'
    path.write_bytes(pictures.png(640, 600))
    return path


def test_the_whole_life_of_a_photo(
    make: Clients, server: LiveServer, person: Person, photo: Path
) -> None:
    """Set, read in every way, deleted; then the default is back."""
    client = make(person.token, server.api)

    profile = client.users_setPhoto(image=str(photo), **BOX)["profile"]

    assert set(NINE_KEYS) == set(profile)
    assert (512, 512) == pictures.opened(fetch(profile["image_512"]).content).size
    assert profile["image_72"] == client.users_profile_get()["profile"]["image_72"]
    shown = client.users_info(user=person.user.id)["user"]["profile"]
    assert (True, profile["image_original"]) == (shown["is_custom_image"], shown["image_original"])
    found = client.users_lookupByEmail(email=person.user.email)["user"]
    assert person.user.id == found["id"] == client.auth_test()["user_id"]
    assert client.users_deletePhoto()["ok"]
    assert "image_1024" not in client.users_profile_get()["profile"]
    assert 404 == fetch(profile["image_512"]).status_code


def test_a_photo_is_set_from_whatever_python_has(
    make: Clients, server: LiveServer, person: Person, photo: Path
) -> None:
    """A path, an open file, a BytesIO and bytes are the same upload, so the same photo."""
    client = make(person.token, server.api)
    data = photo.read_bytes()

    with photo.open("rb") as file:
        sources: list[Any] = [str(photo), file, io.BytesIO(data), data]
        hashes = {client.users_setPhoto(image=one)["profile"]["avatar_hash"] for one in sources}

    assert 1 == len(hashes)


def test_a_token_for_one_call_overrides_the_clients(
    make: Clients, server: LiveServer, person: Person, photo: Path
) -> None:
    """The override goes into the form, while the header keeps the client's own."""
    client = make("xoxp-not-a-token", server.api)

    answer = client.users_setPhoto(image=str(photo), token=person.token)

    assert answer["ok"]


def test_pages_are_followed_to_the_end(server: LiveServer) -> None:
    """Iterating over the answer repeats the call with each cursor."""
    workspace = "Pages"
    people = [add_person(server, f"{n}@pages.example", workspace=workspace) for n in range(5)]
    client = sync_client(people[0].token, server.api)

    pages = [page["members"] for page in client.users_list(limit=2)]

    assert [2, 2, 1] == [len(page) for page in pages]
    assert {one.user.id for one in people} == {user["id"] for page in pages for user in page}


def test_api_test_echoes(make: Clients, server: LiveServer) -> None:
    """The first call that anybody tries."""
    client = make("", server.api)

    assert {"foo": "bar"} == client.api_test(foo="bar")["args"]
    with pytest.raises(SlackApiError, match="my_error"):
        client.api_test(error="my_error")


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("bot", "user_is_bot"),
        ("without_scopes", "missing_scope"),
        ("revoked", "token_revoked"),
        ("expired", "token_expired"),
        ("gone", "account_inactive"),
    ],
)
def test_errors_are_raised_with_their_code(
    token: str, error: str, make: Clients, server: LiveServer, people: Cast
) -> None:
    """What a program branches on."""
    client = make(getattr(people, token), server.api)

    with pytest.raises(SlackApiError) as caught:
        client.users_setPhoto(image=pictures.png())

    assert error == caught.value.response["error"]
    assert 200 == caught.value.response.status_code


@pytest.mark.filterwarnings("ignore:In v4, passing bytes:DeprecationWarning")
def test_the_async_client_sets_reads_and_deletes(
    server: LiveServer, person: Person, photo: Path
) -> None:
    """Path, bytes and a file; this client can send numbers only as text."""
    box = {name: str(value) for name, value in BOX.items()}

    async def life() -> tuple[set[str], Any, Any]:
        client = AsyncWebClient(token=person.token, base_url=server.api)
        sources: list[Any] = [str(photo), photo.read_bytes(), io.BytesIO(photo.read_bytes())]
        answers = [await client.users_setPhoto(image=one, **box) for one in sources]
        hashes = {answer["profile"]["avatar_hash"] for answer in answers}
        read = (await client.users_profile_get())["profile"]
        await client.users_info(user=person.user.id)
        await client.users_lookupByEmail(email=person.user.email)
        await client.users_list()
        await client.auth_test()
        await client.api_test(foo="bar")
        await client.users_deletePhoto()
        return hashes, read, (await client.users_profile_get())["profile"]

    hashes, before, after = anyio.run(life)

    assert {before["avatar_hash"]} == hashes
    assert before["is_custom_image"] is True
    assert "is_custom_image" not in after


def test_the_async_client_raises_codes(server: LiveServer, people: Cast, photo: Path) -> None:
    """The same exception as the sync one."""

    async def refused() -> str:
        client = AsyncWebClient(token=people.bot, base_url=server.api)
        with pytest.raises(SlackApiError) as caught:
            await client.users_setPhoto(image=str(photo))
        return str(caught.value.response["error"])

    assert "user_is_bot" == anyio.run(refused)


def test_a_limited_call_is_raised_with_its_wait(stage: Stage) -> None:
    """Without a handler the program sees HTTP 429 and Retry-After."""
    client = sync_client(stage.cramped_people.admin, stage.cramped.api)

    def call_often() -> None:
        for _ in range(5 * CALLS_OF_TIER_2):
            client.users_list()

    with pytest.raises(SlackApiError) as caught:
        call_often()

    response = caught.value.response
    assert ("ratelimited", 429) == (response["error"], response.status_code)
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.slow
def test_the_sdks_retry_handler_waits_and_succeeds(stage: Stage) -> None:
    """The handler reads our Retry-After, sleeps, and the call then goes through."""
    client = sync_client(stage.cramped_people.admin, stage.cramped.api)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=3))

    started = time.monotonic()
    answers = [client.users_list() for _ in range(CALLS_OF_TIER_2 + 2)]

    assert all(answer["ok"] for answer in answers)
    assert time.monotonic() - started >= 1
