"""Who is signed in: a cookie that holds a token of theirs, which the server can end at any time.

There is nothing to sign and nothing to forge: a token is 256 random bits, kept as a digest, with an
end of its own. Scripts cannot read the cookie; the page is given the token in a form of its own.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from likeness.model import Secret

COOKIE: Final = "likeness_session"


def session_of(request: Request) -> Secret | None:
    """The token in the request's cookie, if there is one; nobody has looked at it yet."""
    try:
        cookies = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return None
    return Secret(cookies[COOKIE].value) if COOKIE in cookies else None


def begin(response: Response, token: Secret, *, life_s: int, is_https: bool) -> None:
    """Have the browser keep a token for `life_s` seconds."""
    response.set_cookie(
        COOKIE,
        token.reveal(),
        max_age=life_s,
        httponly=True,
        secure=is_https,
        samesite="lax",
    )


def end(response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(COOKIE)
