"""Slack's Events API, as Slack's own SDK verifies it; unmodified Bolt apps are in conformance."""

import json
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier

from likeness.targets.port import Away, Later, News, Person, Refused
from likeness.targets.signing import as_slack_secret
from likeness.targets.slack_events import KIND, SlackEvents
from support.receivers import SECRETS, ReceivingHost, Request, answer, given
from support.rows import NOW, photo, user

pytestmark = pytest.mark.anyio

ADA = Person(replace(user(), photo=photo()), (user().email,))
BOT = {"team_id": user().team_id, "bot_user_id": "UBOT"}


def news(**changes: Any) -> News:
    """Ada has set a photo."""
    usual = News("msg_tg1_U1_7", ADA.user.id, 7, "set", NOW.timestamp(), ADA, ADA.user.photo, None)
    return replace(usual, **changes)


def app_at(host: ReceivingHost, **options: Any) -> SlackEvents:
    """The target."""
    return SlackEvents(given(host.url, "slack_events", **BOT, **options))


def is_believed(request: Request, secret: bytes) -> bool:
    """Whether Slack's SDK believes a request."""
    verifier = SignatureVerifier(as_slack_secret(secret))
    return verifier.is_valid_request(request.body, request.headers)


async def test_an_event_has_the_envelope_of_slack(host: ReceivingHost) -> None:
    await app_at(host).tell(news())

    [request] = host.got
    told = json.loads(request.body)
    assert is_believed(request, SECRETS[0])
    assert not is_believed(request, SECRETS[1])
    assert (told["type"], told["team_id"]) == ("event_callback", user().team_id)
    assert told["event"]["type"] == "user_change"
    assert told["event"]["event_ts"] == f"{NOW.timestamp():.6f}"
    assert told["event"]["user"]["profile"] == {"avatar_hash": photo().avatar_hash}
    assert told["event_id"].startswith("Ev")
    assert told["api_app_id"].startswith("A")
    [authorization] = told["authorizations"]
    assert (authorization["user_id"], authorization["is_bot"]) == ("UBOT", True)
    assert "x-slack-retry-num" not in request.headers


async def test_a_retry_has_the_same_id_and_says_which_it_is(host: ReceivingHost) -> None:
    await app_at(host).tell(news())
    await app_at(host).tell(news(attempt=2))

    first, again = (json.loads(each.body)["event_id"] for each in host.got)
    assert first == again
    assert host.got[1].headers["x-slack-retry-num"] == "2"
    assert host.got[1].headers["x-slack-retry-reason"] == "http_error"


async def test_an_app_gets_the_types_that_it_subscribed_to(host: ReceivingHost) -> None:
    events = ["user_change", "user_profile_changed"]
    await app_at(host, events=events, scopes=["users:read.email"]).tell(news())

    first, second = (json.loads(each.body)["event"] for each in host.got)
    assert [first["type"], second["type"]] == events
    assert second["user"]["profile"]["huddle_state"] == "default_unset"
    assert "huddle_state" not in first["user"]["profile"]
    assert first["user"]["profile"]["email"] == user().email


async def test_who_was_erased_or_whose_workspace_is_gone_is_deleted(host: ReceivingHost) -> None:
    await app_at(host).tell(news(person=None, photo=None))
    await app_at(host).tell(news(person=replace(ADA, is_gone=True), photo=None))

    for request in host.got:
        who = json.loads(request.body)["event"]["user"]
        assert (who["id"], who["deleted"]) == (ADA.user.id, True)
        assert who["profile"]["avatar_hash"].startswith("g")


async def test_a_check_is_the_challenge(host: ReceivingHost) -> None:
    async def echo(request: Request, writer: Any) -> None:
        writer.write(answer(200, json.loads(request.body)["challenge"].encode()))

    with pytest.raises(Refused, match="without the challenge"):
        await app_at(host).check()
    host.say = echo
    assert await app_at(host).check() == "200, with the challenge"
    assert is_believed(host.got[-1], SECRETS[0])


async def test_while_one_secret_follows_another_both_are_tried(host: ReceivingHost) -> None:
    host.answers = [answer(401), answer(200)]
    app = SlackEvents(replace(given(host.url, "slack_events", **BOT), signing=SECRETS))

    assert await app.tell(news()) == "200"

    assert [is_believed(each, secret) for each, secret in zip(host.got, SECRETS, strict=True)] == [
        True,
        True,
    ]


async def test_what_an_app_answers(host: ReceivingHost) -> None:
    host.answers = [answer(404, b'{"error": "unhandled request"}')]
    assert "listens to no event" in await app_at(host).tell(news())
    host.answers = [answer(400)]
    with pytest.raises(Away, match="400"):
        await app_at(host).tell(news())
    host.answers = [answer(500, x_slack_no_retry="1")]
    with pytest.raises(Refused, match="no more"):
        await app_at(host).tell(news())
    host.answers = [answer(429, retry_after="3")]
    with pytest.raises(Later) as caught:
        await app_at(host).tell(news())
    assert caught.value.after_s == 3


def test_what_is_told_of_somebody_does_not_depend_on_the_moment() -> None:
    app = KIND.open(given("http://127.0.0.1:1/", "slack_events", **BOT))
    assert isinstance(app, SlackEvents)
    later = replace(ADA, user=replace(ADA.user, updated_at=NOW.replace(year=2027)))

    assert app.content(news()) == app.content(news(person=later, version=9))
