"""Another installation by Slack's shapes: whose photo is set, and which photos are ours."""

import json
from typing import Any

import pytest

from likeness.scopes import ADMIN_SCOPE
from likeness.targets.likeness import SCOPES, WANTS, Likeness
from likeness.targets.port import NOTHING, Away, Later, Refused
from support.programs import given_to, picture, somebody
from support.receivers import ReceivingHost, answer

pytestmark = pytest.mark.anyio

ALL = ",".join(SCOPES)
SHOWN: dict[str, Any] = {
    "user": {"id": "U1", "profile": {"avatar_hash": "aaa", "is_custom_image": True}}
}
NONE: dict[str, Any] = {"user": {"id": "U1", "profile": {"avatar_hash": "gaa"}}}
SET: dict[str, Any] = {"profile": {"avatar_hash": "bbb"}}


def said(scopes: str = ALL, **body: Any) -> bytes:
    """An answer in Slack's envelope."""
    told = {"ok": "error" not in body, **body}
    return answer(200, json.dumps(told).encode(), x_oauth_scopes=scopes)


def at(host: ReceivingHost, *answers: bytes) -> Likeness:
    """A target that answers so."""
    host.answers = list(answers)
    return Likeness(given_to(host.url, "likeness", "xoxp-secret"))


def asked(host: ReceivingHost) -> list[str]:
    """The methods that were called."""
    return [each.path.rpartition("/")[2] for each in host.got]


async def test_a_photo_goes_to_its_person_as_a_form(host: ReceivingHost) -> None:
    shown = picture(WANTS)

    assert await at(host, said(**NONE), said(**SET)).show("U1", shown, None) == "bbb"

    [_, request] = host.got
    assert request.headers["authorization"] == "Bearer xoxp-secret"
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    for part in (b'name="user"\r\n\r\nU1', shown.file_name.encode(), shown.data):
        assert part in request.body


async def test_a_token_without_the_scope_sets_nothing(host: ReceivingHost) -> None:
    """`users.setPhoto` would ignore whose photo is meant, and change that of its owner."""
    scopes = ALL.replace(ADMIN_SCOPE, "users:write")

    for act in (
        at(host, said(scopes, **NONE)).show("U1", picture(WANTS), None),
        at(host, said(scopes, **SHOWN)).clear("U1", "aaa"),
    ):
        with pytest.raises(Refused, match=ADMIN_SCOPE):
            await act

    assert asked(host) == ["users.info"] * 2


async def test_the_photo_before_is_not_kept_there(host: ReceivingHost) -> None:
    """There each photo that was replaced is kept for a while."""
    past = [
        {"id": "2", "avatar_hash": "bbb", "image_24": "x"},
        {"id": "1", "avatar_hash": "aaa", "image_24": "x"},
        {"id": "0", "avatar_hash": "aaa"},
    ]
    holder = at(host, said(**SHOWN), said(**SET), said(photos=past), said())

    await holder.show("U1", picture(WANTS), "aaa")

    assert asked(host)[2:] == ["users.listPhotos", "users.deletePhoto"]
    assert host.got[-1].body == b"user=U1&photo=1"


async def test_what_somebody_set_there_stays_and_ours_goes(host: ReceivingHost) -> None:
    past = [{"id": "1", "avatar_hash": "ours", "image_24": "x"}]

    await at(host, said(**SHOWN), said(photos=past), said()).clear("U1", "ours")

    assert host.got[-1].body == b"user=U1&photo=1"


async def test_slack_keeps_no_photos(host: ReceivingHost) -> None:
    holder = at(host, said(**SHOWN), said(**SET), said(error="unknown_method"))

    assert await holder.show("U1", picture(WANTS), "aaa") == "bbb"


async def test_a_photo_that_is_gone_already_is_no_trouble(host: ReceivingHost) -> None:
    await at(host, said(**SHOWN), said(error="not_found")).clear("U1", "aaa")
    await at(host, said(**NONE)).clear("U1", None)
    assert await at(host, said(**NONE)).look("U1") == NOTHING


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        ("ratelimited", Later),
        ("token_revoked", Away),
        ("service_unavailable", Away),
        ("bad_image", Refused),
        ("", Refused),
        (7, Refused),
    ],
)
async def test_each_error_is_one_refusal(
    host: ReceivingHost, error: object, refusal: type[Exception]
) -> None:
    holder = at(host, said(error=error, response_metadata={"messages": ["[ERROR] 96x96", 1]}))

    with pytest.raises(refusal) as caught:
        await holder.find(somebody("ada@example.org"))

    if error == "bad_image":
        assert str(caught.value) == "it answered bad_image: [ERROR] 96x96 1"


async def test_a_check_names_what_the_token_lacks(host: ReceivingHost) -> None:
    known = {"user": "admin", "team": "Elsewhere"}

    assert await at(host, said(**known)).check() == "admin in Elsewhere"
    with pytest.raises(Refused, match=f"lacks {ADMIN_SCOPE}, users:read$"):
        await at(host, said("users:read.email,users.profile:read,users.profile:write")).check()
    with pytest.raises(Refused, match="invalid_auth"):
        await at(host, said(error="invalid_auth")).check()
