"""Statements about identities: which user an account at another system stands for."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from likeness.db.addresses import make_first
from likeness.db.connection import Connected
from likeness.db.events import note
from likeness.db.notices import announce_person
from likeness.db.schema import identities, teams, tokens, users
from likeness.events import Actor, Verb
from likeness.identities import LDAP_PREFIX, OIDC_PREFIX, SCIM, Identity, oidc_source
from likeness.model import NOBODY, Address, User

_COLUMNS: Final = [identities.c[each.name] for each in fields(Identity)]


_OF_PROVIDERS: Final = identities.c.source.startswith(OIDC_PREFIX, autoescape=True)
_OF_DIRECTORIES: Final = (identities.c.source == SCIM) | identities.c.source.startswith(
    LDAP_PREFIX, autoescape=True
)


class Identities(Connected):
    """Our people by the names that other systems have for them."""

    def identity(self, team_id: str, source: str, external_id: str) -> Identity | None:
        """The person of a team whom a system means by this name."""
        chosen = select(*_COLUMNS).where(_known(source, external_id))
        with self._read() as connection:
            found = connection.execute(chosen.where(identities.c.team_id == team_id)).mappings()
            row = found.one_or_none()
            return _identity_of(row) if row else None

    def identities_of(self, user_id: str) -> list[Identity]:
        """Every identity of a user, oldest first."""
        return self._chosen(identities.c.user_id == user_id)

    def identities_known(self, source: str, external_id: str) -> list[Identity]:
        """The people of all teams whom a system means by this name."""
        # The key begins with the team, so that each team is looked up by it.
        in_any = identities.c.team_id.in_(select(teams.c.id))
        return self._chosen(in_any & _known(source, external_id))

    def bind(self, identity: Identity, actor: Actor) -> Identity:
        """Let a system's name mean a user, and give the identity that is in force then.

        It is another one where the name meant somebody before, or where that system had another
        name for the user: of two that come at once the first wins.
        """
        try:
            with self._write() as connection:
                before = in_the_way(connection, identity)
                if before is not None:
                    return before
                at, user_id = identity.created_at, identity.user_id
                connection.execute(insert(identities).values(**asdict(identity)))
                note(connection, at, actor, user_id, Verb.IDENTITY_BOUND)
                return identity
        except IntegrityError:
            kept = self.identity(identity.team_id, identity.source, identity.external_id)
            if kept is None:
                raise
            return kept

    def touch(self, identity: Identity, at: datetime) -> None:
        """Note that somebody came by an identity."""
        with self._write() as connection:
            connection.execute(update(identities).where(this_one(identity)).values(seen_at=at))

    def follow(self, identity: Identity, user: User, address: Address, actor: Actor) -> bool:
        """Make an address the first of a user, since a system has it for them now.

        The one before stays a further one. False, and nothing is changed, where it is another
        user's.
        """
        said = update(identities).where(this_one(identity)).values(user_name=address.email)
        try:
            with self._write() as connection:
                connection.execute(said)
                if user.email != address.email:
                    make_first(connection, user, address)
                    note(connection, address.added_at, actor, user.id, Verb.USER_ADDRESSED)
                    announce_person(connection, user.id, NOBODY)
        except IntegrityError:
            return False
        return True

    def note_picture(
        self, identity: Identity, ref: str | None, digest: bytes | None, stamp: str | None
    ) -> None:
        """Keep what a system said of somebody's photo, the SHA-256 of what came of it, and when."""
        said = {"photo_ref": ref, "photo_digest": digest, "stamp": stamp}
        with self._write() as connection:
            connection.execute(update(identities).where(this_one(identity)).values(said))

    def unbind(
        self, user_id: str, at: datetime, actor: Actor, *, from_directory: bool = False
    ) -> int:
        """Forget the names that providers have for a user, or directories; how many they were."""
        which = _OF_DIRECTORIES if from_directory else _OF_PROVIDERS
        return self._unbind((identities.c.user_id == user_id) & which, user_id, at, actor)

    def unbind_team(self, team_id: str, at: datetime, actor: Actor) -> int:
        """Forget the names that providers have for the people of a team; how many they were."""
        theirs = (identities.c.team_id == team_id) & _OF_PROVIDERS
        return self._unbind(theirs, team_id, at, actor)

    def _unbind(self, which: ColumnElement[bool], id_: str, at: datetime, actor: Actor) -> int:
        with self._write() as connection:
            count = connection.execute(delete(identities).where(which)).rowcount
            if count:
                note(connection, at, actor, id_, Verb.IDENTITY_UNBOUND)
            return count

    def end_provider_sessions(
        self, issuer: str, subject: str, sid: str, at: datetime, actor: Actor
    ) -> int:
        """End the sessions that came of one at a provider, or of all of a subject; how many.

        `subject` or `sid` may be "". With both, sessions of the subject end too of which the
        provider did not say which one of its own they came from.
        """
        known = identities.c.team_id.in_(select(teams.c.id)) & _known(oidc_source(issuer), subject)
        is_theirs = tokens.c.user_id.in_(select(identities.c.user_id).where(known))
        is_meant = tokens.c.sid == sid if sid else is_theirs
        if subject and sid:
            is_meant |= is_theirs & tokens.c.sid.is_(None)
        lives = tokens.c.revoked_at.is_(None) & (tokens.c.expires_at > at)
        ending = update(tokens).where(tokens.c.issuer == issuer, lives, is_meant)
        with self._write() as connection:
            ended = connection.execute(ending.values(revoked_at=at).returning(tokens.c.user_id))
            users_of = ended.scalars().all()
            for user_id in sorted(set(users_of)):
                note(connection, at, actor, user_id, Verb.ACCESS_ENDED, detail="by the provider")
            return len(users_of)

    def _chosen(self, which: ColumnElement[bool]) -> list[Identity]:
        chosen = select(*_COLUMNS).where(which)
        oldest_first = chosen.order_by(identities.c.created_at, identities.c.external_id)
        with self._read() as connection:
            return [_identity_of(row) for row in connection.execute(oldest_first).mappings()]


def in_the_way(connection: Connection, identity: Identity) -> Identity | None:
    """Within a transaction, the identity of the same name, or else of the same user."""
    # Two transactions that bind one user take turns.
    connection.execute(
        select(users.c.id).where(users.c.id == identity.user_id).with_for_update()
    ).one()
    is_same_name = identities.c.external_id == identity.external_id
    is_same_user = identities.c.user_id == identity.user_id
    chosen = (
        select(*_COLUMNS)
        .where(identities.c.team_id == identity.team_id, identities.c.source == identity.source)
        .where(or_(is_same_name, is_same_user))
        .order_by(is_same_name.desc())
        .limit(1)
    )
    row = connection.execute(chosen).mappings().one_or_none()
    return _identity_of(row) if row else None


def _known(source: str, external_id: str) -> ColumnElement[bool]:
    return (identities.c.source == source) & (identities.c.external_id == external_id)


def this_one(identity: Identity) -> ColumnElement[bool]:
    """Whether a row is that of an identity."""
    known = _known(identity.source, identity.external_id)
    return known & (identities.c.team_id == identity.team_id)


def _identity_of(row: RowMapping) -> Identity:
    return Identity(**row)
