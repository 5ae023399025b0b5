"""The methods by which programs learn who signed in with Slack. Each only translates."""

from typing import Any, Final

from likeness.errors import NotAllowedTokenType, UserIsBot
from likeness.model import Team, User
from likeness.photos import Photos
from likeness.scopes import IDENTITY_SCOPES, OPENID_SCOPES
from likeness.webapi.method import Answer, Audience, Call, Tier, method
from likeness.webapi.profile import icon_keys, image_keys

_BASIC, _ADDRESS, _AVATAR, _TEAM = IDENTITY_SCOPES
_OPENID, _EMAIL, _PROFILE = OPENID_SCOPES

_NAMESPACE: Final = "https://slack.com/"
"""In front of claims that OpenID Connect does not know."""

_IMAGES: Final = tuple(f"image_{size}" for size in (24, 32, 48, 72, 192, 512))
"""`image_1024` is in neither answer as it was recorded."""

_PICTURE: Final = "image_512"
"""What `picture` is, which programs show large and scale down themselves."""


@method(
    "users.identity",
    scope=_BASIC,
    tier=Tier.T3,
    audience=Audience.USERS,
    errors=(UserIsBot, NotAllowedTokenType),
)
async def identity(call: Call) -> Answer:
    """Say who the token speaks for; address, photo and workspace each by a scope of its own."""
    user, team, scopes = call.caller.user, call.caller.team, call.caller.token.scopes
    return Answer(
        {
            "user": {
                "name": user.real_name,
                "id": user.id,
                **({"email": user.email} if _ADDRESS in scopes else {}),
                **(_images(call.photos, user) if _AVATAR in scopes else {}),
            },
            "team": {**({"name": team.name} if _TEAM in scopes else {}), "id": team.id},
        }
    )


@method(
    "openid.connect.userInfo",
    scope=_OPENID,
    tier=Tier.T3,
    audience=Audience.USERS,
    errors=(UserIsBot, NotAllowedTokenType),
)
async def user_info(call: Call) -> Answer:
    """Say who the token speaks for, in the claims of OpenID Connect; `picture` is the photo."""
    user, team, scopes = call.caller.user, call.caller.team, call.caller.token.scopes
    return Answer(
        {
            "sub": user.id,
            f"{_NAMESPACE}user_id": user.id,
            f"{_NAMESPACE}team_id": team.id,
            **(_email_claims(user) if _EMAIL in scopes else {}),
            **(_profile_claims(call.photos, user, team) if _PROFILE in scopes else {}),
        }
    )


def _email_claims(user: User) -> dict[str, Any]:
    """Claims about the address, which is verified by the administrator who adds it."""
    return {
        "email": user.email,
        "email_verified": True,
        "date_email_verified": int(user.created_at.timestamp()),
    }


def _profile_claims(photos: Photos, user: User, team: Team) -> dict[str, Any]:
    images = _images(photos, user)
    first, _, last = user.real_name.partition(" ")
    return {
        "name": user.real_name,
        "picture": images[_PICTURE],
        "given_name": first,
        "family_name": last,
        "locale": "en-US",
        f"{_NAMESPACE}team_name": team.name,
        f"{_NAMESPACE}team_domain": team.domain,
        **{f"{_NAMESPACE}user_{name}": url for name, url in images.items()},
        **{f"{_NAMESPACE}team_{name}": url for name, url in icon_keys(photos, team).items()},
        f"{_NAMESPACE}team_image_default": True,
    }


def _images(photos: Photos, user: User) -> dict[str, str]:
    images = image_keys(photos, user)
    return {name: images[name] for name in _IMAGES}
