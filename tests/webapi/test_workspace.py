"""The methods about a workspace and its bots."""

import pytest

from support.door import Door

pytestmark = pytest.mark.anyio

SIDES = (34, 44, 68, 88, 102, 132, 230)


async def test_a_token_knows_its_workspace(api: Door) -> None:
    """Key by key; `team` may name it."""
    token, url = await api.token(api.work.ada), api.work.service.photos.public_url

    answer = await api.call("team.info", token, team=api.work.ada.team_id)

    team = answer["team"]
    icon = team.pop("icon")
    assert list(team.items()) == [
        ("id", api.work.ada.team_id),
        ("name", "Acme"),
        ("domain", "acme"),
        ("email_domain", ""),
        ("is_verified", False),
        ("url", f"{url}/"),
        ("discoverable", "unlisted"),
        ("avatar_base_url", f"{url}/"),
    ]
    assert list(icon) == [*(f"image_{side}" for side in SIDES), "image_default"]
    assert (await api.call("team.info", token))["team"] == answer["team"] | {"icon": icon}


async def test_every_picture_of_a_workspace_is_there(api: Door) -> None:
    """Each is as large as its key says, or a little larger."""
    icon = (await api.call("team.info", await api.token(api.work.ada)))["team"]["icon"]

    for side in SIDES:
        assert (await api.client.get(icon[f"image_{side}"])).status_code == 200
        assert int(icon[f"image_{side}"].rpartition("_")[2].removesuffix(".png")) >= side


async def test_another_workspace_is_not_shown(api: Door) -> None:
    other = await api.work.service.people.add_team("Other")

    answer = await api.call("team.info", await api.token(api.work.ada), team=other.id)

    assert answer["error"] == "team_not_found"


async def test_a_bot_is_found_by_the_id_that_auth_test_gives(api: Door) -> None:
    """As samples for Slack's SDKs do."""
    bot = await api.work.service.people.add_user("bot@example.org", "Acme", is_bot=True)
    token = await api.token(bot)
    bot_id = (await api.call("auth.test", token))["bot_id"]

    found = (await api.call("bots.info", token, bot=bot_id))["bot"]

    icons = found.pop("icons")
    assert list(found.items()) == [
        ("id", bot_id),
        ("deleted", False),
        ("name", "bot"),
        ("updated", int(api.work.clock().timestamp())),
        ("app_id", "A" + bot_id[1:]),
        ("user_id", bot.id),
    ]
    assert list(icons) == ["image_36", "image_48", "image_72"]
    assert [(await api.client.get(url)).status_code for url in icons.values()] == [200] * 3


async def test_a_bot_of_another_workspace_is_nobody(api: Door) -> None:
    """So is a person, and no id at all."""
    token = await api.token(api.work.ada)
    await api.work.service.people.add_team("Other")
    bot = await api.work.service.people.add_user("bot@example.org", "Other", is_bot=True)

    for bot_id in (bot.bot_id or "", api.work.ada.id, ""):
        assert (await api.call("bots.info", token, bot=bot_id))["error"] == "bot_not_found"
