"""The methods about photos of people. Each only translates; the use cases do the work."""

from math import floor
from typing import Annotated, Final

from likeness.errors import (
    AccessDenied,
    BadImage,
    InvalidArguments,
    NotAllowedTokenType,
    NotFound,
    TooLarge,
    TooManyFrames,
    UserIsBot,
    UserNotFound,
)
from likeness.events import Actor
from likeness.model import Crop, Photo, User
from likeness.scopes import ADMIN_SCOPE, WRITE_SCOPE
from likeness.webapi.journal import note_change
from likeness.webapi.method import Answer, Arg, Audience, Call, Tier, Upload, method
from likeness.webapi.profile import past_photo, photo_keys

TURNS: Final = (None, 0, 90, 180, 270)
"""The values of `rotate`; left out it is 0."""

PHOTOS_MAX: Final = 50
"""How far back users.listPhotos goes."""

_ID_LENGTH_MAX: Final = 18
"""Longer numbers fit no integer of the database, and are nobody's photo."""

OwnerArg = Annotated[
    str, Arg(f"Extension: whose photo; needs a token with the scope `{ADMIN_SCOPE}`.")
]


@method(
    "users.setPhoto",
    scope=WRITE_SCOPE,
    tier=Tier.T2,
    audience=Audience.USERS,
    verb="POST",
    errors=(
        BadImage,
        TooLarge,
        TooManyFrames,
        UserIsBot,
        NotAllowedTokenType,
        NotFound,
        UserNotFound,
        AccessDenied,
    ),
)
async def set_photo(
    call: Call,
    *,
    image: Annotated[
        Upload | None,
        Arg("The picture: the bytes of a JPEG, PNG, GIF, WebP, AVIF or HEIC file.", "@me.jpg"),
    ] = None,
    crop_x: Annotated[float | None, Arg("Left edge of the square to cut, pixels.", "10")] = None,
    crop_y: Annotated[float | None, Arg("Upper edge of the square to cut, pixels.", "15")] = None,
    crop_w: Annotated[float | None, Arg("Side of the square to cut, pixels.", "100")] = None,
    id: Annotated[  # noqa: A002 - The argument is called so on the wire.
        str, Arg("A picture from users.preparePhoto, in place of `image`.")
    ] = "",
    rotate: Annotated[
        int | None,
        Arg("Extension: degrees to turn it right before it is cut: 0, 90, 180 or 270.", "90"),
    ] = None,
    user: OwnerArg = "",
) -> Answer:
    """Set the caller's profile photo from a picture, cut to a square or letterboxed."""
    crop, turn = _crop(crop_x, crop_y, crop_w), _turn(rotate)
    owner = await _owner(call, user)
    by = _by(call, owner)
    if id and image is None:
        setting = await call.photos.set_prepared(
            owner, id, crop, turn, prepared_by=call.caller.user, by=by
        )
    else:
        setting = await call.photos.set(owner, _picture(image), crop, turn, by)
    if not _shows(owner, setting.photo):
        note_change("photo_set", call, owner, photo=setting.photo.id)
    return Answer({"profile": photo_keys(call.photos, setting.photo)}, setting.notes)


@method(
    "users.preparePhoto",
    scope=WRITE_SCOPE,
    tier=Tier.T2,
    audience=Audience.USERS,
    verb="POST",
    errors=(BadImage, TooLarge, TooManyFrames, UserIsBot, NotAllowedTokenType),
    is_extension=True,
)
async def prepare_photo(
    call: Call,
    *,
    image: Annotated[Upload | None, Arg("A picture, which may be a big one.", "@me.jpg")] = None,
) -> Answer:
    """Stage a big picture for an hour, to be cut by users.setPhoto with its `id`."""
    prepared = await call.photos.prepare(call.caller.user, _picture(image))
    staged, crop = prepared.staged, prepared.suggested
    suggested = {"crop_x": crop.x, "crop_y": crop.y, "crop_w": crop.w} if crop else None
    return Answer(
        {
            "id": staged.id,
            "url": prepared.url,
            "width": staged.width,
            "height": staged.height,
            "orientation": prepared.orientation,
            **({"suggested": suggested} if suggested else {}),
        },
        prepared.notes,
    )


@method(
    "users.deletePhoto",
    scope=WRITE_SCOPE,
    tier=Tier.T2,
    audience=Audience.USERS,
    errors=(UserIsBot, NotAllowedTokenType, NotFound, UserNotFound, AccessDenied),
)
async def delete_photo(
    call: Call,
    *,
    photo: Annotated[
        str,
        Arg("Extension: remove only the photo with this id, by users.listPhotos.", "123456789012"),
    ] = "",
    all: Annotated[  # noqa: A002 - The argument is called so on the wire.
        bool, Arg("Extension: remove every earlier photo as well.", "true")
    ] = False,
    user: OwnerArg = "",
) -> Answer:
    """Remove the caller's profile photo for good, with earlier ones from the same upload."""
    if photo and all:
        raise InvalidArguments("say either `photo` or `all`, not both", argument="photo")
    owner = await _owner(call, user)
    if all:
        ended = await call.photos.delete_all(owner, _by(call, owner))
    else:
        which = _photo_id(photo) if photo else None
        ended = await call.photos.delete(owner, which, _by(call, owner))
    if ended:
        note_change("photo_deleted", call, owner, photos=ended)
    return Answer()


@method(
    "users.listPhotos",
    scope="users.profile:read",
    tier=Tier.T4,
    audience=Audience.USERS,
    errors=(UserIsBot, NotAllowedTokenType, UserNotFound, AccessDenied),
    is_extension=True,
)
async def list_photos(call: Call, *, user: OwnerArg = "") -> Answer:
    """List the photos that the caller has and had, newest first, with what became of each."""
    photos = await call.photos.history(await _owner(call, user), PHOTOS_MAX)
    return Answer({"photos": [past_photo(call.photos, photo) for photo in photos]})


@method(
    "users.restorePhoto",
    scope=WRITE_SCOPE,
    tier=Tier.T2,
    audience=Audience.USERS,
    verb="POST",
    errors=(UserIsBot, NotAllowedTokenType, NotFound, UserNotFound, AccessDenied),
    is_extension=True,
)
async def restore_photo(
    call: Call,
    *,
    photo: Annotated[str, Arg("Id of a replaced photo, by users.listPhotos.", "123456789012")] = "",
    user: OwnerArg = "",
) -> Answer:
    """Show a replaced photo of the caller's again."""
    owner = await _owner(call, user)
    restored = await call.photos.restore(owner, _photo_id(photo), _by(call, owner))
    if not _shows(owner, restored):
        note_change("photo_restored", call, owner, photo=restored.id)
    return Answer({"profile": photo_keys(call.photos, restored)})


async def _owner(call: Call, user: str) -> User:
    """The owner of the photo: the caller, or `user` for an administrator's token.

    Without the scope `user` is ignored, as the real service does (contract § 3.3).
    """
    caller = call.caller
    if not user or user == caller.user.id or ADMIN_SCOPE not in caller.token.scopes:
        return caller.user
    owner = await call.accounts.user(caller.team.id, user)
    if owner.deleted_at is not None:
        raise AccessDenied("this account is deactivated; its photo stays as it is", argument="user")
    return owner


def _by(call: Call, owner: User) -> Actor:
    """Who acts, for the log: the caller, on themselves or as an administrator.

    Raises AccessDenied where the owner does not decide on their own photo.
    """
    return call.photos.allowed(owner, Actor.on(owner, call.caller.user, call.client))


def _shows(owner: User, photo: Photo) -> bool:
    """Whether it was their photo before the call, which then changed nothing."""
    return owner.photo is not None and owner.photo.id == photo.id


def _photo_id(text: str) -> int:
    """The number of a photo; 0, which no photo has, for a text that is no number."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _ID_LENGTH_MAX
    return int(text) if is_number else 0


def _picture(image: Upload | None) -> bytes:
    if image is None:
        raise BadImage(
            "no picture: send the bytes of a file as `image`, by multipart/form-data",
            argument="image",
        )
    return image.data


def _turn(rotate: int | None) -> int:
    if rotate in TURNS:
        return rotate or 0
    raise InvalidArguments(
        f"rotate is {rotate}; it must be 0, 90, 180 or 270 degrees", argument="rotate"
    )


def _crop(x: float | None, y: float | None, w: float | None) -> Crop | None:
    """The crop box, or None: clients send 0 or a negative width for "unset" (contract § 4.5).

    Fractions are rounded to the nearest pixel, upwards from the middle.
    """
    side = _nearest(w or 0)
    if side <= 0:
        return None
    return Crop(max(_nearest(x or 0), 0), max(_nearest(y or 0), 0), side)


def _nearest(number: float) -> int:
    return floor(number + 0.5)
