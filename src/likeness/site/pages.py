"""The page of a user's photo, and its form. All that it shows comes from the Web API."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.accounts import Accounts
from likeness.model import ORIGINAL, SIZES, Caller, Secret, User
from likeness.photos import Photos
from likeness.roster import Roster
from likeness.showings import Showings
from likeness.site.api import Api
from likeness.site.changes import DONE, Outcome, change
from likeness.site.owners import owner_of
from likeness.site.room import Room
from likeness.site.telling import about_other, about_own
from likeness.site.views import sentence, status_of

_EVENT_DIGITS_MAX: Final = 18
"""Longer numbers fit into no column of a database."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """The limits that the page shows before a picture is chosen; the server applies the same ones.

    Sides in pixels, lengths in bytes; `letterbox_colour` is written as `#rrggbb`, `kept` says in
    words how long others may show a photo that is not the newest.
    """

    side_px_min: int
    side_px_max: int
    length_max: int
    pixels_max: int
    frames_max: int
    letterbox_colour: str
    kept: str


class Pages:
    """`/`: whose photo it is, and the form that changes it."""

    def __init__(
        self,
        room: Room,
        *,
        accounts: Accounts,
        photos: Photos,
        roster: Roster,
        api: Api,
        facts: PageFacts,
        showings: Showings,
        has_hashes: bool,
    ) -> None:
        self._room = room
        self._accounts = accounts
        self._photos = photos
        self._roster = roster
        self._api = api
        self._facts = facts
        self._showings = showings
        self._has_hashes = has_hashes

    def routes(self) -> list[Route]:
        """The page, and where its form goes."""
        guarded = self._room.views.guarded
        return [
            Route("/", guarded(self.show), methods=["GET"]),
            Route("/", guarded(self.change), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page of the signed-in user, or the way to sign in."""
        visit, caller, token = await self._room.visited(request)
        owner = await owner_of(self._accounts, caller, request.query_params.get("user", ""))
        done = DONE.get(request.query_params.get("done", ""))
        message = {"kind": "ok", "text": done, "code": ""} if done else None
        before = request.query_params.get("before", "")
        before_id = int(before) if _is_event_id(before) else None
        page = await self._page(caller, token, owner, message, before_id=before_id)
        return self._room.visitors.remember(visit, page)

    async def change(self, request: Request) -> Response:
        """Apply the form's action, then redirect to the page.

        Without a redirect where there is a message that no URL may carry: an error, or how the
        picture was changed.
        """
        async with self._room.posted(request, self._facts.length_max) as sent:
            caller, token = sent.caller, sent.token
            owner = await owner_of(self._accounts, caller, sent.text("user"))
            outcome = await change(self._api.on_behalf_of(request), token, sent.form, owner.id)
        if outcome.code or outcome.text:
            return await self._told(caller, token, owner, outcome)
        return self._room.views.redirect(_path(caller, owner, outcome.action))

    async def _told(self, caller: Caller, token: Secret, owner: User, outcome: Outcome) -> Response:
        message, status = {"text": outcome.text, "code": outcome.code}, 200
        if outcome.code:
            message["kind"], status = "error", status_of(outcome.code)
        else:
            message |= {"kind": "ok", "text": f"{DONE[outcome.action]} {outcome.text}"}
            owner = await self._accounts.user(caller.team.id, owner.id)
        return await self._page(caller, token, owner, message, status)

    async def _page(
        self,
        caller: Caller,
        token: Secret,
        owner: User,
        message: dict[str, str] | None,
        status: int = 200,
        *,
        before_id: int | None = None,
    ) -> Response:
        """The page of `owner`, or what those see who do not decide on their own photo."""
        context = await self._context(caller, token, owner, message)
        context |= await self._log(caller, owner, before_id)
        refusal = None if context["is_other"] else self._photos.refusal_of(owner)
        if refusal is None:
            return self._room.views.page("page.html", context, status)
        context["reason"] = sentence(str(refusal))
        return self._room.views.page("locked.html", context, status)

    async def _context(
        self, caller: Caller, token: Secret, user: User, message: dict[str, str] | None
    ) -> dict[str, Any]:
        photos = self._photos
        past = await self._api.call("users.listPhotos", token, {"user": user.id})
        names = [*map(str, SIZES), ORIGINAL] if user.photo else []
        return self._room.context(caller, token) | {
            "user": user,
            "is_other": user.id != caller.user.id,
            "urls": {name: photos.url(user.photo, name) for name in names if user.photo},
            "default_urls": {size: photos.default_url(user, size) for size in SIZES},
            "by_hash_url": self._by_hash_url(user),
            "facts": self._facts,
            "message": message,
            "photos": past.get("photos", []),
            "showings": await self._showings.of(user),
        }

    async def _log(self, caller: Caller, user: User, before_id: int | None) -> dict[str, Any]:
        """The log of a user: for themselves what others did, for administrators all."""
        if user.id == caller.user.id:
            return {"log": await about_own(self._roster, user), "older_id": None}
        lines, older_id = await about_other(self._roster, caller, user, before_id)
        return {"log": lines, "older_id": older_id}

    def _by_hash_url(self, user: User) -> str:
        if not self._has_hashes or not user.is_listed:
            return ""
        return f"{self._photos.public_url}/avatar/{sha256(user.email.encode()).hexdigest()}"


def _is_event_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _EVENT_DIGITS_MAX


def _path(caller: Caller, owner: User, done: str) -> str:
    """The page that the form was on. Both parts are words of ours."""
    return f"/?done={done}" + (f"&user={owner.id}" if owner.id != caller.user.id else "")
