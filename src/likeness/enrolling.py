"""Use case: people come in as a directory says them, by SCIM or by LDAP, one at a time.

A directory has a name for each person that is never given to another. It is bound to one of our
people the first time that it comes with an address of theirs, and from then on it alone says who
they are. What the directory says of names, addresses and whether somebody is here is then so here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from likeness.db import Database, Enrolment
from likeness.entries import (
    Entry,
    NotEnrolled,
    Outcome,
    Why,
    check_owners,
    newcomer,
    outcome_of,
    read,
    renewed,
)
from likeness.errors import BadImage, Refusal, TooLarge, TooManyFrames
from likeness.events import Actor, Verb
from likeness.identities import Condition, Identity
from likeness.log import Log
from likeness.model import Source, Team, User
from likeness.offers import Offers, Taken
from likeness.precedence import Kept, Offer, Policy, Standing, judge
from likeness.seldom import SeldomLog
from likeness.threads import in_thread

ATTEMPTS_MAX: Final = 3
"""How often somebody is looked at anew whom others change at the same moment."""

_UNUSABLE: Final = (BadImage, TooLarge, TooManyFrames)

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody as they are now, by what name the directory knows them, and what that changed."""

    user: User
    identity: Identity
    outcome: Outcome


class _Refused(Exception):
    """A refusal, and whose identity is in the way."""

    def __init__(self, refusal: NotEnrolled, owner: User) -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.owner = owner


class Enrolling:
    """Brings people and their photos in. `policy` says what of photos; None: none are taken."""

    def __init__(
        self,
        database: Database,
        offers: Offers,
        clock: Callable[[], datetime],
        policy: Policy | None = Policy.IF_NOT_OWN,
    ) -> None:
        self._database = database
        self._offers = offers
        self._clock = clock
        self._policy = policy
        self._log = SeldomLog()

    async def consider(self, team: Team, entry: Entry) -> Outcome:
        """What would become of an entry. Raises NotEnrolled as `enrol` does; nothing is written."""
        try:
            change = await in_thread(self._planned, team, entry, None)
        except _Refused as refused:
            raise refused.refusal from None
        return outcome_of(change)

    async def enrol(
        self, team: Team, entry: Entry, by: Actor, known: Identity | None = None
    ) -> Enrolled:
        """Add or change the person whom an entry means.

        That is who the directory has meant by the same name, or by `known`, whose name it may
        change; else who has one of its addresses; else somebody new. Raises NotEnrolled, also
        where `known` is not what is kept any more.
        """
        for _ in range(1 if known else ATTEMPTS_MAX):
            try:
                change = await in_thread(self._planned, team, entry, known)
            except _Refused as refused:
                await self._tell(refused.owner, entry.source, by)
                raise refused.refusal from None
            outcome = outcome_of(change)
            if outcome is Outcome.UNCHANGED or await in_thread(
                self._database.enrol, change, self._clock(), by
            ):
                return await self._enrolled(change, outcome)
        raise NotEnrolled(Why.OVERTAKEN, "somebody else changes the same person; send it once more")

    async def end(self, identity: Identity, by: Actor) -> bool:
        """Deactivate somebody whom a directory has no more, and who may come back to it.

        Gives whether they were here until now.
        """
        user = await in_thread(self._database.user, identity.team_id, identity.user_id)
        if user is None or user.deleted_at is not None:
            return False
        await in_thread(self._database.deactivate_user, user.id, self._clock(), by)
        return True

    async def forget(self, identity: Identity, by: Actor) -> bool:
        """Deactivate somebody, and forget the directory's name for them; False where there is none.

        Where they come back they are found by an address.
        """
        return await in_thread(self._database.forget_enrolled, identity, self._clock(), by)

    async def enrolled(self, team_id: str, source: str) -> list[Identity]:
        """Everybody whom a directory has in a team, without documents."""
        return await in_thread(self._database.enrolled, team_id, source)

    async def page(
        self, team_id: str, source: str, conditions: Sequence[Condition], offset: int, limit: int
    ) -> tuple[int, list[Enrolled]]:
        """How many people of a directory there are of whom all conditions are so, and some."""
        total, found = await in_thread(
            self._database.enrolled_page, team_id, source, conditions, offset, limit
        )
        some = [Enrolled(user, identity, Outcome.UNCHANGED) for identity, user in found]
        return total, some

    async def offer_photo(
        self, identity: Identity, data: bytes, by: Actor, ref: str | None = None
    ) -> Taken | Kept | Refusal | None:
        """Let a photo of the directory become somebody's, or say why not.

        The bytes that came last are not rendered again. `ref` is what the directory says of the
        photo. Gives None where photos of directories are not wanted or the user was erased, and the
        refusal of a picture that cannot be used: it must not hold up anybody. Raises
        ServiceUnavailable.
        """
        if self._policy is None:
            return None
        user = await in_thread(self._database.user, identity.team_id, identity.user_id)
        if user is None:
            return None
        digest = (await in_thread(sha256, data)).digest()
        if digest == identity.photo_digest:
            return judge(Standing.of(user), self._offer(by, digest)) or Kept.UNCHANGED
        outcome: Taken | Kept | Refusal
        try:
            outcome = await self._offers.offer(user, data, self._offer(by), by)
        except _UNUSABLE as refusal:
            said = f"{refusal.code}: {refusal.message}"
            self._log.warning("directory_photo_unusable", user=user.id, reason=said)
            outcome = refusal
        if isinstance(outcome, Taken):
            _log.info("directory_photo_set", user=user.id, photo=outcome.photo.id)
        if isinstance(outcome, Taken | Refusal) or outcome is Kept.UNCHANGED:
            # What was kept for another reason may be welcome the next time.
            await self._note(identity, ref, digest)
        return outcome

    async def withdraw_photo(self, identity: Identity, by: Actor) -> bool:
        """The directory has no photo of somebody any more: one that it set goes.

        Gives whether there was one.
        """
        if self._policy is None:
            return False
        user = await in_thread(self._database.user, identity.team_id, identity.user_id)
        is_gone = False
        # Most are as they were, and a transaction that may write waits for others.
        if user is not None and user.photo is not None and user.photo.set_by == by.name:
            is_gone = await self._offers.withdraw(user, by)
        if is_gone:
            _log.info("directory_photo_withdrawn", user=identity.user_id)
        if identity.photo_ref or identity.photo_digest:
            await self._note(identity, None, None)
        return is_gone

    def _offer(self, by: Actor, digest: bytes | None = None) -> Offer:
        policy = self._policy or Policy.IF_NOT_OWN
        return Offer(Source.DIRECTORY, policy, set_by=by.name, upload_digest=digest)

    async def _note(self, identity: Identity, ref: str | None, digest: bytes | None) -> None:
        await in_thread(self._database.note_picture, identity, ref, digest, identity.stamp)

    async def _enrolled(self, change: Enrolment, outcome: Outcome) -> Enrolled:
        """Somebody as they are kept now."""
        kept = change.identity
        user = await in_thread(self._database.user, kept.team_id, kept.user_id)
        return Enrolled(user or change.user, kept, outcome)

    async def _tell(self, owner: User, source: str, by: Actor) -> None:
        """Tell operators that a directory means somebody by a second name."""
        self._log.warning(
            "identity_refused",
            user=owner.id,
            source=source,
            reason="they are known by another id; `likeness user unbind --directory` ends that",
        )
        refused = Verb.IDENTITY_REFUSED
        await in_thread(self._database.add_event, self._clock(), by, owner.id, refused, source)

    def _planned(self, team: Team, entry: Entry, known: Identity | None) -> Enrolment:
        """What an entry changes. Raises NotEnrolled, and _Refused where operators are to know."""
        if team.deleted_at is not None:
            raise NotEnrolled(Why.UNREADABLE, f"the workspace {team.name!r} was removed")
        emails = read(entry)
        before = self._known(team, entry, known)
        owners = self._owners(team, emails)
        user = self._user_of(before) if before else self._bindable(entry, owners)
        check_owners(owners, user)
        if user is None and not emails:
            raise NotEnrolled(Why.UNREADABLE, "somebody new needs an e-mail address")
        now = self._clock()
        if user is None:
            return newcomer(team, entry, emails, now)
        change = renewed(entry, emails, user, before, now)
        return replace(
            change, further=tuple(each for each in change.further if each.email not in owners)
        )

    def _known(self, team: Team, entry: Entry, known: Identity | None) -> Identity | None:
        """The identity that an entry is about; None for one that is to be bound."""
        if not entry.external_id:
            return known
        named = self._database.identity(team.id, entry.source, entry.external_id)
        if known and named and named.external_id != known.external_id:
            raise NotEnrolled(Why.TAKEN, f"the id {entry.external_id} is somebody else's")
        return known or named

    def _owners(self, team: Team, emails: Mapping[str, str]) -> dict[str, User]:
        """Whose each address is that is somebody's."""
        found = {email: self._database.user_by_address(team.id, email) for email in emails}
        return {email: owner for email, owner in found.items() if owner}

    def _user_of(self, identity: Identity) -> User:
        user = self._database.user(identity.team_id, identity.user_id)
        if user is None:
            raise NotEnrolled(Why.TAKEN, "this person was erased just now; send it once more")
        return user

    def _bindable(self, entry: Entry, owners: Mapping[str, User]) -> User | None:
        """The one person who has the addresses of an entry, if they may be bound to it."""
        people = {owner.id: owner for owner in owners.values()}
        if len(people) != 1:
            return None
        [user] = people.values()
        if user.is_bot:
            raise NotEnrolled(Why.TAKEN, f"{user.email} is the address of a bot")
        known = [each.source for each in self._database.identities_of(user.id)]
        if entry.source in known:
            if user.email not in owners:
                further = ", ".join(owners)
                raise NotEnrolled(
                    Why.TAKEN,
                    f"{further} is a further address of somebody else here ({user.id}); "
                    "`likeness address remove` takes it from them",
                )
            message = (
                f"{user.email} belongs to somebody whom this directory knows by another id "
                "already; `likeness user unbind --directory` ends that"
            )
            raise _Refused(NotEnrolled(Why.BOUND, message), user)
        return user
