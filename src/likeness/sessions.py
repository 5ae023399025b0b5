"""Use case: sign in. One-time links, sign-in by a provider or a proxy, and the sessions of both.

A session is a token of the person with an end of its own: the server can end it at any time, and
nothing that a browser keeps says more than that. Nothing here knows HTTP.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from likeness.accounts import Accounts
from likeness.db import Database
from likeness.email_address import normal_email
from likeness.errors import Mistake, NotAdmitted, Refusal
from likeness.keys import Keys
from likeness.log import Log
from likeness.model import ADMIN_SCOPE, WRITE_SCOPE, Caller, Secret, Team, User
from likeness.people import People
from likeness.threads import in_thread

SESSION_SCOPES: Final = ("users.profile:read", WRITE_SCOPE)
"""What the page needs, and no more."""

FORGET_AFTER: Final = timedelta(days=30)
"""How long ended links and tokens are kept, so that their owners are told that they ended."""

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""256 random bits in base64: nobody guesses one."""

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A new link: its code, which is shown this once, its user and its end."""

    code: Secret
    user: User
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in, and the token that says so."""

    user: User
    secret: Secret


class Sessions:
    """Opens and closes sessions.

    `workspaces` maps the domain of an address, or "" for every other domain, to the name of a
    workspace, for users whom a provider or a proxy signs in. Other addresses are refused.
    """

    def __init__(
        self,
        database: Database,
        people: People,
        accounts: Accounts,
        keys: Keys,
        clock: Callable[[], datetime],
        *,
        lifetime: timedelta,
        workspaces: Mapping[str, str],
    ) -> None:
        self._database = database
        self._people = people
        self._accounts = accounts
        self._keys = keys
        self._clock = clock
        self._workspaces = workspaces
        self.lifetime: Final = lifetime

    async def issue_link(self, email: str, lifetime: timedelta, workspace: str = "") -> IssuedLink:
        """A link that signs a user in once. Raises Mistake for bots and deactivated users."""
        user = await self._people.find(email, workspace)
        if user.is_bot or user.deleted_at is not None:
            state = "a bot" if user.is_bot else "deactivated"
            raise Mistake(f"{user.email} is {state}; only active people sign in")
        code, now = Secret(secrets.token_urlsafe(32)), self._clock()
        link = (self._keys.digest(_link_text(code)), user.id, now, now + lifetime)
        await in_thread(self._database.add_link, *link)
        return IssuedLink(code, user, now + lifetime)

    async def link_user(self, code: Secret) -> User:
        """The user whom a link would sign in; it stays usable. Raises NotAdmitted if it is not."""
        return self._owner(await self._ask(self._database.link_user, code))

    async def use_link(self, code: Secret) -> Session:
        """Sign a user in by their link, which is used up. Raises NotAdmitted if it was before."""
        return await self.open(self._owner(await self._ask(self._database.use_link, code)))

    async def admit(self, email: str, name: str) -> User:
        """The user with an address that a provider or a proxy vouches for; unknown ones are added.

        `name` is for new users. Raises NotAdmitted for deactivated users and bots, for a text that
        is no address or looks like another one, and for addresses that belong to no workspace.
        """
        try:
            address = normal_email(email)
        except Mistake as mistake:
            raise NotAdmitted(f"You cannot sign in by this address: {mistake}.") from mistake
        try:
            team = await self._people.team(self._workspace_of(address))
            user = await self._member(team, address, name)
        except Mistake as mistake:
            _log.warning("sign_in_refused", reason=str(mistake))
            raise NotAdmitted(
                "You are not known here, and could not be added. "
                "Ask whoever runs this service to look at its log."
            ) from mistake
        if user.deleted_at is not None or team.deleted_at is not None or user.is_bot:
            raise NotAdmitted("This account is deactivated, or is not a person's.")
        return user

    async def open(self, user: User) -> Session:
        """A new session of a user who has been authenticated."""
        issued = await self._accounts.issue_token_for(user, _scopes(user), self.lifetime)
        return Session(user, issued.secret)

    def is_fresh(self, caller: Caller) -> bool:
        """Whether a session has more than half its life to come, and the rights that its user has.

        A user who was promoted or demoted since it was opened has others.
        """
        if caller.token.expires_at is None or caller.token.scopes != _scopes(caller.user):
            return False
        return caller.token.expires_at - self._clock() > self.lifetime / 2

    async def close(self, secret: Secret | None) -> None:
        """End a session. One that is over already, or never was, is no error."""
        try:
            caller = await self._accounts.authenticate(secret)
        except Refusal:
            return
        await self._accounts.revoke(caller)

    def key(self, purpose: str) -> bytes:
        """32 bytes of this installation for one purpose, from which no other key follows."""
        return self._keys.digest(f"key {purpose}".encode())

    async def forget(self) -> None:
        """Drop links and tokens that ended more than FORGET_AFTER ago."""
        before = self._clock() - FORGET_AFTER
        await in_thread(self._database.forget_links, before)
        await in_thread(self._database.forget_tokens, before)

    async def _member(self, team: Team, address: str, name: str) -> User:
        """The user with this address, added if need be. Raises Mistake for no address."""
        user = await in_thread(self._database.user_by_address, team.id, address)
        if user is not None:
            return user
        try:
            return await self._people.add_user(address, team.id, name=_printable(name))
        except Mistake:
            # Two windows that open at once both find nobody; the second to add finds the first's.
            user = await in_thread(self._database.user_by_address, team.id, address)
            if user is None:
                raise
            return user

    def _workspace_of(self, address: str) -> str:
        domain = address.rpartition("@")[2]
        if not self._workspaces:
            return ""
        name = self._workspaces.get(domain, self._workspaces.get("", None))
        if name is None:
            raise NotAdmitted(f"Addresses of {domain[:100]} cannot sign in here.")
        return name

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


def _link_text(code: Secret) -> bytes:
    return b"link " + code.reveal().encode()


def _scopes(user: User) -> tuple[str, ...]:
    return (*SESSION_SCOPES, *([ADMIN_SCOPE] if user.is_admin else []))


def _printable(name: str) -> str:
    """A name as one line without control characters, for logs and terminals too."""
    kept = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(kept.split())
