"""Photos over HTTP, GET only. A path is its blob's key, so nothing is looked up and nothing drawn.

Every size that Slack names answers, whether it was made or not: the largest one below stands in.
"""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.avatars.defaults import identicon
from likeness.errors import ServiceUnavailable
from likeness.model import SIZES
from likeness.photos import Photos

_PHOTO: Final = re.compile(
    r"(?P<stem>avatars/\d{4}-\d\d-\d\d/\d{1,19}_[0-9a-f]{20}_)"
    r"(?P<name>original|\d{1,4})(?P<still>_still)?\.(?P<extension>jpg|png|gif)"
)
_STAGED: Final = re.compile(r"staged/[0-9a-f]{32}\.(?:jpg|png|gif)")
_DEFAULT: Final = re.compile(r"avatars/default/(?P<digest>[0-9a-f]{32})_(?P<size>\d{1,4})\.png")

_MEDIA_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ONE_MINUTE: Final = "public, max-age=60"
_PRIVATE: Final = "private, no-store"
_RETRY_AFTER_S: Final = "5"

_SAFE: Final = {
    "Access-Control-Allow-Origin": "*",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""A picture is never a page, wherever it is embedded (threats 1.2: sniffing, scripts)."""


class Avatars:
    """The door's routes. `photos` is all it knows."""

    def __init__(self, photos: Photos) -> None:
        self._photos = photos

    def routes(self) -> list[Route]:
        """`/avatars/...` and `/staged/...`, for GET and HEAD."""
        return [
            Route("/avatars/{rest:path}", self.photo, methods=["GET"]),
            Route("/staged/{rest:path}", self.staged, methods=["GET"]),
        ]

    async def photo(self, request: Request) -> Response:
        """A rendition of a photo, or the default picture of somebody who has none."""
        path = request.url.path[1:]
        if drawn := _DEFAULT.fullmatch(path):
            return _default(drawn["digest"], int(drawn["size"]))
        match = _PHOTO.fullmatch(path)
        return await self._answer(request, _candidates(match) if match else [], _FOR_EVER)

    async def staged(self, request: Request) -> Response:
        """A prepared picture, which only its owner knows the address of."""
        path = request.url.path[1:]
        return await self._answer(request, [path] if _STAGED.fullmatch(path) else [], _PRIVATE)

    async def _answer(self, request: Request, keys: list[str], caching: str) -> Response:
        try:
            for key in keys:
                data = await self._photos.read(key)
                if data is not None:
                    return _picture(request, key, data, caching)
        except ServiceUnavailable:
            # A 404 would be remembered by every cache in front; an outage must not be.
            return _text(503, "the photo store is away", {"Retry-After": _RETRY_AFTER_S})
        return _text(404, "no such photo", {"Cache-Control": _ONE_MINUTE})


def _candidates(match: re.Match[str]) -> list[str]:
    """The key asked for, then those of the smaller sizes, largest first."""
    size = SIZES[-1] if match["name"] == "original" else int(match["name"])
    names = [match["name"], *(str(made) for made in reversed(SIZES) if made < size)]
    tail = f"{match['still'] or ''}.{match['extension']}"
    return [f"{match['stem']}{name}{tail}" for name in names]


def _picture(request: Request, key: str, data: bytes, caching: str) -> Response:
    # The name is random and its bytes never change, so the name itself is a strong validator.
    etag = f'"{key.rpartition("/")[2]}"'
    headers = _SAFE | {"Cache-Control": caching, "ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    extension = key.rpartition(".")[2]
    headers["Content-Disposition"] = f'inline; filename="photo.{extension}"'
    return Response(data, headers=headers, media_type=_MEDIA_TYPES[extension])


def _default(digest: str, size: int) -> Response:
    if size not in SIZES:
        return _text(404, "no such size", {"Cache-Control": _ONE_MINUTE})
    headers = _SAFE | {"Cache-Control": _FOR_EVER}
    return Response(identicon(digest, size), headers=headers, media_type="image/png")


def _text(status: int, text: str, headers: dict[str, str]) -> Response:
    return Response(f"{text}\n", status, _SAFE | headers, media_type="text/plain")
