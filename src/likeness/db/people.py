"""Statements about teams, users and tokens."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, false, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from likeness.db.addresses import note_address
from likeness.db.connection import Connected
from likeness.db.events import note
from likeness.db.notices import announce, announce_person
from likeness.db.rows import callers, team_of, token_of, user_of, users_with_photos
from likeness.db.schema import links, teams, tokens, users
from likeness.db.staged import end_staged
from likeness.errors import Mistake
from likeness.events import OPERATOR, Actor, Verb
from likeness.model import ADMIN_SCOPE, NOBODY, Address, Caller, Team, Token, TokenKind, User

_CALLER: Final = callers().where(tokens.c.digest == bindparam("digest"))
_CALLER_OF_EITHER: Final = callers().where(
    tokens.c.digest.in_([bindparam("digest"), bindparam("old")])
)
"""Both built once: every call begins with it, and building takes longer than running it."""


class People(Connected):
    """Teams, users and their tokens."""

    def add_team(self, team: Team) -> None:
        """Add a team. Raises Mistake when its name or domain is taken."""
        try:
            with self._write() as connection:
                connection.execute(insert(teams).values(**asdict(team)))
        except IntegrityError as error:
            raise Mistake(f"there is a workspace {team.name!r} ({team.domain}) already") from error

    def teams(self) -> list[Team]:
        """Every team, oldest first."""
        with self._read() as connection:
            rows = connection.execute(select(teams).order_by(teams.c.created_at, teams.c.id))
            return [team_of(row) for row in rows.mappings()]

    def add_user(self, user: User, entered: str = "") -> None:
        """Add a user without a photo. Raises Mistake when the team has the address already.

        `entered` is the address as it was typed, where that is not its normal form.
        """
        first = Address(user.team_id, user.id, user.email, entered or user.email, user.created_at)
        values = asdict(user)
        del values["photo"]
        try:
            with self._write() as connection:
                connection.execute(insert(users).values(**values))
                note_address(connection, first)
                announce_person(connection, user.id, NOBODY)
        except IntegrityError as error:
            raise Mistake(self._why_taken(user)) from error

    def _why_taken(self, user: User) -> str:
        ended = [each.deleted_at for each in self.users_by_email(user.email, user.team_id)]
        if not any(ended):
            return f"{user.email} is in that workspace already"
        return (
            f"{user.email} is in that workspace already, and was deactivated on "
            f"{ended[0]:%Y-%m-%d}, which is for good; add them by another address"
        )

    def user(self, team_id: str, user_id: str) -> User | None:
        """One user of a team, deactivated or not."""
        chosen = users_with_photos().where(users.c.id == user_id, users.c.team_id == team_id)
        with self._read() as connection:
            row = connection.execute(chosen).mappings().one_or_none()
            return user_of(row) if row else None

    def users_by_email(self, email: str, team_id: str | None = None) -> list[User]:
        """The users with this first address, in one team or in all."""
        chosen = users_with_photos().where(users.c.email == email).order_by(users.c.id)
        if team_id is not None:
            chosen = chosen.where(users.c.team_id == team_id)
        with self._read() as connection:
            return [user_of(row) for row in connection.execute(chosen).mappings()]

    def users_page(self, team_id: str, from_id: str, limit: int) -> list[User]:
        """At most `limit` users of a team in the order of their ids, starting at `from_id`."""
        chosen = (
            users_with_photos()
            .where(users.c.team_id == team_id, users.c.id >= from_id)
            .order_by(users.c.id)
            .limit(limit)
        )
        with self._read() as connection:
            return [user_of(row) for row in connection.execute(chosen).mappings()]

    def deactivate_user(self, user_id: str, at: datetime) -> None:
        """End an account for good, with all that somebody could still do by it. Its photo stays.

        Tokens, sessions, links and prepared pictures end in the same transaction, so that nothing
        of them is there again should the account ever be.
        """
        with self._write() as connection:
            connection.execute(
                update(users).where(users.c.id == user_id).values(deleted_at=at, updated_at=at)
            )
            _end_access(connection, user_id, at)
            end_staged(connection, user_id)
            announce_person(connection, user_id)

    def deactivate_team(self, team_id: str, at: datetime) -> None:
        """End a whole workspace."""
        with self._write() as connection:
            connection.execute(update(teams).where(teams.c.id == team_id).values(deleted_at=at))
            announce(connection)

    def add_token(
        self,
        *,
        digest: bytes,
        user_id: str,
        kind: TokenKind,
        scopes: Sequence[str],
        created_at: datetime,
        expires_at: datetime | None,
        issuer: str | None = None,
        sid: str | None = None,
    ) -> Token:
        """Keep the digest of a new token; of a session, with the one at a provider if there is."""
        added = insert(tokens).values(
            digest=digest,
            user_id=user_id,
            kind=kind.value,
            scopes=" ".join(scopes),
            created_at=created_at,
            expires_at=expires_at,
            issuer=issuer,
            sid=sid,
        )
        with self._write() as connection:
            row = connection.execute(added.returning(*tokens.columns)).mappings().one()
            return token_of(row)

    def caller(
        self, digest: bytes, *, old: bytes | None = None, at_once: bool = False
    ) -> Caller | None:
        """The token, user, team and photo of a token digest, by one statement.

        `old` is another digest under which the token may be kept, `at_once` is as in `listed`.
        """
        chosen = _CALLER if old is None else _CALLER_OF_EITHER
        digests = {"digest": digest} | ({} if old is None else {"old": old})
        with self._glance() if at_once else self._read() as connection:
            row = connection.execute(chosen, digests).mappings().one_or_none()
            if row is None:
                return None
            return Caller(user_of(row), team_of(row, "teams__"), token_of(row, "tokens__"))

    def set_admin(
        self, user_id: str, at: datetime, actor: Actor = OPERATOR, *, is_admin: bool
    ) -> None:
        """Let a user administer their team, as `actor` wants; or not, which ends what says so."""
        verb = Verb.USER_PROMOTED if is_admin else Verb.USER_DEMOTED
        values = {"is_admin": is_admin, "admin_source": actor.source if is_admin else None}
        mine = users.c.id == user_id
        with self._write() as connection:
            was_admin = connection.execute(select(users.c.is_admin).where(mine)).scalar_one()
            connection.execute(update(users).where(mine).values(values))
            if not is_admin:
                _revoke_having(connection, user_id, ADMIN_SCOPE, at)
            if was_admin is not is_admin:
                note(connection, at, actor, user_id, verb)

    def revoke_tokens(self, user_id: str, scope: str, at: datetime) -> None:
        """End every token of a user that has a scope."""
        with self._write() as connection:
            _revoke_having(connection, user_id, scope, at)

    def forget_tokens(self, before: datetime) -> None:
        """Drop the tokens whose life was over before a moment."""
        with self._write() as connection:
            connection.execute(delete(tokens).where(tokens.c.expires_at < before))

    def tokens_of(self, user_id: str) -> list[Token]:
        """Every token and session of a user, ended ones included, newest first."""
        chosen = select(tokens).where(tokens.c.user_id == user_id)
        with self._read() as connection:
            rows = connection.execute(
                chosen.order_by(tokens.c.created_at.desc(), tokens.c.id.desc())
            )
            return [token_of(row) for row in rows.mappings()]

    def token(self, token_id: int) -> Token | None:
        """A token by its id, also one that has ended."""
        with self._read() as connection:
            row = connection.execute(select(tokens).where(tokens.c.id == token_id)).mappings()
            found = row.one_or_none()
            return token_of(found) if found else None

    def renew_digest(self, old: bytes, digest: bytes) -> None:
        """Keep a token under another digest; where that was done already, nothing changes."""
        with self._write() as connection:
            connection.execute(update(tokens).where(tokens.c.digest == old).values(digest=digest))

    def end_all_access(self, at: datetime) -> int:
        """End every token, session and link of everybody; how many tokens and sessions lived."""
        over = tokens.c.revoked_at.is_not(None) | (tokens.c.expires_at <= at)
        with self._write() as connection:
            lived = func.count().filter(~func.coalesce(over, false()))
            count = connection.execute(select(lived).select_from(tokens)).scalar_one()
            valid = tokens.c.revoked_at.is_(None)
            connection.execute(update(tokens).where(valid).values(revoked_at=at))
            connection.execute(update(links).where(links.c.used_at.is_(None)).values(used_at=at))
            return int(count)

    def end_access(self, user_id: str, at: datetime) -> int:
        """End every token, session and link of a user; how many tokens and sessions there were."""
        with self._write() as connection:
            return _end_access(connection, user_id, at)

    def revoke_token(self, token_id: int, at: datetime) -> None:
        """End a token; a second time changes nothing."""
        still_valid = (tokens.c.id == token_id) & tokens.c.revoked_at.is_(None)
        with self._write() as connection:
            connection.execute(update(tokens).where(still_valid).values(revoked_at=at))


def _end_access(connection: Connection, user_id: str, at: datetime) -> int:
    theirs = (tokens.c.user_id == user_id) & tokens.c.revoked_at.is_(None)
    ended = connection.execute(update(tokens).where(theirs).values(revoked_at=at)).rowcount
    unused = (links.c.user_id == user_id) & links.c.used_at.is_(None)
    connection.execute(update(links).where(unused).values(used_at=at))
    return ended


def _revoke_having(connection: Connection, user_id: str, scope: str, at: datetime) -> None:
    theirs = (tokens.c.user_id == user_id) & tokens.c.revoked_at.is_(None)
    having = (" " + tokens.c.scopes + " ").contains(f" {scope} ", autoescape=True)
    connection.execute(update(tokens).where(theirs, having).values(revoked_at=at))
