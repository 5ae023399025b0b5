"""The methods about tokens, and the echo."""

import pytest

from support.door import Door

pytestmark = pytest.mark.anyio


async def test_a_token_says_who_it_speaks_for(api: Door) -> None:
    work = api.work
    answer = await api.call("auth.test", await api.token(work.ada))
    assert list(answer.items()) == [
        ("ok", True),
        ("url", f"{work.service.photos.public_url}/"),
        ("team", "Acme"),
        ("user", work.ada.name),
        ("team_id", work.ada.team_id),
        ("user_id", work.ada.id),
        ("is_enterprise_install", False),
    ]


async def test_a_bot_has_its_bot_id_too(api: Door) -> None:
    bot = await api.work.service.people.add_user("bot@example.org", "Acme", is_bot=True)
    answer = await api.call("auth.test", await api.token(bot))
    assert answer["bot_id"] == bot.bot_id


async def test_a_revoked_token_is_dead_and_the_next_one_is_not(api: Door) -> None:
    first, second = await api.token(api.work.ada), await api.token(api.work.ada)
    assert await api.call("auth.revoke", first) == {"ok": True, "revoked": True}
    assert (await api.call("auth.test", first))["error"] == "token_revoked"
    assert (await api.call("auth.test", second))["ok"]


async def test_trying_to_revoke_changes_nothing(api: Door) -> None:
    token = await api.token(api.work.ada)
    assert await api.call("auth.revoke", token, test="1") == {"ok": True, "revoked": False}
    assert (await api.call("auth.test", token))["ok"]


async def test_the_echo_gives_arguments_back(api: Door) -> None:
    assert await api.call("api.test") == {"ok": True}
    assert await api.call("api.test", foo="bar") == {"ok": True, "args": {"foo": "bar"}}


async def test_the_echo_fails_when_asked_to(api: Door) -> None:
    assert await api.call("api.test", error="mine", foo="bar") == {
        "ok": False,
        "error": "mine",
        "args": {"error": "mine", "foo": "bar"},
    }
