"""User and profile objects: which keys there are, in which order, for whom."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from likeness.model import SIZES, Photo, User
from likeness.photos import Photos
from likeness.scopes import EMAIL_SCOPE
from likeness.webapi.profile import photo_keys, profile_object, user_object
from support.rows import NOW, photo, user
from support.studio import studio

IMAGE_KEYS = [f"image_{size}" for size in SIZES]
HEAD = ["id", "team_id", "name", "deleted"]
PROFILE_HEAD = [
    "title",
    "phone",
    "skype",
    "real_name",
    "real_name_normalized",
    "display_name",
    "display_name_normalized",
    "fields",
    "status_text",
    "status_emoji",
    "status_emoji_display_info",
    "status_expiration",
    "avatar_hash",
]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def photos(tmp_path: Path) -> Photos:
    async with studio(tmp_path, public_url="https://photos.example.org") as opened:
        return opened.service.photos


def profile(photos: Photos, owner: User, *scopes: str) -> dict[str, Any]:
    return profile_object(photos, owner, scopes, fields={})


def with_photo(**changes: Any) -> tuple[User, Photo]:
    own = photo()
    return user(photo=own, **changes), own


async def test_the_nine_keys_of_a_photo(photos: Photos) -> None:
    own = photo()
    keys = photo_keys(photos, own)
    assert list(keys) == ["avatar_hash", *IMAGE_KEYS, "image_original"]
    assert keys["avatar_hash"] == own.avatar_hash
    assert keys["image_24"] == photos.url(own, 24)
    assert keys["image_24"].startswith("https://photos.example.org/avatars/")


async def test_a_profile_with_a_photo(photos: Photos) -> None:
    owner, own = with_photo()
    shown = profile(photos, owner)
    tail = ["first_name", "last_name", *IMAGE_KEYS, "status_text_canonical", "team"]
    assert list(shown) == [*PROFILE_HEAD, "image_original", "is_custom_image", *tail]
    assert shown["avatar_hash"] == own.avatar_hash
    assert shown["is_custom_image"] is True
    assert {key: shown[key] for key in photo_keys(photos, own)} == photo_keys(photos, own)


async def test_a_profile_without_a_photo_lacks_keys(photos: Photos) -> None:
    shown = profile(photos, user())
    tail = ["first_name", "last_name", *IMAGE_KEYS[:-1], "status_text_canonical", "team"]
    assert list(shown) == [*PROFILE_HEAD, *tail]
    assert shown["avatar_hash"] == "g" + user().email_md5[:11]
    assert shown["image_72"] == photos.default_url(user(), 72)


async def test_the_address_is_only_for_those_who_may_see_it(photos: Photos) -> None:
    shown = profile(photos, user(), EMAIL_SCOPE)
    assert shown["email"] == user().email
    assert list(shown).index("email") == len(PROFILE_HEAD)
    assert "email" not in profile(photos, user(), "users:read")


async def test_a_bot_names_its_bot_id_before_its_names(photos: Photos) -> None:
    shown = profile(photos, user(is_bot=True, bot_id="B0123456789"))
    assert shown["bot_id"] == "B0123456789"
    assert list(shown)[len(PROFILE_HEAD)] == "bot_id"
    assert "bot_id" not in profile(photos, user())


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Ada King Lovelace", "Ada", "King Lovelace"), ("Plato", "Plato", ""), ("", "", "")],
)
async def test_names_are_split_at_the_first_space(
    photos: Photos, name: str, first: str, last: str
) -> None:
    shown = profile(photos, user(real_name=name))
    assert (shown["first_name"], shown["last_name"]) == (first, last)
    assert shown["real_name"] == shown["real_name_normalized"] == name


async def test_fields_are_none_in_a_user_and_an_object_alone(photos: Photos) -> None:
    assert user_object(photos, user(), [])["profile"]["fields"] is None
    assert profile(photos, user())["fields"] == {}


async def test_a_user(photos: Photos) -> None:
    shown = user_object(photos, user(), [])
    assert list(shown) == [
        *HEAD,
        "color",
        "real_name",
        "tz",
        "tz_label",
        "tz_offset",
        "profile",
        "is_admin",
        "is_owner",
        "is_primary_owner",
        "is_restricted",
        "is_ultra_restricted",
        "is_bot",
        "is_app_user",
        "updated",
        "is_email_confirmed",
        "who_can_share_contact_card",
    ]
    assert shown["updated"] == int(NOW.timestamp())
    assert int(shown["color"], 16) < 1 << 24


async def test_a_deactivated_user_has_eight_keys(photos: Photos) -> None:
    gone = user(deleted_at=NOW + timedelta(days=1))
    shown = user_object(photos, gone, [], locale=True)
    assert list(shown) == [*HEAD, "profile", "is_bot", "is_app_user", "updated"]
    assert shown["deleted"] is True


async def test_the_locale_is_there_when_asked_for(photos: Photos) -> None:
    assert user_object(photos, user(), [], locale=True)["locale"] == "en-US"
    assert "locale" not in user_object(photos, user(), [])


async def test_the_viewer_decides_about_the_address(photos: Photos) -> None:
    assert "email" in user_object(photos, user(), [EMAIL_SCOPE])["profile"]
    assert "email" not in user_object(photos, user(), [])["profile"]


async def test_people_differ_in_colour(photos: Photos) -> None:
    colours = {user_object(photos, user(n), [])["color"] for n in range(40)}
    assert len(colours) == 8
