"""What goes through to the service, what is answered before it, and what is kept of both."""

from hashlib import sha256
from typing import Any

import pytest

from support.doubles import DoubleDoor
from support.pictures import jpeg

pytestmark = pytest.mark.anyio

SET = "users.setPhoto"


async def test_without_a_demand_it_is_the_real_service(stage: DoubleDoor) -> None:
    """A photo is set, and its files are there; the call is kept."""
    ada, picture = await stage.person(email="ada@double.example"), jpeg(300, 200)

    answer = await stage.call(SET, ada["token"], data={"crop_x": "1"}, files={"image": picture})

    profile = answer.json()["profile"]
    assert len(profile) == 9
    shown = await stage.client.get(profile["image_72"])
    assert shown.headers["content-type"] == "image/jpeg"
    assert await stage.calls() == [
        {
            "method": SET,
            "arguments": {"crop_x": "1"},
            "image": {"length": len(picture), "sha256": sha256(picture).hexdigest()},
            "who": "ada@double.example",
            "status": 200,
            "error": "",
            "is_demanded": False,
        }
    ]
    assert ada["token"] not in str(await stage.calls())


async def test_the_next_call_gets_what_was_demanded(stage: DoubleDoor) -> None:
    """And the one after it is served."""
    ada = await stage.person()
    await stage.tell("demands", method=SET, error="too_many_frames")

    refused = await stage.call(SET, ada["token"], files={"image": jpeg()})
    served = await stage.call(SET, ada["token"], files={"image": jpeg()})

    assert (refused.status_code, refused.json()["error"]) == (200, "too_many_frames")
    assert "demanded" in refused.json()["response_metadata"]["messages"][0]
    assert refused.headers["x-slack-req-id"]
    assert served.json()["ok"]
    kept = [(call["error"], call["is_demanded"]) for call in await stage.calls(SET)]
    assert kept == [("too_many_frames", True), ("", False)]


async def test_a_rate_limit_is_429(stage: DoubleDoor) -> None:
    """With the seconds to wait that were demanded."""
    await stage.tell("demands", method="api.test", error="ratelimited", times=2, retry_after_s=3)

    answers = [await stage.call("api.test") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "3"
    assert [call["status"] for call in await stage.calls()] == [429, 429, 200]


@pytest.mark.parametrize(
    "said",
    [
        {"data": {"double_error": "internal_error"}},
        {"params": {"double_error": "internal_error"}},
        {"headers": {"X-Double-Error": "internal_error"}},
    ],
    ids=["argument", "query", "header"],
)
async def test_a_call_may_demand_its_own_answer(stage: DoubleDoor, said: dict[str, Any]) -> None:
    """Where the code under test can say so; demands of others stay where they are."""
    await stage.tell("demands", method="api.test", error="ratelimited")

    answer = await stage.call("api.test", **said)

    assert answer.json()["error"] == "internal_error"
    assert (await stage.call("api.test")).status_code == 429


async def test_a_slip_in_a_demand_is_told_at_once(stage: DoubleDoor) -> None:
    """Else the test would go on without what it wants to test."""
    answer = await stage.call("users.info", data={"double_error": "too_many_frames"})

    assert answer.json()["error"] == "invalid_arguments"
    assert "user_not_found" in answer.json()["response_metadata"]["messages"][0]


async def test_a_slow_answer_is_that_of_the_service(stage: DoubleDoor) -> None:
    """After a while; with an error it is that one."""
    await stage.tell("demands", method="api.test", wait_s=0.05)
    both = {"double_wait_s": "0.01", "double_error": "service_unavailable"}

    served = await stage.call("api.test", data={"foo": "bar"})
    refused = await stage.call("api.test", data=both)

    assert served.json()["args"] == {"foo": "bar"}
    assert refused.json()["error"] == "service_unavailable"


async def test_what_the_service_refuses_is_kept_as_well(stage: DoubleDoor) -> None:
    """Before it knows who calls, and what."""
    await stage.call("auth.test")
    await stage.call("users.setFoto", data={"a": "b"})
    typed = {"Content-Type": "application/json"}
    await stage.client.post("/api/auth.test", content=b"{", headers=typed)

    kept = [(call["method"], call["error"], call["arguments"]) for call in await stage.calls()]
    assert kept == [
        ("auth.test", "not_authed", {}),
        ("users.setFoto", "unknown_method", {}),
        ("auth.test", "invalid_json", {}),
    ]


async def test_everything_else_goes_straight_on(stage: DoubleDoor) -> None:
    """Pages, photos, other verbs; none of it is a call."""
    assert (await stage.client.get("/healthz")).status_code == 200
    assert (await stage.client.get("/avatar/x")).headers["content-type"] == "image/png"
    assert (await stage.client.options("/api/auth.test")).status_code == 200
    assert await stage.calls() == []
