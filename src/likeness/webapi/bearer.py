"""The token in the header of a request, which is looked up before the body is read.

It says whose bytes the body will be. Nothing is refused by it yet, since the body may hold another
token, which wins (decision 1).
"""

import time
from typing import Final

from starlette.datastructures import Headers

from likeness.accounts import Accounts
from likeness.errors import Refusal
from likeness.model import Caller, Secret

FRESH_S: Final = 1.0
"""How long an answer about a token may be relied on: what one node revokes, others may take as long
to hear of. A body that takes longer to arrive is asked about once more."""


def bearer(headers: Headers) -> Secret | None:
    """The token that a request presents in its header, whether or not it is any good.

    Two headers are one with a comma, by HTTP's own rules, and so make a token that nobody has.
    """
    scheme, _, token = ", ".join(headers.getlist("authorization")).partition(" ")
    return Secret(token.strip()) if scheme.lower() == "bearer" and token.strip() else None


class Presented:
    """What is known about the token in a header; asked for once in a call, where that is enough."""

    def __init__(
        self, accounts: Accounts, token: Secret | None, *, fresh_s: float = FRESH_S
    ) -> None:
        self._accounts = accounts
        self._token = token
        self._fresh_s = fresh_s
        self._caller: Caller | None = None
        self._asked_s = 0.0

    async def sender(self) -> Caller | None:
        """Who sends the request, as far as its header tells; None for nobody that we know."""
        self._asked_s = time.monotonic()
        try:
            self._caller = await self._accounts.authenticate(self._token)
        except Refusal:
            return None
        return self._caller

    async def caller(self, token: Secret | None) -> Caller:
        """Who calls with the token that counts. Raises what `Accounts.authenticate` raises."""
        is_fresh = time.monotonic() - self._asked_s < self._fresh_s
        if self._caller is not None and token == self._token and is_fresh:
            return self._caller
        return await self._accounts.authenticate(token)
