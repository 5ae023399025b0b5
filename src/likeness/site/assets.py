"""Scripts and styles, under names that change with them, so that browsers may keep them."""

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable
from mimetypes import guess_type
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.server.compression import Fixed

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_NOT_KEPT: Final = "no-cache"
_VERSION_LENGTH: Final = 16


class Assets:
    """The files of `static`, read once.

    Their address has a digest of all of them and not of each, so that a module finds the others
    beside it, and never one of another release.
    """

    def __init__(self) -> None:
        found = dict(_read(files("likeness.site") / "static"))
        digest = hashlib.sha256()
        for name, data in sorted(found.items()):
            digest.update(f"{name} {len(data)} ".encode() + data)
        self._files = {name: Fixed(data) for name, data in found.items()}
        self._version = digest.hexdigest()[:_VERSION_LENGTH]

    def url(self, name: str) -> str:
        """Where a file is, as a path. Raises KeyError when there is none of this name."""
        if name not in self._files:
            raise KeyError(name)
        return f"/assets/{self._version}/{name}"

    def route(self) -> Route:
        """Where they are served."""
        return Route("/assets/{version}/{name:path}", self.answer, methods=["GET"])

    async def answer(self, request: Request) -> Response:
        """A file. Pages that were opened before an upgrade get the new one, and do not keep it."""
        file = self._files.get(request.path_params["name"])
        headers = {"X-Content-Type-Options": "nosniff"}
        if file is None:
            return Response(b"", 404, headers)
        is_current = request.path_params["version"] == self._version
        headers["Cache-Control"] = _FOR_EVER if is_current else _NOT_KEPT
        return file.response(request, headers, guess_type(request.path_params["name"])[0])


def _read(folder: Traversable, prefix: str = "") -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _read(entry, f"{prefix}{entry.name}/")
        elif not entry.name.startswith("."):
            found.append((prefix + entry.name, entry.read_bytes()))
    return found
