"""The pages and their files. What a page shows of somebody is what the Web API says of them."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from likeness.accounts import Accounts
from likeness.errors import Refusal
from likeness.model import ORIGINAL, SIZES, Caller, Secret
from likeness.photos import Photos
from likeness.site.session import session_of

_KEPT: Final = "no-store"


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the page tells before somebody chooses a picture; the server judges by the same numbers.

    Sides in pixels, lengths in bytes; `letterbox_colour` is written as `#rrggbb`.
    """

    side_px_min: int
    side_px_max: int
    length_max: int
    pixels_max: int
    frames_max: int
    letterbox_colour: str


class Site:
    """Door 3: `/` and what it needs."""

    def __init__(self, accounts: Accounts, photos: Photos, facts: PageFacts) -> None:
        self._accounts = accounts
        self._photos = photos
        self._facts = facts
        self._templates = Environment(
            loader=PackageLoader("likeness.site"), autoescape=True, undefined=StrictUndefined
        )
        origin = urlsplit(photos.public_url)
        self._headers = _headers(f"{origin.scheme}://{origin.netloc}")

    def routes(self) -> list[Route | Mount]:
        """`/` and its files."""
        return [
            Route("/", self.page, methods=["GET"]),
            Mount("/assets", StaticFiles(packages=[("likeness.site", "static")])),
        ]

    async def page(self, request: Request) -> Response:
        """The page of whoever is signed in, or the way to sign in."""
        token = session_of(request)
        try:
            caller = await self._accounts.authenticate(token)
        except Refusal:
            return self._show("sign_in.html", {})
        return self._show("page.html", self._context(caller, token))

    def _context(self, caller: Caller, token: Secret | None) -> dict[str, Any]:
        user, photos = caller.user, self._photos
        names = [*map(str, SIZES), ORIGINAL] if user.photo else []
        return {
            "token": token.reveal() if token else "",
            "user": user,
            "team": caller.team,
            "urls": {name: photos.url(user.photo, name) for name in names if user.photo},
            "default_urls": {size: photos.default_url(user, size) for size in SIZES},
            "by_hash_url": f"{photos.public_url}/avatar/{sha256(user.email.encode()).hexdigest()}",
            "facts": self._facts,
        }

    def _show(self, name: str, context: dict[str, Any], status: int = 200) -> Response:
        text = self._templates.get_template(name).render(context)
        return HTMLResponse(text, status, self._headers)


def _headers(photos_origin: str) -> dict[str, str]:
    """No script, style or frame but our own; pictures also from where photos are served."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self' blob: {photos_origin}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return {
        "Cache-Control": _KEPT,
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(self)",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
