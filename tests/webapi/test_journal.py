"""Who did what, in the log: changes of photos, and tokens that were refused."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from likeness.scopes import ADMIN_SCOPE
from likeness.webapi.journal import CLIENT_LINES_MAX
from support.door import EVERY_SCOPE, Door, door
from support.pictures import jpeg

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Door]:
    """A whole service."""
    async with door(tmp_path, rate_limits="off", image_side_min="1") as opened:
        yield opened


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """What is logged while the test runs."""
    with capture_logs() as told:
        yield told


def of(lines: list[Any], *events: str) -> list[Any]:
    """The lines of some events."""
    return [line for line in lines if line["event"] in events]


async def test_each_change_of_a_photo_is_one_line(api: Door, lines: list[Any]) -> None:
    """With ids alone, whoever asked; what changes nothing is no line."""
    ada, token = api.work.ada, await api.token(api.work.ada)
    await api.call("users.setPhoto", token, jpeg(64, 64, seed=1))
    await api.call("users.setPhoto", token, jpeg(64, 64, seed=1))
    await api.call("users.setPhoto", token, jpeg(64, 64, seed=2))
    older = (await api.call("users.listPhotos", token))["photos"][1]["id"]
    await api.call("users.restorePhoto", token, photo=older)
    await api.call("users.restorePhoto", token, photo=older)
    await api.call("users.deletePhoto", token, all="true")
    await api.call("users.deletePhoto", token)

    told = of(lines, "photo_set", "photo_restored", "photo_deleted")
    assert [line["event"] for line in told] == [
        *("photo_set", "photo_set", "photo_restored", "photo_deleted")
    ]
    assert all(
        (line["user"], line["by"], line["team"]) == (ada.id,) * 2 + (ada.team_id,) for line in told
    )
    assert all(isinstance(line["token"], int) and line["client"] == HERE for line in told)
    assert (told[0]["photo"], told[2]["photo"]) == (int(older), int(older))
    assert told[3]["photos"] == 2
    assert token not in str(lines)
    assert ada.email not in str(told)


async def test_an_administrator_is_named_beside_the_owner(api: Door, lines: list[Any]) -> None:
    """What they do for somebody is told as such."""
    ada, bob = api.work.ada, api.work.bob
    await api.work.service.people.set_admin(ada.email, is_admin=True)
    token = await api.token(ada, f"{EVERY_SCOPE},{ADMIN_SCOPE}")
    await api.call("users.setPhoto", token, jpeg(64, 64), user=bob.id)
    await api.call("users.deletePhoto", token, user=bob.id)

    told = of(lines, "photo_set", "photo_deleted")
    assert [(line["user"], line["by"]) for line in told] == [(bob.id, ada.id)] * 2


async def test_a_refused_token_is_a_line_with_the_address(api: Door, lines: list[Any]) -> None:
    """For each reason; never its text. No token at all is no attempt."""
    revoked = await api.token(api.work.ada)
    await api.call("auth.revoke", revoked)
    await api.call("auth.test", revoked)
    await api.call("auth.test", "xoxp-guessed-by-somebody")
    await api.call("auth.test")

    told = of(lines, "token_refused")
    assert [(line["error"], line["client"], line["method"]) for line in told] == [
        ("token_revoked", HERE, "auth.test"),
        ("invalid_auth", HERE, "auth.test"),
    ]
    assert {"warning"} == {line["log_level"] for line in told}
    assert "guessed" not in str(lines)
    assert revoked not in str(lines)


async def test_nobody_can_flood_the_log_with_tokens(api: Door, lines: list[Any]) -> None:
    """After some lines a client is left out for the rest of the minute."""
    for number in range(CLIENT_LINES_MAX + 5):
        await api.call("auth.test", f"xoxp-{number}")

    assert len(of(lines, "token_refused")) == CLIENT_LINES_MAX
