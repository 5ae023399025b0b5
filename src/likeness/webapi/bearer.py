"""Looks up the token in a request's header before the body is read.

It says whose bytes the body will be. Nothing is refused by it yet, since the body may hold another
token, which wins (decision 1).
"""

import time
from typing import Final

from starlette.datastructures import Headers

from likeness.accounts import Accounts, token_in
from likeness.errors import Refusal
from likeness.model import Caller, Secret

FRESH_S: Final = 1.0
"""How long the look-up of a token is reused: another node may take as long to notice a revocation.
Where a body takes longer to arrive, the token is looked up again."""


def bearer(headers: Headers) -> Secret | None:
    """The token that a request presents in its header, see `token_in`."""
    return token_in(headers.getlist("authorization"))


class Presented:
    """The token of the header, looked up once in a call where that is enough."""

    def __init__(
        self, accounts: Accounts, token: Secret | None, *, fresh_s: float = FRESH_S
    ) -> None:
        self._accounts = accounts
        self._token = token
        self._fresh_s = fresh_s
        self._caller: Caller | None = None
        self._asked_s = 0.0

    async def sender(self) -> Caller | None:
        """The caller by the token in the header; None where it is missing or invalid."""
        self._asked_s = time.monotonic()
        try:
            self._caller = await self._accounts.authenticate(self._token)
        except Refusal:
            return None
        return self._caller

    async def caller(self, token: Secret | None) -> Caller:
        """The caller by the token that counts. Raises the refusals of `Accounts.authenticate`."""
        is_fresh = time.monotonic() - self._asked_s < self._fresh_s
        if self._caller is not None and token == self._token and is_fresh:
            return self._caller
        return await self._accounts.authenticate(token)
