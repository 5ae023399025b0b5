"""Use case: import photos of many people. First as a plan, then for good.

A run needs no state of its own: what it did is "unchanged" when it is run again, so that one that
was cut short goes on by the same command. No row stops another one; what stops all of them is a
part of the service that is away.
"""

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from likeness.db import Database
from likeness.errors import AccountInactive, BadImage, TooLarge, TooManyFrames
from likeness.events import IMPORTER, Actor, Batch
from likeness.imports.heads import Head, Trouble, look, trouble_of
from likeness.imports.matching import EVERY_MATCH, Ids, Match, Register
from likeness.imports.outcomes import SET, Outcome, Row, counted, outcome_of
from likeness.imports.records import Picture, Record
from likeness.model import Photo, Source, Team, User
from likeness.offers import Offers
from likeness.precedence import Kept, Offer, Policy
from likeness.rolling import rolling
from likeness.threads import in_thread

KIND: Final = "photos"
"""What a batch of photos is called in `Batch.kind`."""

PAGE: Final = 100
"""Rows whose people are read from the database at once, and reported together."""

_ID_LENGTH: Final = 4
"""Bytes of a batch's id: few enough to be typed."""

Told = Callable[[Row], None]
"""Hears of each row, in the order of rows."""

_Act = Callable[[User, Head, Offer], Awaitable[Photo | Kept | None]]
"""What is done with a photo that can be used: gives the photo, or why not; None in a plan."""


def new_batch_id() -> str:
    """What a batch is called, by those who take it back."""
    return secrets.token_hex(_ID_LENGTH)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an import may replace, and by what it finds people."""

    policy: Policy = Policy.IF_NOT_OWN
    opens_locks: bool = False
    matches: Sequence[Match] = EVERY_MATCH


@dataclass(frozen=True, slots=True)
class _Meant:
    """A row, whom it means, and whether another row with a photo means the same person."""

    record: Record
    user_ids: Ids
    is_twice: bool


class PhotoImport:
    """Photos from files. `at_once` are as many as there are picture workers."""

    def __init__(
        self, database: Database, offers: Offers, clock: Callable[[], datetime], at_once: int
    ) -> None:
        self._database = database
        self._offers = offers
        self._clock = clock
        self._at_once = at_once

    async def plan(self, team: Team, records: Sequence[Record], terms: Terms, told: Told) -> None:
        """Say what would become of each row. Only heads of pictures are looked at."""
        async for row in self._rows(team, records, terms, self._considered):
            told(row)

    async def apply(
        self,
        team: Team,
        records: Sequence[Record],
        terms: Terms,
        told: Told,
        by: Actor = IMPORTER,
    ) -> Batch | None:
        """Set the photos; the batch by which they can be taken back, None where none was set.

        With the batch of `by` one goes on that was cut short. Raises ServiceUnavailable: what was
        told is done, and the rest comes when it is run again.
        """
        batch_id = by.batch_id or new_batch_id()
        is_new = await in_thread(self._database.batch, batch_id) is None
        began = self._clock()
        batch = Batch(batch_id, team.id, KIND, terms.policy.value, by.name, began)
        await in_thread(self._database.add_batch, batch)
        by = replace(by, batch_id=batch.id)
        rows = []
        async for row in self._rows(team, records, terms, partial(self._offered, by)):
            told(row)
            rows.append(row)
        if is_new and not any(row.outcome in SET for row in rows):
            await in_thread(self._database.forget_batch, batch.id)
            return None
        await in_thread(self._database.end_batch, batch.id, self._clock(), counted(rows))
        return await in_thread(self._database.batch, batch.id)

    async def _rows(
        self, team: Team, records: Sequence[Record], terms: Terms, act: _Act
    ) -> AsyncIterator[Row]:
        meant = await self._meant(team, records, terms.matches)
        for start in range(0, len(meant), PAGE):
            some = meant[start : start + PAGE]
            wanted = {user_id for each in some for user_id in each.user_ids}
            users = await in_thread(self._database.users_among, wanted)
            decide = partial(self._row, users, terms, act)
            rows, failure = await rolling(decide, some, self._at_once)
            for row in rows:
                yield row
            if failure is not None:
                raise failure

    async def _meant(
        self, team: Team, records: Sequence[Record], matches: Sequence[Match]
    ) -> list[_Meant]:
        register = await in_thread(self._register, team.id)
        found = [register.find(record, matches) for record in records]
        times = Counter(
            user_id
            for record, user_ids in zip(records, found, strict=True)
            for user_id in user_ids
            if len(user_ids) == 1 and (record.picture or record.fault)
        )
        return [
            _Meant(record, user_ids, any(times[each] > 1 for each in user_ids))
            for record, user_ids in zip(records, found, strict=True)
        ]

    def _register(self, team_id: str) -> Register:
        database = self._database
        return Register(
            database.team_emails(team_id),
            database.team_external_ids(team_id),
            database.team_user_names(team_id),
        )

    async def _row(self, users: dict[str, User], terms: Terms, act: _Act, meant: _Meant) -> Row:
        record = meant.record
        people = [users[each] for each in sorted(meant.user_ids) if each in users]
        person = people[0].email if len(people) == 1 else None
        row = partial(Row, record.number, record.key, person)
        picture = _picture_for(meant, people)
        if isinstance(picture, Trouble):
            return row(picture.outcome, picture.reason)
        head = await in_thread(look, picture, self._offers.limits)
        if isinstance(head, Trouble):
            return row(head.outcome, head.reason)
        seen = partial(row, bytes=len(head.data), width=head.width, height=head.height)
        offer = Offer(Source.IMPORT, terms.policy, picture.made_at, terms.opens_locks)
        try:
            done = await act(people[0], head, offer)
        except (BadImage, TooLarge, TooManyFrames) as refusal:
            trouble = trouble_of(refusal)
            return seen(trouble.outcome, trouble.reason)
        except AccountInactive:
            return seen(Outcome.LEFT, "this person was erased or merged meanwhile")
        return _row_of(seen, people[0], done)

    async def _considered(self, user: User, head: Head, offer: Offer) -> Kept | None:
        return await self._offers.consider(user, head.data, offer)

    async def _offered(self, by: Actor, user: User, head: Head, offer: Offer) -> Photo | Kept:
        taken = await self._offers.offer(user, head.data, offer, by)
        return taken if isinstance(taken, Kept) else taken.photo


def _picture_for(meant: _Meant, people: Sequence[User]) -> Picture | Trouble:
    """The picture of a row that means one person, or why there is nothing to be done."""
    record = meant.record
    if record.fault:
        return Trouble(Outcome.UNREADABLE, record.fault)
    if record.picture is None:
        return Trouble(Outcome.NO_PHOTO, "")
    return _trouble_with(people, is_twice=meant.is_twice) or record.picture


def _trouble_with(people: Sequence[User], *, is_twice: bool) -> Trouble | None:
    if not people:
        return Trouble(Outcome.UNKNOWN, "nobody has this address, id or user name")
    if len(people) > 1:
        emails = ", ".join(user.email for user in people)
        return Trouble(Outcome.AMBIGUOUS, f"it fits {len(people)} people: {emails}")
    if is_twice:
        reason = f"another row means {people[0].email} as well; leave one of them"
        return Trouble(Outcome.DUPLICATE, reason)
    if people[0].deleted_at is not None:
        return Trouble(Outcome.LEFT, "this person was deactivated")
    return None


def _row_of(seen: Callable[..., Row], user: User, done: Photo | Kept | None) -> Row:
    if isinstance(done, Kept):
        photo = user.photo.id if user.photo else None
        reason = user.lock_reason if done is Kept.LOCKED else None
        return seen(outcome_of(done), reason or "", photo=photo)
    outcome = Outcome.REPLACED if user.photo else Outcome.NEW
    return seen(outcome, photo=done.id if done else None)
