"""Log lines for each change of a photo and for each token that was refused.

They name people and tokens by their ids, and have no address of e-mail and no token's text in them.
"""

from typing import Final

from starlette.requests import Request

from likeness.errors import AccountInactive, InvalidAuth, Refusal, TokenExpired, TokenRevoked
from likeness.log import Log
from likeness.model import User
from likeness.seldom import RationedLog
from likeness.webapi.method import Call

REFUSED_LINES_MAX: Final = 100
"""Lines a minute about refused tokens, of all clients: 30 kB at most."""

CLIENT_LINES_MAX: Final = 10
"""Lines a minute about one client: enough for whoever counts them to shut it out."""

_OF_TOKENS: Final = (AccountInactive, InvalidAuth, TokenExpired, TokenRevoked)

_log = Log(__name__)


def peer(request: Request) -> str:
    """The address at the other end of the connection."""
    return request.client.host if request.client else ""


def note_change(event: str, call: Call, owner: User, **facts: int) -> None:
    """Log that this call changed the photo of `owner`, who need not be the caller."""
    caller = call.caller
    _log.info(
        event,
        user=owner.id,
        by=caller.user.id,
        team=owner.team_id,
        token=caller.token.id,
        client=call.client,
        **facts,
    )


class RefusedTokens:
    """Writes which client brought a token that is none, or none any more."""

    def __init__(self) -> None:
        self._log = RationedLog(lines_max=REFUSED_LINES_MAX, client_lines_max=CLIENT_LINES_MAX)

    def note(self, refusal: Refusal, client: str, method: str) -> None:
        """Write it, if that is what the refusal is about."""
        if isinstance(refusal, _OF_TOKENS):
            facts = {"error": refusal.code, "method": method}
            self._log.warning("token_refused", client=client, **facts)
