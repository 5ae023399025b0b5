"""The cookies of the page: their names and attributes."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_HOST: Final = "__Host-"
"""The name prefix of cookies that only this host, by TLS, can have set."""


class Cookie:
    """One cookie. No script can read it, and no other site's form sends it.

    By `https://` it is also safe from an attacker on a sibling domain or on the network.
    """

    def __init__(self, name: str, *, is_https: bool) -> None:
        self.name: Final = _HOST + name if is_https else name
        self._is_https = is_https

    def read(self, request: Request) -> str:
        """The value that the browser sent, untrusted; "" for none."""
        return request.cookies.get(self.name, "")

    def write(self, response: Response, value: str, life_s: int) -> None:
        """Have the browser keep a value for `life_s` seconds."""
        response.set_cookie(
            self.name,
            value,
            max_age=life_s,
            path="/",
            httponly=True,
            secure=self._is_https,
            samesite="lax",
        )

    def clear(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(
            self.name, path="/", httponly=True, secure=self._is_https, samesite="lax"
        )
