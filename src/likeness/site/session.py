"""The visitor of a request: by the cookie of their session, or by the header of a proxy.

The cookie holds a token of theirs, which the server can end at any time. There is nothing to sign
and nothing to forge: a token is 256 random bits, kept as a digest, with an end of its own. Scripts
cannot read the cookie; the page is given the token in a form of its own.
"""

import hmac
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from likeness.accounts import Accounts
from likeness.admission import Admission
from likeness.errors import (
    AccountInactive,
    NotAdmitted,
    NotAuthed,
    Refusal,
    ServiceUnavailable,
    TokenExpired,
    TokenRevoked,
)
from likeness.model import Caller, Secret, User
from likeness.sessions import Session, Sessions
from likeness.site.cookies import Cookie
from likeness.site.origin import OwnOrigin
from likeness.site.proxy import Proxies
from likeness.site.shared_sessions import SharedSessions

_OVER: Final[dict[type[Refusal], str]] = {
    NotAuthed: "",
    TokenExpired: "You have been signed in for long enough. Please sign in again.",
    TokenRevoked: "This session was ended. Please sign in again.",
    AccountInactive: "This account was deactivated.",
}
_UNKNOWN: Final = "This session is not known here. Please sign in again."


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor with their token; or nobody, with the reason why their session ended.

    `is_new`: the browser does not have the token yet. `is_over`: it has an invalid one.
    """

    caller: Caller | None = None
    token: Secret | None = None
    reason: str = ""
    is_new: bool = False
    is_over: bool = False


class Visitors:
    """Identifies visitors, and sets the cookies of their browsers."""

    def __init__(
        self,
        accounts: Accounts,
        admission: Admission,
        sessions: Sessions,
        *,
        proxies: Proxies,
        cookie: Cookie,
        origin: OwnOrigin,
    ) -> None:
        self._accounts = accounts
        self._admission = admission
        self._sessions = sessions
        self._proxies = proxies
        self._cookie = cookie
        self._origin = origin
        self._shared = SharedSessions(accounts, sessions)

    async def of(self, request: Request) -> Visit:
        """The visitor of this request, by the proxy's header or else by the cookie.

        Raises NotAdmitted for a user whom a proxy names and who is refused, and for a request by
        another host name than ours: a page of that name could read answers meant for ours.
        """
        email, token = self._proxies.user(request), self._token(request)
        if email or token:
            self._origin.check_host(request)
        if not email:
            return await self._by_token(token)
        if request.method == "HEAD":
            # It looks at nothing but headers, which are the same for everybody.
            return Visit()
        return await self._vouched(await self._admission.by_address(email), token)

    def client(self, request: Request) -> str:
        """The network address of the browser, which a trusted proxy may say."""
        return self._proxies.client(request)

    def remember(self, visit: Visit, response: Response) -> Response:
        """The response, with the cookie that follows from a visit."""
        if visit.is_new and visit.token:
            self._write(response, visit.token)
        elif visit.is_over:
            self._cookie.clear(response)
        return response

    async def enter(self, request: Request, session: Session, response: Response) -> Response:
        """Have the browser keep a new session; one that it had until now ends."""
        await self._sessions.close(self._token(request))
        self._write(response, session.secret)
        return response

    async def leave(self, visit: Visit, response: Response) -> Response:
        """End the session here and in the browser."""
        await self._sessions.close(visit.token)
        self._cookie.clear(response)
        return response

    def _write(self, response: Response, secret: Secret) -> None:
        life_s = int(self._sessions.lifetime.total_seconds())
        self._cookie.write(response, secret.reveal(), life_s)

    def _token(self, request: Request) -> Secret | None:
        value = self._cookie.read(request)
        return Secret(value) if value else None

    async def _vouched(self, user: User, token: Secret | None) -> Visit:
        """The user whom a proxy names, by their own session or by the shared one.

        A session of another user that the browser still has ends.
        """
        visit = await self._by_token(token)
        if visit.caller and visit.caller.user.id == user.id:
            return visit
        await self._sessions.close(visit.token)
        caller, secret = await self._shared.of(user)
        return Visit(caller, secret, is_new=True)

    async def _by_token(self, token: Secret | None) -> Visit:
        try:
            return Visit(await self._accounts.authenticate(token), token)
        except ServiceUnavailable:
            raise
        except Refusal as refusal:
            reason = _OVER.get(type(refusal), _UNKNOWN)
            return Visit(reason=reason, is_over=token is not None)


def check_form_token(visit: Visit, token: Secret | None) -> tuple[Caller, Secret]:
    """The sender of a form, and their token. Raises NotAdmitted for a form of another session.

    No other site can know the token, so that none can have made the form.
    """
    if visit.caller is None or visit.token is None:
        raise NotAdmitted(visit.reason or "You are not signed in.")
    sent = token.reveal() if token else ""
    if not hmac.compare_digest(visit.token.reveal().encode(), sent.encode(errors="replace")):
        raise NotAdmitted("This form belongs to a session that is over. Open the page again.")
    return visit.caller, visit.token
