"""Explains which photo programs show of a user, and why, by asking the routes that serve it."""

import re
from collections.abc import Awaitable, Callable
from hashlib import md5, sha256
from typing import Any, Final, NamedTuple

from starlette.types import ASGIApp

from likeness.app.service import Service
from likeness.explanation import Explanation, Showing, Shown
from likeness.model import Address, Source, User
from likeness.threads import in_thread

PREFIX: Final = "/avatar/"
SLACK: Final = "Slack's API"
_SLACK_SIZE: Final = 192
_OK: Final = 200

_MAX_AGE: Final = re.compile(rb"max-age=(\d+)")


class _Program(NamedTuple):
    """What a program asks for by the hash of an address; docs/recipes.md says how that is known."""

    name: str
    digest: Callable[[bytes], str]
    query: str


def _md5(text: bytes) -> str:
    return md5(text, usedforsecurity=False).hexdigest()


def _sha256(text: bytes) -> str:
    return sha256(text).hexdigest()


PROGRAMS: Final = (
    _Program("Gitea, Forgejo", _md5, "d=identicon&s=56"),
    _Program("GitLab", _md5, "s=80&d=identicon"),
    _Program("WordPress", _sha256, "s=96&d=mm&r=g"),
)

_CHOSEN_BY: Final = {
    Source.SELF: "their own choice",
    Source.ADMINISTRATOR: "an administrator's choice",
    Source.IMPORT: "an import",
    Source.DIRECTORY: "a directory",
    Source.PROVIDER: "the provider that they sign in with",
}


class Explaining:
    """Explains people of one service. `door` answers the paths of photos."""

    def __init__(self, service: Service, door: ASGIApp) -> None:
        self._service = service
        self._door = door

    async def explain(self, user: User) -> Explanation:
        """What each program gets for each address of a user. Raises ServiceUnavailable."""
        addresses = await in_thread(self._service.database.addresses, user.id)
        shown = [self._by_api(user)]
        for address in addresses:
            shown += [await self._by_hash(user, address, program) for program in PROGRAMS]
        return Explanation(user, tuple(addresses), tuple(self._reasons(user)), tuple(shown))

    def _by_api(self, user: User) -> Shown:
        photos, photo = self._service.photos, user.photo
        url = photos.url(photo, _SLACK_SIZE) if photo else photos.default_url(user, _SLACK_SIZE)
        showing = Showing.PHOTO if photo else Showing.DEFAULT
        return Shown(f"{SLACK} (image_{_SLACK_SIZE})", url, _OK, showing, None)

    async def _by_hash(self, user: User, address: Address, program: _Program) -> Shown:
        hexadecimal = program.digest(address.email.encode())
        path = f"{PREFIX}{hexadecimal}"
        start = await _asked(self._door, path, program.query)
        found = await self._service.delivery.listed_user(bytes.fromhex(hexadecimal))
        is_photo = bool(user.photo and found and found.id == user.id)
        showing = Showing.PHOTO if is_photo else Showing.DEFAULT
        if start["status"] != _OK:
            showing = Showing.NOTHING
        url = f"{self._service.config.base_url}{path}?{program.query}"
        name = f"{program.name} ({address.email})"
        return Shown(name, url, start["status"], showing, _max_age_s(start))

    def _reasons(self, user: User) -> list[str]:
        """Notes on what is unusual about a user's photo, and on where it is from."""
        reasons = [_photo_reason(user)]
        if user.deleted_at:
            reasons.append(
                f"they were deactivated on {user.deleted_at:%Y-%m-%d}: no hash leads to them"
            )
        if not user.is_listed:
            reasons.append("they are hidden: no hash leads to them (`likeness user unhide`)")
        if user.lock_reason is not None:
            reasons.append(f"only administrators change it: {user.lock_reason}")
        if self._service.config.email_avatars == "off":
            reasons.append("no hash is answered at all: LIKENESS_EMAIL_AVATARS is off")
        return reasons


async def nothing_else(scope: Any, *_: Any) -> None:
    """Stands behind the door of photos where only photos are asked for."""
    raise AssertionError(scope["path"])


def _photo_reason(user: User) -> str:
    """Who chose that this photo, or none, is shown."""
    chosen = _CHOSEN_BY[user.photo_source] if user.photo_source else "nobody's choice so far"
    if user.photo is None:
        return f"there is no photo: {chosen}"
    photo = user.photo
    made = f"{photo.width}x{photo.height} pixels, set on {photo.set_at:%Y-%m-%d}"
    return f"the photo is {made}: {chosen}"


async def _asked(door: Callable[..., Awaitable[None]], path: str, query: str) -> dict[str, Any]:
    """The beginning of the answer to a GET: its status and headers."""
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    await door(scope | {"headers": [], "client": None}, receive, send)
    return said[0]


def _max_age_s(start: dict[str, Any]) -> int | None:
    """How long the answer may be kept."""
    found = _MAX_AGE.search(dict(start["headers"]).get(b"cache-control", b""))
    return int(found[1]) if found else None
