"""Who signed in with Slack, by the scopes of the token."""

import pytest

from support.door import Door
from support.pictures import jpeg

pytestmark = pytest.mark.anyio

IMAGES = [f"image_{size}" for size in (24, 32, 48, 72, 192, 512)]
SLACK = "https://slack.com/"


@pytest.mark.parametrize(
    ("scopes", "user_keys", "team_keys"),
    [
        ("identity.basic", ["name", "id"], ["id"]),
        ("identity.basic,identity.email", ["name", "id", "email"], ["id"]),
        ("identity.basic,identity.avatar", ["name", "id", *IMAGES], ["id"]),
        ("identity.basic,identity.team", ["name", "id"], ["name", "id"]),
    ],
)
async def test_each_scope_of_identity_gives_more(
    api: Door, scopes: str, user_keys: list[str], team_keys: list[str]
) -> None:
    """As it was recorded, key by key."""
    answer = await api.call("users.identity", await api.token(api.work.ada, scopes))

    assert list(answer) == ["ok", "user", "team"]
    assert (list(answer["user"]), list(answer["team"])) == (user_keys, team_keys)


async def test_identity_has_the_photo(api: Door) -> None:
    """The same URLs as everywhere."""
    token = await api.token(api.work.ada)
    photo = (await api.call("users.setPhoto", token, jpeg(600, 600)))["profile"]

    user = (await api.call("users.identity", token))["user"]

    assert {name: photo[name] for name in IMAGES} == {name: user[name] for name in IMAGES}
    assert user["email"] == "ada@example.org"


@pytest.mark.parametrize("scope", ["", "email", "profile"])
async def test_claims_are_those_of_the_scopes(api: Door, scope: str) -> None:
    """`sub` always; the address by `email`, all others by `profile`."""
    token = await api.token(api.work.ada, f"openid,{scope}".strip(","))

    answer = await api.call("openid.connect.userInfo", token)

    assert answer["sub"] == answer[f"{SLACK}user_id"] == api.work.ada.id
    assert answer[f"{SLACK}team_id"] == api.work.ada.team_id
    assert ("email" in answer) == (scope == "email")
    assert ("picture" in answer) == (scope == "profile")


async def test_all_claims_of_somebody(api: Door) -> None:
    """With every scope; `picture` is the photo, and each URL answers."""
    await api.work.service.people.rename("ada@example.org", "Ada King Lovelace")
    token = await api.token(api.work.ada)
    photo = (await api.call("users.setPhoto", token, jpeg(600, 600)))["profile"]

    claims = await api.call("openid.connect.userInfo", token)

    assert claims["email"] == "ada@example.org"
    assert claims["email_verified"] is True
    assert claims["picture"] == claims[f"{SLACK}user_image_512"] == photo["image_512"]
    assert (claims["name"], claims["given_name"], claims["family_name"]) == (
        "Ada King Lovelace",
        "Ada",
        "King Lovelace",
    )
    assert (claims[f"{SLACK}team_name"], claims[f"{SLACK}team_domain"]) == ("Acme", "acme")
    images = [claims[key] for key in claims if "_image_" in key and not key.endswith("default")]
    assert len(images) == len(IMAGES) + 7
    for url in images:
        assert (await api.client.get(url)).status_code == 200


async def test_claims_without_a_photo_have_a_picture_all_the_same(api: Door) -> None:
    """What the API names in its place."""
    claims = await api.call("openid.connect.userInfo", await api.token(api.work.ada))

    assert (await api.client.get(claims["picture"])).headers["content-type"] == "image/png"
