"""OIDC back-channel logout: a provider ends sessions, without a browser.

OpenID Connect Back-Channel Logout 1.0. Anybody can send a request here, so that only the signed
token in it counts, and each token once.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from likeness.errors import NotAdmitted, Refusal
from likeness.seldom import SeldomLog
from likeness.sessions import Sessions
from likeness.site.forms import NO_FILE, text
from likeness.site.logout_token import Logout
from likeness.site.oidc import Provider
from likeness.site.room import Room

BACK_CHANNEL_PATH: Final = "/sign-in/oidc/back-channel"

_FAILED: Final = 400
_HEADERS: Final = {"Cache-Control": "no-store"}


class BackChannel:
    """Ends the sessions of which the provider says that they are over."""

    def __init__(self, room: Room, sessions: Sessions, provider: Provider) -> None:
        self._room = room
        self._sessions = sessions
        self._provider = provider
        self._log = SeldomLog()

    def routes(self) -> list[Route]:
        """The one address, which the provider is given."""
        return [Route(BACK_CHANNEL_PATH, self.end, methods=["POST"])]

    async def end(self, request: Request) -> Response:
        """200 where the sessions are over now; 400, with the reason, for all else."""
        try:
            async with self._room.forms.read_form(request, NO_FILE, None) as form:
                token = text(form, "logout_token")
            await self._end(await self._provider.ended(token), request)
        except (NotAdmitted, Refusal) as error:
            reason = str(error)
            self._log.warning("logout_refused", reason=reason)
            return self._refused(request, {"error_description": reason})
        return Response(status_code=200, headers=_HEADERS)

    async def _end(self, logout: Logout, request: Request) -> None:
        """Raises NotAdmitted for a token that came before."""
        name = sha256(f"{logout.issuer} {logout.token_id}".encode()).hexdigest()
        if not await self._sessions.is_first(f"logout {name}", logout.until_s):
            raise NotAdmitted("This logout token was used already.")
        client = self._room.visitors.client(request)
        await self._sessions.end_by_provider(logout.issuer, logout.subject, logout.sid, client)

    def _refused(self, request: Request, more: Mapping[str, str]) -> Response:
        answer = JSONResponse({"error": "invalid_request", **more}, _FAILED, _HEADERS)
        return self._room.views.unread(request, answer)
