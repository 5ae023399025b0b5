"""The page that a visitor asked for before signing in, to which they return afterwards.

The browser keeps it meanwhile, in a cookie, whichever way they come in. What it brings back is
believed only where it is a path of this site by a narrow grammar: no other site can be meant.
"""

import re
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from likeness.site.cookies import Cookie

HOME: Final = "/"

KEPT_S: Final = 3600
"""How long signing in may take, the wait for a link included."""

LENGTH_MAX: Final = 1100
"""Characters of a path: an address of 320, each written as %XX, and the names around it."""

_LOCAL: Final = re.compile(r"/(?:[a-z][a-z-]*)?(?:\?user=[A-Za-z0-9%._~-]+)?", re.ASCII)


class ReturnPath:
    """The page that was asked for: its path, and whose it is (`user`); all else is left out."""

    def __init__(self, cookie: Cookie) -> None:
        self._cookie = cookie

    def keep(self, request: Request, response: Response) -> None:
        """Have the browser keep which page it asked for, in place of the one before."""
        user = quote(request.query_params.get("user", ""), safe="")
        path: str = request.scope["path"] + (f"?user={user}" if user else "")
        if path != HOME and _is_local(path):
            self._cookie.write(response, path, KEPT_S)
        elif self._cookie.read(request):
            self.forget(response)

    def path(self, request: Request) -> str:
        """The page that the browser kept, or the first one."""
        path = self._cookie.read(request)
        return path if _is_local(path) else HOME

    def forget(self, response: Response) -> None:
        """Have the browser forget it."""
        self._cookie.clear(response)


def _is_local(path: str) -> bool:
    return len(path) <= LENGTH_MAX and _LOCAL.fullmatch(path) is not None
