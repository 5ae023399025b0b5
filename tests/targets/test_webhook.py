"""Standard Webhooks, as the specification's own package receives them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from standardwebhooks import Webhook as Package
from standardwebhooks import WebhookVerificationError

from likeness.targets.port import News, Person, Refused
from likeness.targets.signing import as_webhook_secret
from likeness.targets.webhook import KIND, Webhook
from support.receivers import SECRETS, ReceivingHost, answer, given
from support.rows import NOW, photo, user

pytestmark = pytest.mark.anyio

PHOTO = photo()
ADA = Person(replace(user(), photo=PHOTO), (user().email, "zoë@bücher.example"))


def news(**changes: Any) -> News:
    """Ada has set a photo, and had another one before."""
    usual = News("msg_tg1_U1_7", ADA.user.id, 7, "set", NOW.timestamp(), ADA, PHOTO, "09fd58cae2f0")
    return replace(usual, **changes)


async def told(host: ReceivingHost, some: News, **options: Any) -> dict[str, Any]:
    """What came, if the package believes it."""
    await Webhook(given(host.url, **options)).tell(some)
    request = host.got[-1]
    verified: dict[str, Any] = Package(as_webhook_secret(SECRETS[0])).verify(
        request.body, request.headers
    )
    return verified


async def test_the_present_photo_is_told_with_its_urls(host: ReceivingHost) -> None:
    message = await told(host, news())

    assert message["type"] == "photo.changed"
    assert message["timestamp"] == "2026-11-23T12:34:56.789012Z"
    data = message["data"]
    assert (data["version"], data["reason"]) == (7, "set")
    assert data["before"] == {"avatar_hash": "09fd58cae2f0"}
    assert data["photo"]["avatar_hash"] == PHOTO.avatar_hash
    assert data["photo"]["image_512"] == f"https://photos.example.org/{PHOTO.key('512')}"
    assert "image_original" in data["photo"]
    assert data["user"] == {
        "id": ADA.user.id,
        "team_id": ADA.user.team_id,
        "name": ADA.user.name,
        "real_name": ADA.user.real_name,
        "deleted": False,
        "is_listed": True,
    }
    assert len(host.got[-1].body) < 20_000


async def test_addresses_are_told_to_who_has_the_scope(host: ReceivingHost) -> None:
    """With the hashes under which avatars are asked for, of each spelling."""
    message = await told(host, news(), scopes=["users:read.email"])

    who = message["data"]["user"]
    assert who["email"] == ADA.user.email
    assert len(who["hashes"]["md5"]) == len(who["hashes"]["sha256"]) == 3
    assert ADA.user.email_md5 in who["hashes"]["md5"]


async def test_no_photo_is_a_removal_and_who_was_erased_has_an_id_alone(
    host: ReceivingHost,
) -> None:
    message = await told(host, news(person=None, photo=None, reason="erased"))

    assert message["type"] == "photo.removed"
    assert message["data"]["photo"] is None
    assert message["data"]["user"] == {"id": ADA.user.id, "deleted": True}


async def test_what_it_was_told_already_is_no_state_before(host: ReceivingHost) -> None:
    for before in (None, "", PHOTO.avatar_hash):
        assert (await told(host, news(before=before)))["data"]["before"] is None


async def test_either_secret_verifies_while_one_follows_the_other(host: ReceivingHost) -> None:
    await Webhook(replace(given(host.url), signing=SECRETS)).tell(news())

    request = host.got[-1]
    for secret in SECRETS:
        assert Package(as_webhook_secret(secret)).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Package(as_webhook_secret(b"x" * 32)).verify(request.body, request.headers)
    assert request.headers["webhook-id"] == "msg_tg1_U1_7"


async def test_a_check_is_a_ping(host: ReceivingHost) -> None:
    host.answers = [answer(204)]

    assert await Webhook(given(host.url)).check() == "204"

    assert json.loads(host.got[-1].body)["type"] == "ping"


async def test_what_it_answers_is_for_the_log_and_what_it_refuses_is_raised(
    host: ReceivingHost,
) -> None:
    host.answers = [answer(200, b"thanks"), answer(400, b"no")]

    assert await Webhook(given(host.url)).tell(news()) == "200 thanks"
    with pytest.raises(Refused, match="400: no"):
        await Webhook(given(host.url)).tell(news())


def test_there_is_nothing_to_tell_of_who_had_and_has_nothing() -> None:
    hook = KIND.open(given("http://127.0.0.1:1/"))
    assert isinstance(hook, Webhook)

    for before in (None, ""):
        assert hook.content(news(photo=None, before=before)) is None
    assert hook.content(news(photo=None, before="abc")) is not None
    assert hook.content(news()) == hook.content(news(version=9, reason="resync"))
