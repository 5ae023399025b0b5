"""One run: a whole listing, a plan, and all of it done.

A run keeps no state but what it notes of each person after they are done, so that one that was
killed goes on when it is run again, and ends as if it had not been.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol

from likeness.db import Database
from likeness.directory.port import Connection
from likeness.enrolling import Enrolling
from likeness.entries import NotEnrolled, Outcome
from likeness.errors import AccountInactive, Mistake, Refusal, ServiceUnavailable
from likeness.events import Actor
from likeness.identities import Identity
from likeness.model import Source, Team
from likeness.offers import Taken
from likeness.precedence import Kept
from likeness.rolling import rolling
from likeness.syncing.lease import Held, leased
from likeness.syncing.listing import listing
from likeness.syncing.marks import gone, not_taken, pending
from likeness.syncing.pictures import largest
from likeness.syncing.plan import Plan, Planned, Planner, Terms, enrolled
from likeness.threads import in_thread

POSTPONED_MAX: Final = 20
"""Photos of one run that may fail because a part of the service is away, before it is given up."""

_SET: Final = "set"
_ABSENT: Final = "gone meanwhile"
_UNUSABLE: Final = "unusable"
_POSTPONED: Final = "postponed"
_REMOVED: Final = "removed"

_FACT: Final = "directory lease"
"""What the lease is called among the facts that all nodes share."""


class Watch(Protocol):
    """Somebody who looks on."""

    def listed(self, more: int) -> None:
        """So many more entries have come."""

    def expect(self, total: int, label: str) -> None:
        """So many of what the label says are to be done; counting begins."""

    def advance(self, more: int) -> None:
        """So many more are done."""


@dataclass
class Done:
    """What a run did. `photos` are counts by what became of them, `refused` those not taken."""

    plan: Plan
    photos: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Somebody whose photo is to be looked at, as they were taken."""

    row: Planned
    identity: Identity


class DirectorySync:
    """Keeps a workspace in step with a directory, which `opens` connects to, by some terms.

    `at_once` photos are made at the same time.
    """

    def __init__(
        self,
        database: Database,
        enrolling: Enrolling,
        clock: Callable[[], datetime],
        opens: Callable[[], AbstractAsyncContextManager[Connection]],
        terms: Terms,
        *,
        at_once: int = 1,
    ) -> None:
        self._database = database
        self._enrolling = enrolling
        self._clock = clock
        self._opens = opens
        self._terms = terms
        self._at_once = at_once
        self._by = Actor(terms.source, Source.DIRECTORY)

    @property
    def source(self) -> str:
        """What people of the directory are known by here, and who stands in the log."""
        return self._terms.source

    async def plan(self, team: Team, watch: Watch) -> Plan:
        """What a run would do; nothing is written.

        Raises DirectoryError where the directory does not tell all.
        """
        async with self._opens() as connection:
            return await self._plan(connection, team, watch)

    async def apply(self, team: Team, watch: Watch, *, force: bool = False) -> Done:
        """Do it. Raises Mistake where a plan has a warning and `force` does not pass over it.

        Raises Mistake too where another node is at it, and where a part of the service is away:
        what was done is done, and the rest comes when it is run again. Raises DirectoryError.
        """
        name = f"{_FACT} {team.id}"
        async with leased(self._database, name, self._clock) as held, self._opens() as connection:
            plan = await self._plan(connection, team, watch)
            if plan.warning and not force:
                raise Mistake(f"nothing was done: {plan.warning}; --force does it all the same")
            held.check()
            done = Done(plan)
            try:
                await self._end(plan)
                await self._withdraw(plan, done)
                wanted = await self._enrol(team, plan, done, held, watch)
                await self._look(connection, wanted, done, held, watch)
            except ServiceUnavailable as refusal:
                raise Mistake(f"{refusal.reason} Run it again for the rest") from refusal
            return done

    async def _plan(self, connection: Connection, team: Team, watch: Watch) -> Plan:
        terms = self._terms
        found = await listing(connection, terms.filter, terms.asked_for, watch.listed)
        identities = await self._enrolling.enrolled(team.id, terms.source)
        planner = Planner(self._database, self._enrolling.consider, terms)
        watch.expect(len(found.entries), "compared")
        return await planner.plan(team, found, identities, lambda: watch.advance(1))

    async def _end(self, plan: Plan) -> None:
        """Deactivate leavers. It is noted first, so that whoever leaves can come back."""
        for identity in plan.vanished:
            await self._note(identity, identity.photo_digest, gone(identity.stamp))
        for each in plan.leaving:
            await self._enrolling.end(each.identity, self._by)

    async def _enrol(
        self, team: Team, plan: Plan, done: Done, held: Held, watch: Watch
    ) -> list[_Wanted]:
        """Take everybody; gives those whose photo is to be looked at then."""
        wanted = []
        rows = [row for row in plan.rows if row.has_work]
        watch.expect(len(rows), "people")
        for row in rows:
            held.check()
            watch.advance(1)
            identity = await self._taken(team, row, done)
            if identity is not None and row.wants_photo:
                wanted.append(_Wanted(row, identity))
        return wanted

    async def _taken(self, team: Team, row: Planned, done: Done) -> Identity | None:
        if row.outcome is Outcome.UNCHANGED:
            return row.known
        mark = pending(row.mark) if row.wants_photo else row.mark
        entry = enrolled(row.entry, self._terms.source, mark)
        try:
            return (await self._enrolling.enrol(team, entry, self._by)).identity
        except NotEnrolled as refusal:
            done.refused.append((row.entry.dn, str(refusal)))
            return None

    async def _look(
        self,
        connection: Connection,
        wanted: Sequence[_Wanted],
        done: Done,
        held: Held,
        watch: Watch,
    ) -> None:
        """Read photos one by one, and have some made at the same time."""
        reading = asyncio.Lock()
        watch.expect(len(wanted), "photos")

        async def look(each: _Wanted) -> None:
            held.check()
            attributes = self._terms.asked_for
            async with reading:
                values = await connection.values(each.row.entry.dn, attributes)
            data = await in_thread(largest, values, attributes)
            done.photos[await self._offered(each, data, done)] += 1
            watch.advance(1)

        _, failure = await rolling(look, wanted, self._at_once)
        if failure is not None:
            raise failure

    async def _offered(self, each: _Wanted, data: bytes | None, done: Done) -> str:
        """What became of a photo, which is noted unless it is to be tried again."""
        identity = replace(each.identity, stamp=each.row.mark)
        if data is None:
            await self._note(identity, identity.photo_digest, each.row.mark)
            return _ABSENT
        try:
            outcome = await self._enrolling.offer_photo(identity, data, self._by)
        except AccountInactive:
            return _ABSENT
        except ServiceUnavailable:
            if done.photos[_POSTPONED] >= POSTPONED_MAX:
                raise
            return _POSTPONED
        if outcome is None:
            # Photos are wanted where one is looked at, so that the user was erased.
            return _ABSENT
        if isinstance(outcome, Refusal):
            said = f"its photo cannot be used: {outcome.code}: {outcome.message}"
            done.refused.append((each.row.entry.dn, said))
        return await self._noted(identity, data, outcome)

    async def _noted(self, identity: Identity, data: bytes, outcome: Taken | Kept | Refusal) -> str:
        """Note what became of a photo, where it is not noted yet; in a word or two."""
        if isinstance(outcome, Taken | Refusal):
            return _SET if isinstance(outcome, Taken) else _UNUSABLE
        mark = identity.stamp or ""
        if outcome is Kept.UNCHANGED:
            digest = (await in_thread(sha256, data)).digest()
            await self._note(identity, digest, mark)
            return outcome.value
        await self._note(identity, identity.photo_digest, not_taken(mark))
        return outcome.value

    async def _withdraw(self, plan: Plan, done: Done) -> None:
        for each in plan.losing:
            if await self._enrolling.withdraw_photo(each.identity, self._by):
                done.photos[_REMOVED] += 1

    async def _note(self, identity: Identity, digest: bytes | None, mark: str) -> None:
        await in_thread(self._database.note_picture, identity, None, digest, mark)
