"""Use case: sign in by a provider or proxy. Find or add the user that it names, or refuse.

A provider has a name for each person, the subject, which is never given to another. It is bound to
one of our people the first time that it comes with an address of theirs, and from then on it alone
says who they are: an address may be given to a successor. A proxy names an address and no more.
Nothing here knows HTTP.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from likeness.db import Database
from likeness.email_address import normal_email
from likeness.errors import Mistake, NotAdmitted
from likeness.events import Actor, Verb, network_of
from likeness.identities import OIDC, SCIM, Claims, Identity
from likeness.log import Log
from likeness.model import Address, Source, Team, User
from likeness.people import People
from likeness.seldom import SeldomLog
from likeness.threads import in_thread

_PROXY: Final = Actor("proxy", Source.PROVIDER)
"""Who adds people whom a proxy names."""

_TAKEN: Final = (
    "Your address belongs to somebody here who signs in by another account of the same provider. "
    "If that account was yours as well, ask whoever runs this service to unbind it."
)

_log = Log(__name__)


class Admission:
    """Finds the people whom others vouch for, and adds those who are new.

    `workspaces` maps the domain of an address, or "" for every other domain, to the name of a
    workspace. Other addresses are refused.
    """

    def __init__(
        self,
        database: Database,
        people: People,
        clock: Callable[[], datetime],
        *,
        workspaces: Mapping[str, str],
    ) -> None:
        self._database = database
        self._people = people
        self._clock = clock
        self._workspaces = workspaces
        self._log = SeldomLog()

    async def by_address(self, email: str, name: str = "") -> User:
        """The user with an address that a proxy vouches for; unknown ones are added.

        `name` is for new users. Raises NotAdmitted for deactivated users and bots, for a text that
        is no address or looks like another one, and for addresses that belong to no workspace.
        """
        address = _normal(email)
        team = await self._team(address)
        return _active(await self._member(team, address, name, _PROXY), team)

    async def by_claims(self, claims: Claims, client: str = "") -> User:
        """The user whom a provider means.

        Unknown ones are found by an id that a directory has for them too, or by a verified address,
        or added. `client` is the network address that they come from. Raises NotAdmitted as
        `by_address` does, without a verified address for unknown ones, and where who is found is
        bound to another subject.
        """
        actor = Actor(OIDC, Source.PROVIDER, network_of(client))
        said = claims.email if claims.is_email_verified else ""
        address = _normal(said) if said else ""
        team = await self._team(address) if address else None
        identity = await self._identity(claims.source, claims.subject, team)
        if identity is not None:
            user = await self._again(identity, address, claims.email, actor)
        elif (named := await self._in_directory(claims, team)) is not None:
            named_team = await self._people.team(named.team_id)
            user = _active(await self._user(named), named_team)
            await self._bind(user, claims, address, actor)
        elif team is not None:
            user = _active(await self._member(team, address, claims.name, actor), team)
            await self._bind(user, claims, address, actor)
        else:
            missing = "has not verified" if claims.email else "did not say"
            raise NotAdmitted(f"The provider {missing} your e-mail address.")
        return await self._with_role(user, claims, actor)

    async def _in_directory(self, claims: Claims, team: Team | None) -> Identity | None:
        """The user whom a directory knows by an id that the provider says, if any."""
        for shared in claims.shared_ids:
            if (identity := await self._identity(SCIM, shared, team)) is not None:
                return identity
        return None

    async def _identity(self, source: str, external_id: str, team: Team | None) -> Identity | None:
        """The identity of that name in a workspace; without one, in the only one that has it."""
        if team is not None:
            return await in_thread(self._database.identity, team.id, source, external_id)
        known = await in_thread(self._database.identities_known, source, external_id)
        return known[0] if len(known) == 1 else None

    async def _bind(self, user: User, claims: Claims, address: str, actor: Actor) -> None:
        """Bind a user to a subject, once. Raises NotAdmitted if they are bound to another."""
        now, said = self._clock(), address or None
        wanted = Identity(user.team_id, claims.source, claims.subject, user.id, now, now, said)
        kept = await in_thread(self._database.bind, wanted, actor)
        if (kept.external_id, kept.user_id) != (claims.subject, user.id):
            await self._refuse(user, kept, actor)
            raise NotAdmitted(_TAKEN)

    async def _again(self, identity: Identity, address: str, entered: str, actor: Actor) -> User:
        """Somebody who is bound; an address that is new at the provider becomes their first."""
        team = await self._people.team(identity.team_id)
        user = _active(await self._user(identity), team)
        now = self._clock()
        await in_thread(self._database.touch, identity, now)
        if address in {"", identity.user_name}:
            return user
        new = Address(team.id, user.id, address, entered.strip(), now)
        if await in_thread(self._database.follow, identity, user, new, actor):
            return await self._user(identity)
        owner = await in_thread(self._database.user_by_address, team.id, address)
        await self._refuse(owner or user, identity, actor)
        return user

    async def _user(self, identity: Identity) -> User:
        user = await in_thread(self._database.user, identity.team_id, identity.user_id)
        if user is None:
            raise NotAdmitted("This account was erased just now. Try again.")
        return user

    async def _refuse(self, owner: User, identity: Identity, actor: Actor) -> None:
        """Tell operators that an address came with another subject than its owner's."""
        issuer = identity.source
        self._log.warning(
            "identity_refused",
            user=owner.id,
            source=issuer,
            reason="their address came with another subject; `likeness user unbind` lets it in",
        )
        refused = Verb.IDENTITY_REFUSED
        await in_thread(self._database.add_event, self._clock(), actor, owner.id, refused, issuer)

    async def _with_role(self, user: User, claims: Claims, actor: Actor) -> User:
        """The user, who administers the workspace if the provider says so.

        What an operator gave, the provider does not take away.
        """
        gives = claims.is_admin is True and not user.is_admin
        takes = claims.is_admin is False and user.admin_source is Source.PROVIDER
        if not gives and not takes:
            return user
        now = self._clock()
        await in_thread(self._database.set_admin, user.id, now, actor, is_admin=gives)
        return replace(user, is_admin=gives, admin_source=Source.PROVIDER if gives else None)

    async def _team(self, address: str) -> Team:
        try:
            return await self._people.team(self._workspace_of(address))
        except Mistake as mistake:
            raise _not_added(mistake) from mistake

    async def _member(self, team: Team, address: str, name: str, actor: Actor) -> User:
        """The user with this address, added if need be."""
        user = await in_thread(self._database.user_by_address, team.id, address)
        if user is not None:
            return user
        try:
            return await self._people.add_user(address, team.id, name=name, by=actor)
        except Mistake as mistake:
            # Two windows that open at once both find nobody; the second to add finds the first's.
            user = await in_thread(self._database.user_by_address, team.id, address)
            if user is None:
                raise _not_added(mistake) from mistake
            return user

    def _workspace_of(self, address: str) -> str:
        domain = address.rpartition("@")[2]
        if not self._workspaces:
            return ""
        name = self._workspaces.get(domain, self._workspaces.get("", None))
        if name is None:
            raise NotAdmitted(f"Addresses of {domain[:100]} cannot sign in here.")
        return name


def _normal(email: str) -> str:
    try:
        return normal_email(email)
    except Mistake as mistake:
        raise NotAdmitted(f"You cannot sign in by this address: {mistake}.") from mistake


def _active(user: User, team: Team) -> User:
    if user.deleted_at is not None or team.deleted_at is not None or user.is_bot:
        raise NotAdmitted("This account is deactivated, or is not a person's.")
    return user


def _not_added(mistake: Mistake) -> NotAdmitted:
    _log.warning("sign_in_refused", reason=str(mistake))
    return NotAdmitted(
        "You are not known here, and could not be added. "
        "Ask whoever runs this service to look at its log."
    )
