"""Use case: be somebody. Workspaces, people, bots and the tokens that prove who is calling.

A token exists as text only where it is issued and where it is presented; the database has a keyed
digest. Valid tokens are not cached, so that a revoked one stops working at once.
"""

import base64
import binascii
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from likeness.db import Database, looked_up
from likeness.email_address import normal_email
from likeness.errors import (
    AccountInactive,
    InvalidAuth,
    InvalidCursor,
    Mistake,
    NotAuthed,
    TokenExpired,
    TokenRevoked,
    UserNotFound,
    UsersNotFound,
)
from likeness.model import ADMIN_SCOPE, Address, Caller, Secret, Team, Token, TokenKind, User
from likeness.threads import in_thread

_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_LETTERS: Final = string.ascii_uppercase + string.digits
_ID_LENGTH: Final = 10
"""36^10 ids: after a million people the next one collides with a chance of 3 in 10^10."""

_RANDOM_LENGTH: Final = 43
"""62^43 is just above 2^256."""

_CHECK_LENGTH: Final = 6
"""62^6 is just above 2^32, the range of a CRC-32."""

_TOKEN: Final = re.compile(
    rf"(?P<body>(?P<kind>xoxp|xoxb)-[0-9A-Za-z]{{{_RANDOM_LENGTH}}})"
    rf"(?P<check>[0-9A-Za-z]{{{_CHECK_LENGTH}}})"
)
_SCOPE: Final = re.compile(r"[a-z][a-z.:_]{0,63}")
_CURSOR_PREFIX: Final = "user:"
_NAME_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token: its text, which is shown this once, and its row."""

    secret: Secret
    token: Token


@dataclass(frozen=True, slots=True)
class UserPage:
    """Some users of a team. `next_cursor` is "" on the last page; `offset` is the id it names."""

    users: list[User]
    next_cursor: str
    offset: str


class Accounts:
    """Users, workspaces and tokens. `digest_key` keys the digests under which tokens are stored."""

    def __init__(
        self, database: Database, digest_key: bytes, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._digest_key = digest_key
        self._clock = clock

    async def authenticate(self, secret: Secret | None) -> Caller:
        """The caller that a token belongs to.

        Raises NotAuthed, InvalidAuth, AccountInactive, TokenRevoked or TokenExpired, in this order.
        A text whose checksum is wrong is refused without asking the database.
        """
        if secret is None or not secret.reveal():
            raise NotAuthed("no token was sent; send one as `Authorization: Bearer xoxp-...`")
        caller = await self._caller(secret)
        if caller is None:
            raise InvalidAuth("this token is not known here; issue one with `likeness token issue`")
        self._check_life(caller)
        return caller

    async def user(self, team_id: str, user_id: str) -> User:
        """One user of a team. Raises UserNotFound."""
        user = await in_thread(self._database.user, team_id, user_id)
        if user is None:
            raise UserNotFound(
                f"there is no user {user_id[:32]!r} in this workspace; users.list names them all",
                argument="user",
            )
        return user

    async def user_by_email(self, team_id: str, email: str) -> User:
        """The active user of a team with this address. Raises UsersNotFound."""
        try:
            users = await self._addressed(normal_email(email), team_id)
        except Mistake as mistake:
            raise UsersNotFound(str(mistake), argument="email") from mistake
        active = [user for user in users if user.deleted_at is None]
        if not active:
            raise UsersNotFound(
                "nobody active in this workspace has this e-mail address", argument="email"
            )
        return active[0]

    async def users(self, team_id: str, cursor: str, limit: int) -> UserPage:
        """A page of at most `limit` users, deactivated ones included. Raises InvalidCursor."""
        from_id = _read_cursor(cursor) if cursor else ""
        found = await in_thread(self._database.users_page, team_id, from_id, limit + 1)
        offset = found[limit].id if len(found) > limit else ""
        return UserPage(found[:limit], _cursor(offset) if offset else "", offset)

    async def revoke(self, caller: Caller) -> None:
        """End the token that the caller used."""
        await in_thread(self._database.revoke_token, caller.token.id, self._clock())

    async def teams(self) -> list[Team]:
        """Every workspace."""
        return await in_thread(self._database.teams)

    async def team(self, workspace: str = "") -> Team:
        """The workspace of that name, domain or id; the only one there is when none is named.

        Raises Mistake when there is none, or more than one.
        """
        teams = await self.teams()
        fitting = [team for team in teams if workspace in {"", team.id, team.name, team.domain}]
        if len(fitting) == 1:
            return fitting[0]
        if not teams:
            raise Mistake("there is no workspace yet; add one with `likeness workspace add`")
        names = ", ".join(team.name for team in teams)
        raise Mistake(f"say which workspace with --workspace; there are: {names}")

    async def add_team(self, name: str) -> Team:
        """Add a workspace. Raises Mistake when the name is empty, too long or taken."""
        name = name.strip()
        domain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        if not domain or len(name) > _NAME_LENGTH_MAX:
            raise Mistake(f"{name!r} is no name for a workspace: it needs letters or digits")
        team = Team(_new_id("T"), name, domain, self._clock())
        await in_thread(self._database.add_team, team)
        return team

    async def add_user(
        self, email: str, workspace: str = "", *, name: str = "", is_bot: bool = False
    ) -> User:
        """Add a person or a bot. `workspace` may be left out when there is only one.

        Raises Mistake for a text that is no address, and for the address of another user there.
        """
        address, team = normal_email(email), await self.team(workspace)
        local = address.partition("@")[0]
        now = self._clock()
        user = User(
            id=_new_id("U"),
            team_id=team.id,
            email=address,
            name=local,
            real_name=name.strip()[:_NAME_LENGTH_MAX] or local,
            is_bot=is_bot,
            bot_id=_new_id("B") if is_bot else None,
            created_at=now,
            updated_at=now,
        )
        await in_thread(self._database.add_user, user, email.strip())
        return user

    async def addresses(self, email: str, workspace: str = "") -> list[Address]:
        """Every address of somebody, the first one first. Raises Mistake as `find` does."""
        user = await self.find(email, workspace)
        return await in_thread(self._database.addresses, user.id)

    async def add_address(self, email: str, another: str, workspace: str = "") -> Address:
        """Let somebody be found by one more address, which you have made sure is theirs.

        Raises Mistake when it is no address, or somebody's in that workspace already.
        """
        user, normal = await self.find(email, workspace), normal_email(another)
        address = Address(user.team_id, user.id, normal, another.strip(), self._clock())
        await in_thread(self._database.add_address, address)
        return address

    async def remove_address(self, email: str, another: str, workspace: str = "") -> Address:
        """Take one of somebody's further addresses away. Raises Mistake when it is not theirs."""
        user, normal = await self.find(email, workspace), normal_email(another)
        if normal == user.email:
            raise Mistake(f"{normal} is who they are; only further addresses can be removed")
        theirs = await in_thread(self._database.addresses, user.id)
        address = next((each for each in theirs if each.email == normal), None)
        if address is None:
            raise Mistake(f"{normal} is no address of {user.email}")
        await in_thread(self._database.remove_address, address)
        return address

    async def set_listed(self, email: str, workspace: str = "", *, is_listed: bool) -> User:
        """Let somebody be found by the hashes of their addresses, or by none of them."""
        user = await self.find(email, workspace)
        await in_thread(self._database.set_listed, user.id, is_listed=is_listed)
        return replace(user, is_listed=is_listed)

    async def set_admin(self, email: str, workspace: str = "", *, is_admin: bool) -> User:
        """Let somebody administer their workspace, or no longer.

        In that case every token of theirs that may write other people's photos ends at once.
        """
        user = await self.find(email, workspace)
        if user.is_bot:
            raise Mistake(f"{user.email} is a bot; only people administer a workspace")
        await in_thread(self._database.set_admin, user.id, is_admin=is_admin)
        if not is_admin:
            now = self._clock()
            await in_thread(self._database.revoke_tokens, user.id, ADMIN_SCOPE, now)
        return replace(user, is_admin=is_admin)

    async def find(self, email: str, workspace: str = "") -> User:
        """Somebody by address. Raises Mistake when nobody has it, or several in as many teams.

        One that is kept in the very form that was typed is found first: that is how somebody is
        reached whose address older versions kept in a form that is not the normal one.
        """
        team_id = (await self.team(workspace)).id if workspace else None
        address = email.strip()
        users = await self._addressed(address, team_id)
        users = users or await self._addressed(normal_email(email), team_id)
        if not users:
            raise Mistake(f"nobody has the address {address}; add them with `likeness user add`")
        if len(users) > 1:
            raise Mistake(f"{address} is in {len(users)} workspaces; say which with --workspace")
        return users[0]

    async def deactivate(self, email: str, workspace: str = "") -> User:
        """End somebody's account, and with it tokens, sessions, links and prepared pictures."""
        user = await self.find(email, workspace)
        await in_thread(self._database.deactivate_user, user.id, self._clock())
        return await self.user(user.team_id, user.id)

    async def issue_token(
        self,
        email: str,
        scopes: tuple[str, ...],
        lifetime: timedelta | None,
        workspace: str = "",
    ) -> IssuedToken:
        """A new token for somebody: `xoxb-` for bots, `xoxp-` for people."""
        wrong = [scope for scope in scopes if not _SCOPE.fullmatch(scope)]
        if wrong:
            raise Mistake(f"{wrong[0]!r} is no scope; write one like users.profile:write")
        return await self.issue_token_for(await self.find(email, workspace), scopes, lifetime)

    async def issue_token_for(
        self, user: User, scopes: tuple[str, ...], lifetime: timedelta | None
    ) -> IssuedToken:
        """A new token for this user. The scopes are not checked, unlike in `issue_token`."""
        now = self._clock()
        kind = TokenKind.BOT if user.is_bot else TokenKind.USER
        secret = new_token_text(kind)

        token = await in_thread(
            self._database.add_token,
            digest=self._digest(secret),
            user_id=user.id,
            kind=kind,
            scopes=tuple(dict.fromkeys(scopes)),
            created_at=now,
            expires_at=now + lifetime if lifetime is not None else None,
        )
        return IssuedToken(secret, token)

    async def revoke_text(self, secret: Secret) -> Token:
        """End the token with this text. Raises Mistake when it is unknown."""
        caller = await self._caller(secret)
        if caller is None:
            raise Mistake("this token is not known here; nothing was revoked")
        await self.revoke(caller)
        return caller.token

    async def tokens_of(self, email: str, workspace: str = "") -> list[Token]:
        """Somebody's tokens and sessions, newest first, also those that are over."""
        user = await self.find(email, workspace)
        return await in_thread(self._database.tokens_of, user.id)

    async def revoke_id(self, token_id: int) -> Token:
        """End the token with this id. Raises Mistake when there is none."""
        token = await in_thread(self._database.token, token_id)
        if token is None:
            raise Mistake(
                f"there is no token {token_id}; `likeness token list EMAIL` tells the ids of "
                "somebody's; nothing was revoked"
            )
        await in_thread(self._database.revoke_token, token_id, self._clock())
        return token

    async def revoke_all(self, email: str, workspace: str = "") -> int:
        """End all tokens, sessions and links of somebody; how many tokens and sessions."""
        user = await self.find(email, workspace)
        return await in_thread(self._database.end_access, user.id, self._clock())

    async def _addressed(self, email: str, team_id: str | None) -> list[User]:
        return await in_thread(self._database.users_by_email, email, team_id)

    async def _caller(self, secret: Secret) -> Caller | None:
        if not is_well_formed(secret):
            return None
        return await looked_up(self._database, self._database.caller, self._digest(secret))

    def _check_life(self, caller: Caller) -> None:
        if caller.user.deleted_at or caller.team.deleted_at:
            raise AccountInactive("the account or the workspace of this token was deactivated")
        if caller.token.revoked_at:
            raise TokenRevoked("this token was revoked; ask for a new one")
        if caller.token.expires_at and caller.token.expires_at <= self._clock():
            raise TokenExpired("the life of this token is over; ask for a new one")

    def _digest(self, secret: Secret) -> bytes:
        return hmac.digest(self._digest_key, secret.reveal().encode(), "sha256")


def new_token_text(kind: TokenKind) -> Secret:
    """A token: Slack's prefix, 256 random bits, and a checksum that finds most typing errors."""
    random = "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM_LENGTH))
    body = f"{kind.value}-{random}"
    return Secret(body + _checksum(body))


def is_well_formed(secret: Secret) -> bool:
    """Whether a text has the shape and the checksum of a token. Says nothing of its validity."""
    match = _TOKEN.fullmatch(secret.reveal())
    return match is not None and match["check"] == _checksum(match["body"])


def _checksum(text: str) -> str:
    """The CRC-32 of a text as six digits of base 62."""
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(_CHECK_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def _new_id(prefix: str) -> str:
    """An id in Slack's shape: a letter for its kind, then capitals and digits."""
    return prefix + "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))


def _cursor(user_id: str) -> str:
    """The cursor of a page that begins with this user (contract § 7.5)."""
    return base64.b64encode(f"{_CURSOR_PREFIX}{user_id}".encode()).decode()


def _read_cursor(cursor: str) -> str:
    """The id in a cursor. Raises InvalidCursor for a text that is none of ours."""
    try:
        text = base64.b64decode(cursor, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    if not text.startswith(_CURSOR_PREFIX):
        raise InvalidCursor(
            "this cursor was not handed out here; send the `next_cursor` of the page before",
            argument="cursor",
        )
    return text.removeprefix(_CURSOR_PREFIX)
