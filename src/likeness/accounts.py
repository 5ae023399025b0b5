"""Use case: API tokens. Issue, revoke and authenticate them; find the users a caller may see.

A token exists as text only where it is issued and where it is presented; the database has a keyed
digest. Valid tokens are not cached, so that a revoked one stops working at once.
"""

import base64
import binascii
import re
import secrets
import string
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from likeness.db import Database, looked_up
from likeness.email_address import normal_email
from likeness.errors import (
    AccountInactive,
    BotNotFound,
    InvalidAuth,
    InvalidCursor,
    Mistake,
    NotAuthed,
    ServiceUnavailable,
    TokenExpired,
    TokenRevoked,
    UserNotFound,
    UsersNotFound,
)
from likeness.events import OPERATOR, Actor
from likeness.identities import Claims
from likeness.keys import Keys
from likeness.model import (
    Caller,
    Secret,
    Token,
    TokenKind,
    User,
)
from likeness.people import People
from likeness.scopes import SCIM_SCOPE, SCOPES
from likeness.threads import in_thread

_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_LENGTH: Final = 43
"""62^43 is just above 2^256."""

_CHECK_LENGTH: Final = 6
"""62^6 is just above 2^32, the range of a CRC-32."""

_TOKEN: Final = re.compile(
    rf"(?P<body>(?P<kind>xoxp|xoxb)-[0-9A-Za-z]{{{_RANDOM_LENGTH}}})"
    rf"(?P<check>[0-9A-Za-z]{{{_CHECK_LENGTH}}})"
)
_CURSOR_PREFIX: Final = "user:"


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
    """Tokens and the users they speak for. `keys` make the digests that tokens are stored under."""

    def __init__(
        self, database: Database, people: People, keys: Keys, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._people = people
        self._keys = keys
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
            raise _unknown(user_id)
        return user

    async def bot(self, team_id: str, bot_id: str) -> User:
        """The bot of a team with this id, which begins with B. Raises BotNotFound."""
        bot = await in_thread(self._database.bot, team_id, bot_id)
        if bot is None:
            raise BotNotFound(
                f"no bot of this workspace has the id {bot_id[:40]!r}; `auth.test` with the bot's "
                "token says its `bot_id`",
                argument="bot",
            )
        return bot

    async def users_among(self, team_id: str, user_ids: Sequence[str]) -> list[User]:
        """Users of a team, in the order of their ids here. Raises UserNotFound for the first other.

        They are looked up together.
        """
        found = await in_thread(self._database.users_among, set(user_ids))
        users = []
        for user_id in user_ids:
            user = found.get(user_id)
            if user is None or user.team_id != team_id:
                raise _unknown(user_id)
            users.append(user)
        return users

    async def user_by_email(self, team_id: str, email: str) -> User:
        """The active user of a team with this address, their first or another.

        Raises UsersNotFound.
        """
        try:
            address = normal_email(email)
        except Mistake as mistake:
            raise UsersNotFound(str(mistake), argument="email") from mistake
        user = await in_thread(self._database.user_by_address, team_id, address)
        if user is None or user.deleted_at is not None:
            raise UsersNotFound(
                "nobody active in this workspace has this e-mail address", argument="email"
            )
        return user

    async def users(self, team_id: str, cursor: str, limit: int) -> UserPage:
        """A page of at most `limit` users, deactivated ones included. Raises InvalidCursor."""
        from_id = _read_cursor(cursor) if cursor else ""
        found = await in_thread(self._database.users_page, team_id, from_id, limit + 1)
        offset = found[limit].id if len(found) > limit else ""
        return UserPage(found[:limit], _cursor(offset) if offset else "", offset)

    async def revoke(self, caller: Caller) -> None:
        """End the token that the caller used."""
        await in_thread(self._database.revoke_token, caller.token.id, self._clock())

    async def issue_token(
        self,
        email: str,
        scopes: tuple[str, ...],
        lifetime: timedelta | None,
        workspace: str = "",
        by: Actor = OPERATOR,
    ) -> IssuedToken:
        """A new token for somebody: `xoxb-` for bots, `xoxp-` for people.

        Raises Mistake for a scope that nobody asks for, for one of directories that a person is to
        have, and for somebody who was deactivated.
        """
        wrong = [scope for scope in scopes if scope not in SCOPES]
        if wrong:
            raise Mistake(f"{wrong[0]!r} is no scope; there are: {', '.join(SCOPES)}")
        user = await self._people.find_active(email, workspace)
        if SCIM_SCOPE in scopes and not user.is_bot:
            raise Mistake(
                f"{user.email} is a person, and {SCIM_SCOPE} is for the bot of a directory; "
                "`likeness user add directory@... --bot` adds one"
            )
        return await self.issue_token_for(user, scopes, lifetime, by=by)

    async def issue_token_for(
        self,
        user: User,
        scopes: tuple[str, ...],
        lifetime: timedelta | None,
        claims: Claims | None = None,
        by: Actor | None = None,
    ) -> IssuedToken:
        """A new token for this user, told in the log where it is given `by` somebody.

        By `claims` a provider vouched for them, which can end the token then. The scopes are not
        checked, unlike in `issue_token`.
        """
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
            issuer=claims.issuer if claims else None,
            sid=claims.sid if claims else None,
            actor=by,
        )
        return IssuedToken(secret, token)

    async def revoke_text(self, secret: Secret, by: Actor = OPERATOR) -> Token:
        """End the token with this text. Raises Mistake when it is unknown."""
        caller = await self._caller(secret)
        if caller is None:
            raise Mistake("this token is not known here; nothing was revoked")
        await in_thread(self._database.revoke_token, caller.token.id, self._clock(), by)
        return caller.token

    async def tokens_of(self, email: str, workspace: str = "") -> list[Token]:
        """Somebody's tokens and sessions, newest first, also those that are over."""
        user = await self._people.find(email, workspace)
        return await in_thread(self._database.tokens_of, user.id)

    async def revoke_id(self, token_id: int, by: Actor = OPERATOR) -> Token:
        """End the token with this id. Raises Mistake when there is none."""
        token = await in_thread(self._database.token, token_id)
        if token is None:
            raise Mistake(
                f"there is no token {token_id}; `likeness token list EMAIL` tells the ids of "
                "somebody's; nothing was revoked"
            )
        await in_thread(self._database.revoke_token, token_id, self._clock(), by)
        return token

    async def revoke_all(self, email: str, workspace: str = "", by: Actor = OPERATOR) -> int:
        """End all tokens, sessions and links of somebody; how many tokens and sessions."""
        user = await self._people.find(email, workspace)
        return await in_thread(self._database.end_access, user.id, self._clock(), by)

    async def _caller(self, secret: Secret) -> Caller | None:
        if not is_well_formed(secret):
            return None
        text = secret.reveal().encode()
        digest, old = self._keys.digest(text), self._keys.old_digest(text)
        caller = await looked_up(self._database, partial(self._database.caller, old=old), digest)
        if caller is not None and old is not None and caller.token.digest == old:
            # Where nothing can be written now, a later call of the same token will do it.
            with suppress(ServiceUnavailable):
                await in_thread(self._database.renew_digest, old, digest)
        return caller

    def _check_life(self, caller: Caller) -> None:
        if caller.user.deleted_at or caller.team.deleted_at:
            raise AccountInactive("the account or the workspace of this token was deactivated")
        if caller.token.revoked_at:
            raise TokenRevoked("this token was revoked; ask for a new one")
        if caller.token.expires_at and caller.token.expires_at <= self._clock():
            raise TokenExpired("the life of this token is over; ask for a new one")

    def _digest(self, secret: Secret) -> bytes:
        return self._keys.digest(secret.reveal().encode())


def _unknown(user_id: str) -> UserNotFound:
    return UserNotFound(
        f"there is no user {user_id[:32]!r} in this workspace; users.list names them all",
        argument="user",
    )


def token_in(authorization: Sequence[str]) -> Secret | None:
    """The bearer token in the values of the header `Authorization`, whether or not it is any good.

    Two values are one with a comma, by HTTP's own rules, and so make a token that nobody has.
    """
    scheme, _, token = ", ".join(authorization).partition(" ")
    return Secret(token.strip()) if scheme.lower() == "bearer" and token.strip() else None


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
