"""Calls that missed `/api/`, as from a client with half a base URL: found, and told where to go."""

from collections.abc import Collection

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class Elsewhere:
    """An ASGI application for paths that nobody else answers.

    Calls of `methods` go to `api`, which refuses them with a hint; a 404 would have Slack's Node
    client try again for half an hour. Everything else is 404.
    """

    def __init__(self, api: ASGIApp, methods: Collection[str]) -> None:
        self._api = api
        self._methods = methods
        self._families = {name.partition(".")[0] for name in methods}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"]
        if self._is_call(scope["method"], path):
            await self._api({**scope, "path_params": {"method": path}}, receive, send)
        else:
            await PlainTextResponse("Not Found", 404)(scope, receive, send)

    def _is_call(self, verb: str, path: str) -> bool:
        """Whether a method is named; in a POST, one of a family of methods, such as `users.x`."""
        if meant(path, self._methods):
            return True
        family, dot, _ = path.rpartition("/")[2].partition(".")
        return verb == "POST" and bool(dot) and family in self._families


def meant(path: str, methods: Collection[str]) -> str:
    """The method that the last part of a path names, else ""."""
    name = path.rstrip("/").rpartition("/")[2]
    return name if name in methods else ""
