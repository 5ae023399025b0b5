"""One session for all requests of a user whom a proxy vouches for and who has no cookie.

The proxy names the user in every request. To open a session for each of them would leave a row for
every request of a program that keeps no cookies.
"""

from collections import OrderedDict
from functools import partial
from typing import Final

from likeness.accounts import Accounts
from likeness.errors import Refusal, ServiceUnavailable
from likeness.model import Caller, Secret, User
from likeness.sessions import Sessions
from likeness.singleflight import SingleFlight

KEPT_MAX: Final = 10_000
"""People whose session is kept at hand, a few hundred bytes each; the others' are opened anew."""


class SharedSessions:
    """At most one session of each person, known to this server process alone.

    Only its digest is in the database, as of every token, so that no other process can share it.
    """

    def __init__(self, accounts: Accounts, sessions: Sessions) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._kept: OrderedDict[str, Secret] = OrderedDict()
        self._flights = SingleFlight[str, tuple[Caller, Secret]]()

    async def of(self, user: User) -> tuple[Caller, Secret]:
        """Somebody by their session, and its token.

        A new one is opened where the last one was ended, has lived half its life, or may do other
        things than the user may do by now.
        """
        return await self._flights.do(user.id, partial(self._of, user))

    async def _of(self, user: User) -> tuple[Caller, Secret]:
        secret = self._kept.get(user.id)
        caller = await self._caller(secret)
        if caller is None or secret is None or not self._sessions.is_fresh(caller):
            secret = (await self._sessions.open(user)).secret
            caller = await self._accounts.authenticate(secret)
        self._keep(user.id, secret)
        return caller, secret

    async def _caller(self, secret: Secret | None) -> Caller | None:
        try:
            return await self._accounts.authenticate(secret)
        except ServiceUnavailable:
            raise
        except Refusal:
            return None

    def _keep(self, user_id: str, secret: Secret) -> None:
        self._kept[user_id] = secret
        self._kept.move_to_end(user_id)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
