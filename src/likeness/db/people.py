"""Statements about teams, users and tokens."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    false,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from likeness.db.addresses import note_address, take_from_leaver
from likeness.db.connection import Connected
from likeness.db.copies import mark_team
from likeness.db.events import note
from likeness.db.notices import announce, announce_person
from likeness.db.portions import portions
from likeness.db.rows import callers, team_of, token_of, user_of, users_with_photos
from likeness.db.schema import links, teams, tokens, users
from likeness.db.searching import note_names
from likeness.db.staged import end_staged
from likeness.errors import Mistake
from likeness.events import OPERATOR, Actor, Verb
from likeness.model import NOBODY, Address, Caller, Team, Token, TokenKind, User
from likeness.scopes import ADMIN_SCOPE

_CALLER: Final = callers().where(tokens.c.digest == bindparam("digest"))
_CALLER_OF_EITHER: Final = callers().where(
    tokens.c.digest.in_([bindparam("digest"), bindparam("old")])
)
"""Both built once: every call begins with it, and building takes longer than running it."""


class People(Connected):
    """Teams, users and their tokens."""

    def add_team(self, team: Team, actor: Actor = OPERATOR) -> None:
        """Add a team. Raises Mistake when its name or domain is taken."""
        try:
            with self._write() as connection:
                connection.execute(insert(teams).values(**asdict(team)))
                note(connection, team.created_at, actor, team.id, Verb.WORKSPACE_ADDED)
        except IntegrityError as error:
            raise Mistake(f"there is a workspace {team.name!r} ({team.domain}) already") from error

    def rename_team(self, team: Team, at: datetime, actor: Actor = OPERATOR) -> None:
        """Give a team the name and domain that it has here. Raises Mistake when one is taken."""
        values = {"name": team.name, "domain": team.domain}
        try:
            with self._write() as connection:
                connection.execute(update(teams).where(teams.c.id == team.id).values(values))
                note(connection, at, actor, team.id, Verb.WORKSPACE_RENAMED)
        except IntegrityError as error:
            raise Mistake(f"there is a workspace {team.name!r} ({team.domain}) already") from error

    def teams(self) -> list[Team]:
        """Every team, oldest first."""
        with self._read() as connection:
            rows = connection.execute(select(teams).order_by(teams.c.created_at, teams.c.id))
            return [team_of(row) for row in rows.mappings()]

    def add_user(
        self,
        user: User,
        entered: str = "",
        actor: Actor = OPERATOR,
        *,
        succeeds: bool = False,
    ) -> None:
        """Add a user without a photo. Raises Mistake when the team has the address already.

        `entered` is the address as it was typed, where that is not its normal form. Who `succeeds`
        takes it from somebody who was deactivated.
        """
        first = Address(user.team_id, user.id, user.email, entered or user.email, user.created_at)
        try:
            with self._write() as connection:
                if succeeds:
                    take_from_leaver(connection, first, actor)
                insert_user(connection, user, first, actor)
        except IntegrityError as error:
            raise Mistake(self._why_taken(user)) from error

    def _why_taken(self, user: User) -> str:
        ended = [each.deleted_at for each in self.users_by_email(user.email, user.team_id)]
        if not any(ended):
            return f"{user.email} is in that workspace already"
        return (
            f"{user.email} is in that workspace already, and was deactivated on "
            f"{ended[0]:%Y-%m-%d}; have them back with `likeness user reactivate`, or give the "
            "address to somebody else with `likeness user add`"
        )

    def user(self, team_id: str, user_id: str) -> User | None:
        """One user of a team, deactivated or not."""
        chosen = users_with_photos().where(users.c.id == user_id, users.c.team_id == team_id)
        with self._read() as connection:
            row = connection.execute(chosen).mappings().one_or_none()
            return user_of(row) if row else None

    def bot(self, team_id: str, bot_id: str) -> User | None:
        """The bot of a team with this id, deactivated or not."""
        chosen = users_with_photos().where(users.c.team_id == team_id, users.c.bot_id == bot_id)
        with self._read() as connection:
            row = connection.execute(chosen).mappings().one_or_none()
            return user_of(row) if row else None

    def users_among(self, user_ids: Collection[str]) -> dict[str, User]:
        """The users with these ids as they are now, by their ids."""
        found = dict[str, User]()
        with self._read() as connection:
            for some in portions(user_ids):
                chosen = users_with_photos().where(users.c.id.in_(some))
                rows = connection.execute(chosen).mappings()
                found.update((row["id"], user_of(row)) for row in rows)
        return found

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

    def deactivate_user(self, user_id: str, at: datetime, actor: Actor = OPERATOR) -> None:
        """End an account for good, with all that somebody could still do by it. Its photo stays.

        Tokens, sessions, links and prepared pictures end in the same transaction, so that nothing
        of them is there again should the account ever be.
        """
        with self._write() as connection:
            end_account(connection, user_id, at, actor)

    def deactivate_team(self, team_id: str, at: datetime, actor: Actor = OPERATOR) -> None:
        """End a whole workspace for good."""
        ending = update(teams).where(teams.c.id == team_id)
        with self._write() as connection:
            if not connection.execute(ending.values(deleted_at=at)).rowcount:
                return
            note(connection, at, actor, team_id, Verb.WORKSPACE_REMOVED)
            mark_team(connection, team_id)
            announce(connection)

    def reactivate_user(self, user_id: str, at: datetime, actor: Actor = OPERATOR) -> None:
        """Let somebody be here again who was deactivated. What that ended stays ended."""
        with self._write() as connection:
            reopen_account(connection, user_id, at, actor)

    def rename_user(
        self, user_id: str, real_name: str, at: datetime, actor: Actor = OPERATOR
    ) -> None:
        """Give a user another full name."""
        values = {"real_name": real_name, "updated_at": at}
        with self._write() as connection:
            connection.execute(update(users).where(users.c.id == user_id).values(values))
            note_names(connection, [user_id])
            note(connection, at, actor, user_id, Verb.USER_RENAMED)
            announce_person(connection, user_id, NOBODY)

    def set_lock(
        self, user_id: str, reason: str | None, at: datetime, actor: Actor = OPERATOR
    ) -> None:
        """Let only administrators decide on a user's photo, for a reason; or no longer."""
        verb = Verb.USER_UNLOCKED if reason is None else Verb.USER_LOCKED
        with self._write() as connection:
            locking = update(users).where(users.c.id == user_id)
            connection.execute(locking.values(lock_reason=reason))
            note(connection, at, actor, user_id, verb, detail=reason)

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
        actor: Actor | None = None,
    ) -> Token:
        """Keep the digest of a new token; of a session, with the one at a provider if there is.

        With an `actor` it is told in the log.
        """
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
            if actor is not None:
                told = f"token {row['id']}: {row['scopes'] or 'no scopes'}"
                note(connection, created_at, actor, user_id, Verb.ACCESS_GIVEN, detail=told)
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
            turned = update(users).where(mine, users.c.is_admin != is_admin).values(values)
            is_changed = connection.execute(turned).rowcount
            connection.execute(update(users).where(mine).values(values))
            if not is_admin:
                _revoke_having(connection, user_id, ADMIN_SCOPE, at)
            if is_changed:
                note(connection, at, actor, user_id, verb)

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

    def end_access(self, user_id: str, at: datetime, actor: Actor = OPERATOR) -> int:
        """End every token, session and link of a user; how many tokens and sessions there were."""
        with self._write() as connection:
            ended = _end_access(connection, user_id, at)
            told = f"{ended} tokens and sessions, and all links"
            note(connection, at, actor, user_id, Verb.ACCESS_ENDED, detail=told)
            return ended

    def end_sessions(
        self,
        user_id: str,
        scopes: Sequence[Sequence[str]],
        at: datetime,
        actor: Actor = OPERATOR,
    ) -> int:
        """End every link of a user, and the tokens that sessions are; how many of these lived.

        They are those with an end of their own and with just one of these sets of scopes.
        """
        alike = tokens.c.scopes.in_([" ".join(each) for each in scopes])
        chosen = alike & (tokens.c.expires_at > at)
        with self._write() as connection:
            ended = _end_access(connection, user_id, at, chosen)
            told = f"{ended} sessions, and all links"
            note(connection, at, actor, user_id, Verb.ACCESS_ENDED, detail=told)
            return ended

    def revoke_token(self, token_id: int, at: datetime, actor: Actor | None = None) -> None:
        """End a token; a second time changes nothing. With an `actor` it is told in the log."""
        still_valid = (tokens.c.id == token_id) & tokens.c.revoked_at.is_(None)
        ending = update(tokens).where(still_valid).values(revoked_at=at)
        with self._write() as connection:
            row = connection.execute(ending.returning(tokens.c.user_id)).one_or_none()
            if row is not None and actor is not None:
                told = f"token {token_id}"
                note(connection, at, actor, row.user_id, Verb.ACCESS_ENDED, detail=told)


def insert_user(connection: Connection, user: User, first: Address, actor: Actor) -> None:
    """Add a user without a photo within a transaction. Raises IntegrityError, see `add_user`."""
    values = asdict(user)
    del values["photo"]
    connection.execute(insert(users).values(**values))
    note_address(connection, first)
    note(connection, user.created_at, actor, user.id, Verb.USER_ADDED)
    announce_person(connection, user.id, NOBODY)


def end_account(connection: Connection, user_id: str, at: datetime, actor: Actor) -> None:
    """Do within a transaction as `deactivate_user` does."""
    ending = update(users).where(users.c.id == user_id)
    if not connection.execute(ending.values(deleted_at=at, updated_at=at)).rowcount:
        return
    note(connection, at, actor, user_id, Verb.USER_DEACTIVATED)
    _end_access(connection, user_id, at)
    end_staged(connection, user_id)
    announce_person(connection, user_id)


def reopen_account(connection: Connection, user_id: str, at: datetime, actor: Actor) -> None:
    """Do within a transaction as `reactivate_user` does."""
    gone = (users.c.id == user_id) & users.c.deleted_at.is_not(None)
    back = update(users).where(gone).values(deleted_at=None, updated_at=at)
    if connection.execute(back).rowcount:
        note(connection, at, actor, user_id, Verb.USER_REACTIVATED)
        announce_person(connection, user_id, NOBODY)


def _end_access(
    connection: Connection, user_id: str, at: datetime, which: ColumnElement[bool] | None = None
) -> int:
    theirs = (tokens.c.user_id == user_id) & tokens.c.revoked_at.is_(None)
    theirs = theirs if which is None else theirs & which
    ended = connection.execute(update(tokens).where(theirs).values(revoked_at=at)).rowcount
    unused = (links.c.user_id == user_id) & links.c.used_at.is_(None)
    connection.execute(update(links).where(unused).values(used_at=at))
    return ended


def _revoke_having(connection: Connection, user_id: str, scope: str, at: datetime) -> None:
    theirs = (tokens.c.user_id == user_id) & tokens.c.revoked_at.is_(None)
    having = (" " + tokens.c.scopes + " ").contains(f" {scope} ", autoescape=True)
    connection.execute(update(tokens).where(theirs, having).values(revoked_at=at))
