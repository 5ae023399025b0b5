"""People who do not decide on their own photo: refused with the reason, and first of all."""

from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import update

from likeness.db.schema import users
from likeness.scopes import ADMIN_SCOPE, WRITE_SCOPE
from support.door import Door, door
from support.pictures import jpeg

pytestmark = pytest.mark.anyio

REASON: Final = "the badge shows it"
CALLS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("users.setPhoto", {"image": jpeg(600, 600, seed=2)}),
    ("users.setPhoto", {}),
    ("users.setPhoto", {"id": "unknown"}),
    ("users.deletePhoto", {}),
    ("users.deletePhoto", {"all": "true"}),
    ("users.deletePhoto", {"photo": "1"}),
    ("users.restorePhoto", {"photo": "1"}),
)


def lock(api: Door) -> None:
    """Lock everybody's photo."""
    with api.work.service.database._write() as connection:
        connection.execute(update(users).values(lock_reason=REASON))


@pytest.mark.parametrize(("method", "values"), CALLS)
async def test_a_locked_person_is_told_why(api: Door, method: str, values: dict[str, Any]) -> None:
    """Nothing else is looked at, and nothing changes."""
    token = await api.token(api.work.ada)
    await api.call("users.setPhoto", token, jpeg(600, 600))
    before = await api.call("users.listPhotos", token)
    lock(api)

    answer = await api.call(method, token, **values)

    assert answer["error"] == "access_denied"
    assert REASON in answer["response_metadata"]["messages"][0]
    assert before == await api.call("users.listPhotos", token)


async def test_an_administrator_sets_the_photo_of_a_locked_person(api: Door) -> None:
    """The lock is theirs."""
    lock(api)
    scopes = f"{WRITE_SCOPE},{ADMIN_SCOPE}"
    token = await api.token(api.work.bob, scopes)

    answer = await api.call("users.setPhoto", token, jpeg(600, 600), user=api.work.ada.id)

    assert answer["ok"]
    assert (await api.work.again(api.work.ada)).photo_source == "administrator"


async def test_where_own_photos_are_off_nobody_sets_their_own(tmp_path: Path) -> None:
    """Administrators set those of others."""
    async with door(tmp_path, own_photos="off") as api:
        own = await api.call("users.setPhoto", await api.token(api.work.ada), jpeg(600, 600))
        token = await api.token(api.work.bob, f"{WRITE_SCOPE},{ADMIN_SCOPE}")
        others = await api.call("users.setPhoto", token, jpeg(600, 600), user=api.work.ada.id)

    assert own["error"] == "access_denied"
    assert "those who look after this service" in own["response_metadata"]["messages"][0]
    assert others["ok"]


async def test_the_log_says_who_and_from_which_network(api: Door) -> None:
    """Never the whole address."""
    await api.call("users.setPhoto", await api.token(api.work.ada), jpeg(600, 600))

    [event] = api.work.service.database.events(limit=1)

    assert (event.verb, event.actor, event.source) == ("photo.set", api.work.ada.id, "self")
    assert event.origin == "127.0.0.0/24"
