"""What is documented, and what was observed: the switch between the two."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.door import Door, door
from support.pictures import jpeg

pytestmark = pytest.mark.anyio


@pytest.fixture
async def observed(tmp_path: Path) -> AsyncIterator[Door]:
    """A service that does what the real one was seen to do."""
    async with door(tmp_path, contract="observed") as opened:
        yield opened


async def test_pictures_may_have_any_side(observed: Door) -> None:
    """Also those of two steps."""
    token = await observed.token(observed.work.ada)

    for width, height in [(1, 1), (160, 160), (400, 419)]:
        answer = await observed.call("users.setPhoto", token, jpeg(width, height))
        assert answer["ok"], answer
    assert (await observed.call("users.preparePhoto", token, jpeg(20, 30)))["ok"]


async def test_a_smallest_side_that_is_set_counts(tmp_path: Path) -> None:
    """Even if it is the one that is documented."""
    async with door(tmp_path, contract="observed", image_side_min="512") as api:
        token = await api.token(api.work.ada)
        answer = await api.call("users.setPhoto", token, jpeg(160, 160))

    assert (answer["error"], answer["dims"]) == ("bad_image", "160x160")


async def test_bots_get_the_word_of_today(observed: Door) -> None:
    """The explanation is the same."""
    bot = await observed.work.service.people.add_user("bot@example.org", is_bot=True)

    answer = await observed.call("users.setPhoto", await observed.token(bot), jpeg(600, 600))

    assert answer["error"] == "not_allowed_token_type"
    assert "xoxp-" in answer["response_metadata"]["messages"][0]


async def test_a_token_in_the_query_counts_where_there_is_no_other(observed: Door) -> None:
    """Old clients can send it nowhere else. One that is wrong is refused, as anywhere."""
    ada, bob = [await observed.token(user) for user in (observed.work.ada, observed.work.bob)]
    header = {"Authorization": f"Bearer {bob}"}

    alone = await observed.client.get("auth.test", params={"token": ada})
    beside = await observed.client.get("auth.test", params={"token": ada}, headers=header)
    wrong = await observed.client.get("auth.test", params={"token": "xoxp-1"})

    assert alone.json()["user_id"] == observed.work.ada.id
    assert beside.json()["user_id"] == observed.work.bob.id
    assert wrong.json()["error"] == "invalid_auth"
    assert ada not in alone.text
