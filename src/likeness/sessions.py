"""Use case: sign in. One-time links, and the sessions of everybody who is signed in.

A session is a token of the person with an end of its own: the server can end it at any time, and
nothing that a browser keeps says more than that. Nothing here knows HTTP.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from likeness.accounts import Accounts
from likeness.db import Database
from likeness.errors import Mistake, NotAdmitted, Refusal
from likeness.events import OPERATOR, Actor, network_of
from likeness.identities import OIDC, Claims
from likeness.keys import Keys
from likeness.model import Caller, Secret, Source, Token, User
from likeness.people import People
from likeness.scopes import ADMIN_SCOPE, WRITE_SCOPE
from likeness.threads import in_thread

SESSION_SCOPES: Final = ("users.profile:read", WRITE_SCOPE)
"""What the page needs, and no more."""

_SCOPES: Final = (SESSION_SCOPES, (*SESSION_SCOPES, ADMIN_SCOPE))
"""Those of a session, and those of a session of who administers a workspace."""

FORGET_AFTER: Final = timedelta(days=30)
"""How long ended links and tokens are kept, so that their owners are told that they ended."""

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""256 random bits in base64: nobody guesses one."""


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A new link: its code, which is shown this once, its user and its end."""

    code: Secret
    user: User
    expires_at: datetime


def sign_in_url(base_url: str, code: Secret) -> str:
    """The address of a page that asks whether to sign in by a link's code."""
    return f"{base_url}/sign-in?code={code.reveal()}"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in, and the token that says so."""

    user: User
    secret: Secret


class Sessions:
    """Opens and closes sessions."""

    def __init__(
        self,
        database: Database,
        people: People,
        accounts: Accounts,
        keys: Keys,
        clock: Callable[[], datetime],
        *,
        lifetime: timedelta,
    ) -> None:
        self._database = database
        self._people = people
        self._accounts = accounts
        self._keys = keys
        self._clock = clock
        self.lifetime: Final = lifetime

    async def issue_link(
        self, email: str, lifetime: timedelta, workspace: str = "", by: Actor = OPERATOR
    ) -> IssuedLink:
        """A link that signs a user in once. Raises Mistake for bots and deactivated users."""
        user = await self._people.find_active(email, workspace)
        if user.is_bot:
            raise Mistake(f"{user.email} is a bot; only active people sign in")
        code, now = Secret(secrets.token_urlsafe(32)), self._clock()
        link = (self._keys.digest(_link_text(code)), user.id, now, now + lifetime, by)
        await in_thread(self._database.add_link, *link)
        return IssuedLink(code, user, now + lifetime)

    async def link_user(self, code: Secret) -> User:
        """The user whom a link would sign in; it stays usable. Raises NotAdmitted if it is not."""
        return self._owner(await self._ask(self._database.link_user, code))

    async def use_link(self, code: Secret) -> Session:
        """Sign a user in by their link, which is used up. Raises NotAdmitted if it was before."""
        return await self.open(self._owner(await self._ask(self._database.use_link, code)))

    async def open(self, user: User, claims: Claims | None = None) -> Session:
        """A new session of a user who has been authenticated, by a provider if it made `claims`."""
        issued = await self._accounts.issue_token_for(user, _scopes(user), self.lifetime, claims)
        return Session(user, issued.secret)

    def is_fresh(self, caller: Caller) -> bool:
        """Whether a session has more than half its life to come, and the rights that its user has.

        A user who was promoted or demoted since it was opened has others.
        """
        if caller.token.expires_at is None or caller.token.scopes != _scopes(caller.user):
            return False
        return caller.token.expires_at - self._clock() > self.lifetime / 2

    async def end(self, email: str, workspace: str = "", by: Actor = OPERATOR) -> int:
        """End somebody's sessions and links; how many sessions. Their API tokens go on.

        A token counts as a session that ends by itself and has just the scopes of one. Raises
        Mistake when there is nobody.
        """
        user = await self._people.find(email, workspace)
        now = self._clock()
        return await in_thread(self._database.end_sessions, user.id, _SCOPES, now, by)

    async def close(self, secret: Secret | None) -> None:
        """End a session. One that is over already, or never was, is no error."""
        try:
            caller = await self._accounts.authenticate(secret)
        except Refusal:
            return
        await self._accounts.revoke(caller)

    async def end_by_provider(self, issuer: str, subject: str, sid: str, client: str) -> int:
        """End the sessions of which a provider says that they are over; how many they were.

        They came of its session `sid`, or, where that is "", are all of `subject`. `client` is the
        network address that says so.
        """
        actor = Actor(OIDC, Source.PROVIDER, network_of(client))
        end = self._database.end_provider_sessions
        return await in_thread(end, issuer, subject, sid, self._clock(), actor)

    async def is_first(self, name: str, until_s: float) -> bool:
        """Whether nobody has come with this name before, of all processes.

        It is forgotten at `until_s`, in seconds since 1970.
        """
        now_s = self._clock().timestamp()
        life_s = max(until_s - now_s, 1.0)
        return not await in_thread(self._database.take, name, life_s, 1, now_s)

    def key(self, purpose: str) -> bytes:
        """32 bytes of this installation for one purpose, from which no other key follows."""
        return self._keys.digest(f"key {purpose}".encode())

    async def forget(self) -> None:
        """Drop links and tokens that ended more than FORGET_AFTER ago."""
        before = self._clock() - FORGET_AFTER
        await in_thread(self._database.forget_links, before)
        await in_thread(self._database.forget_tokens, before)

    async def _ask(
        self, statement: Callable[[bytes, datetime], User | None], code: Secret
    ) -> User | None:
        if not _CODE.fullmatch(code.reveal()):
            return None
        text, now = _link_text(code), self._clock()
        user = await in_thread(statement, self._keys.digest(text), now)
        old = self._keys.old_digest(text)
        if user is None and old is not None:
            user = await in_thread(statement, old, now)
        return user

    def _owner(self, user: User | None) -> User:
        if user is None:
            raise NotAdmitted("This link was used already, or is too old. Ask for a new one.")
        return user


def is_session(token: Token) -> bool:
    """Whether a token is a session: it ends by itself, and has just the scopes of one."""
    return token.expires_at is not None and token.scopes in _SCOPES


def _link_text(code: Secret) -> bytes:
    return b"link " + code.reveal().encode()


def _scopes(user: User) -> tuple[str, ...]:
    return _SCOPES[user.is_admin]
