"""What a test can say to the double, and what it is told where that cannot be."""

from typing import Any

import pytest

from likeness.double.control import WORDS_LENGTH_MAX
from support.doubles import DoubleDoor

pytestmark = pytest.mark.anyio


async def test_people_are_as_a_test_wants_them(stage: DoubleDoor) -> None:
    """Each has an address of their own, if none is said, and a token that works."""
    some, other = await stage.person(), await stage.person()
    bot = await stage.person(is_bot=True)
    admin = await stage.person(email="root@double.example", name="Root", is_admin=True)
    shy = await stage.person(scopes=["users:read"])

    assert some["email"] != other["email"]
    assert bot["bot_id"].startswith("B")
    assert bot["token"].startswith("xoxb-")
    me = (await stage.call("users.info", admin["token"], data={"user": admin["id"]})).json()
    assert (me["user"]["real_name"], me["user"]["is_admin"]) == ("Root", True)
    scopes = (await stage.call("auth.test", admin["token"])).headers["x-oauth-scopes"]
    assert "admin.users:write" in scopes
    assert (await stage.call("auth.test", shy["token"])).headers["x-oauth-scopes"] == "users:read"


@pytest.mark.parametrize(
    ("path", "said", "told"),
    [
        ("people", {"email": "nobody"}, "e-mail address"),
        ("people", {"age": 7}, "'age'"),
        ("people", {"is_bot": True, "is_admin": True}, "bot"),
        ("demands", {"method": "users.setPhoto", "error": "too_loud"}, "too_loud"),
        ("demands", {"method": "users.setPhoto", "colour": "red"}, "colour"),
        ("demands", {}, "method"),
        ("demands", {"method": "users.setPhoto", "wait_s": "long"}, "not supported"),
    ],
)
async def test_a_slip_is_told(
    stage: DoubleDoor, path: str, said: dict[str, Any], told: str
) -> None:
    answer = await stage.tell(path, **said)
    assert answer.status_code == 400
    assert told in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"{", "JSON"), (b"[]", "object"), (b" " * (WORDS_LENGTH_MAX + 1), str(WORDS_LENGTH_MAX))],
    ids=["broken", "list", "long"],
)
async def test_what_is_no_object_is_refused(stage: DoubleDoor, body: bytes, told: str) -> None:
    answer = await stage.client.post("/double/demands", content=body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]


async def test_a_test_begins_anew(stage: DoubleDoor) -> None:
    """Calls and demands are forgotten, people stay."""
    ada = await stage.person()
    await stage.call("api.test")
    await stage.tell("demands", method="api.test", error="ratelimited")

    await stage.tell("forget")

    assert await stage.calls() == []
    assert (await stage.call("api.test")).json()["ok"]
    assert (await stage.call("auth.test", ada["token"])).json()["ok"]


async def test_there_is_nothing_else(stage: DoubleDoor) -> None:
    assert (await stage.client.get("/double/secrets")).status_code == 404
    assert (await stage.client.get("/double/demands")).status_code == 405
