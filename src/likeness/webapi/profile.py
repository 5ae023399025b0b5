"""User, profile, team and bot objects, key by key as recorded (contract § 7.1 to § 7.3, § 7.7)."""

from collections.abc import Collection
from typing import Any, Final

from likeness.model import AVATAR_HASH_LENGTH, ORIGINAL, SIZES, Photo, Team, User
from likeness.photos import Photos
from likeness.scopes import EMAIL_SCOPE

_ICON_SIDES: Final = (34, 44, 68, 88, 102, 132, 230)
"""Those that Slack has pictures of workspaces in, pixels."""

_SIZE_OF_CUSTOM_ONLY: Final = SIZES[-1]
_COLOURS: Final = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "684b6c")


def photo_keys(photos: Photos, photo: Photo) -> dict[str, str]:
    """The nine keys that `users.setPhoto` answers with (contract § 5.6)."""
    return {
        **_hash_key(photo),
        **{f"image_{size}": photos.url(photo, size) for size in SIZES},
        f"image_{ORIGINAL}": photos.url(photo, ORIGINAL),
    }


def past_photo(photos: Photos, photo: Photo) -> dict[str, Any]:
    """A photo that somebody has or had; its URLs are there while its files are kept."""
    return {
        "id": str(photo.id),
        "set_at": int(photo.set_at.timestamp()),
        "state": photo.state.value,
        "is_animated": photo.is_animated,
        **(photo_keys(photos, photo) if photo.state.has_files else _hash_key(photo)),
    }


def user_object(
    photos: Photos, user: User, scopes: Collection[str], *, locale: bool = False
) -> dict[str, Any]:
    """A user as `users.info` shows them to callers with these scopes.

    A deactivated one has eight keys only.
    """
    head = {"id": user.id, "team_id": user.team_id, "name": user.name}
    profile = profile_object(photos, user, scopes, fields=None)
    tail = {"is_bot": user.is_bot, "is_app_user": False, "updated": _seconds(user)}
    if user.deleted_at is not None:
        return {**head, "deleted": True, "profile": profile, **tail}
    return {
        **head,
        "deleted": False,
        "color": _COLOURS[int(user.email_md5[0], 16) % len(_COLOURS)],
        "real_name": user.real_name,
        "tz": "Etc/UTC",
        "tz_label": "Coordinated Universal Time",
        "tz_offset": 0,
        "profile": profile,
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        **tail,
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
        **({"locale": "en-US"} if locale else {}),
    }


def profile_object(
    photos: Photos, user: User, scopes: Collection[str], *, fields: dict[str, Any] | None
) -> dict[str, Any]:
    """A profile. `fields` is None in lists and {} alone, never a list (contract § 7.2)."""
    first, _, last = user.real_name.partition(" ")
    return {
        "title": "",
        "phone": "",
        "skype": "",
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.name,
        "display_name_normalized": user.name,
        "fields": fields,
        "status_text": "",
        "status_emoji": "",
        "status_emoji_display_info": [],
        "status_expiration": 0,
        "avatar_hash": user.photo.avatar_hash if user.photo else _default_hash(user),
        **({"email": user.email} if EMAIL_SCOPE in scopes else {}),
        **_custom_keys(photos, user.photo),
        **({"bot_id": user.bot_id} if user.bot_id else {}),
        "first_name": first,
        "last_name": last,
        **image_keys(photos, user),
        "status_text_canonical": "",
        "team": user.team_id,
    }


def team_object(photos: Photos, team: Team) -> dict[str, Any]:
    """A workspace as `team.info` shows it (contract § 7.7)."""
    return {
        "id": team.id,
        "name": team.name,
        "domain": team.domain,
        "email_domain": "",
        "icon": {**icon_keys(photos, team), "image_default": True},
        "is_verified": False,
        "url": f"{photos.public_url}/",
        "discoverable": "unlisted",
        "avatar_base_url": f"{photos.photo_url}/",
    }


def icon_keys(photos: Photos, team: Team) -> dict[str, str]:
    """Where a picture for a workspace is, by the sides in pixels that it has at least."""
    return {f"image_{side}": photos.icon_url(team, side) for side in _ICON_SIDES}


def bot_object(photos: Photos, bot: User) -> dict[str, Any]:
    """A bot as `bots.info` shows it (contract § 7.7). It is the only one of its app here."""
    images = image_keys(photos, bot)
    bot_id = bot.bot_id or ""
    return {
        "id": bot_id,
        "deleted": bot.deleted_at is not None,
        "name": bot.real_name,
        "updated": _seconds(bot),
        "app_id": f"A{bot_id[1:]}",
        "user_id": bot.id,
        "icons": {
            "image_36": images["image_48"],
            "image_48": images["image_48"],
            "image_72": images["image_72"],
        },
    }


def _hash_key(photo: Photo) -> dict[str, str]:
    return {"avatar_hash": photo.avatar_hash}


def _custom_keys(photos: Photos, photo: Photo | None) -> dict[str, Any]:
    """Two keys that are there for a photo and absent, not false, without one."""
    if photo is None:
        return {}
    return {"image_original": photos.url(photo, ORIGINAL), "is_custom_image": True}


def image_keys(photos: Photos, user: User) -> dict[str, str]:
    """The URLs of somebody's photo, or of the picture that stands in for it, by their keys."""
    if user.photo:
        return {f"image_{size}": photos.url(user.photo, size) for size in SIZES}
    return {
        f"image_{size}": photos.default_url(user, size)
        for size in SIZES
        if size != _SIZE_OF_CUSTOM_ONLY
    }


def _default_hash(user: User) -> str:
    """`g` and the start of the MD5 of the address: twelve characters in all."""
    return "g" + user.email_md5[: AVATAR_HASH_LENGTH - 1]


def _seconds(user: User) -> int:
    return int(user.updated_at.timestamp())
