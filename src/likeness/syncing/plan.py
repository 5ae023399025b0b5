"""What a run would do, by a listing and what is kept here. Nothing is written for it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from likeness import entries, fuse
from likeness.db import Database
from likeness.directory.entries import Entry
from likeness.entries import NotEnrolled, Outcome
from likeness.identities import Identity
from likeness.model import Team, User
from likeness.precedence import Offer, Standing, judge
from likeness.syncing.listing import Listing
from likeness.syncing.marks import is_left, is_not_taken, mark_of, not_taken
from likeness.threads import in_thread

AT_A_TIME: Final = 200
"""Entries that are compared before others of this process are served: 2 ms."""

Consider = Callable[[Team, entries.Entry], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Terms:
    """How a directory is kept in step. `offer` is how its photos come; None: they do not.

    `source` is what its people are known by here, and who stands in the log.
    """

    source: str
    filter: str
    photo_attributes: Sequence[str]
    offer: Offer | None

    @property
    def asked_for(self) -> Sequence[str]:
        """The attributes of photos, none where photos are not wanted."""
        return self.photo_attributes if self.offer else ()


@dataclass(frozen=True, slots=True)
class Planned:
    """An entry, what becomes of the person, and whether their photo is to be looked at.

    `outcome` is None where the entry is refused, for a `reason`. `known` is what is kept of it.
    """

    entry: Entry
    mark: str
    outcome: Outcome | None
    known: Identity | None = None
    wants_photo: bool = False
    is_kept_out: bool = False
    reason: str = ""

    @property
    def has_work(self) -> bool:
        """Whether anything is to be done or looked at."""
        return self.wants_photo or self.outcome not in {None, Outcome.UNCHANGED}


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody whom the directory brought and has no more."""

    user: User
    identity: Identity


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do.

    Entries without a row are ignored: they are locked there and were never brought here.
    `vanished` are all that it has no more, and `leaving` those of them who are here. `losing` are
    those whose photo it has no more. There may be so many of these that there is a `warning`.
    """

    listing: Listing
    rows: Sequence[Planned]
    vanished: Sequence[Identity]
    leaving: Sequence[Leaver]
    losing: Sequence[Leaver]
    warning: str

    def counts(self) -> dict[str, int]:
        """How many people there are of each outcome, by names that programs read."""
        found = Counter(row.outcome or "refused" for row in self.rows)
        kept_out = sum(row.is_kept_out for row in self.rows)
        return {
            "listed": len(self.listing.entries) + len(self.listing.faulty),
            "ignored": len(self.listing.entries) - len(self.rows),
            **{each.value: found[each] for each in Outcome if each is not Outcome.DEACTIVATED},
            "deactivated": found[Outcome.DEACTIVATED] + len(self.leaving),
            "kept_deactivated": kept_out,
            "refused": found["refused"] + len(self.listing.faulty),
            "with_photo": len(self.listing.with_photo),
            "photos_to_look_at": sum(row.wants_photo for row in self.rows),
            "photos_removed": len(self.losing),
        }

    def refused(self) -> Iterator[tuple[str, str]]:
        """The entries that cannot be used, each by its DN, and why."""
        yield from ((each.dn, each.fault) for each in self.listing.faulty)
        yield from ((row.entry.dn, row.reason) for row in self.rows if row.outcome is None)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept here of a directory's people."""

    identities: Mapping[str, Identity]
    deleted: Mapping[str, datetime | None]
    photos: Mapping[str, User]

    def is_active(self, identity: Identity) -> bool:
        return identity.user_id in self.deleted and self.deleted[identity.user_id] is None

    @property
    def active(self) -> int:
        return sum(map(self.is_active, self.identities.values()))


class Planner:
    """Plans runs. `consider` says what would become of one entry."""

    def __init__(self, database: Database, consider: Consider, terms: Terms) -> None:
        self._database = database
        self._consider = consider
        self._terms = terms

    async def plan(
        self,
        team: Team,
        listing: Listing,
        identities: Sequence[Identity],
        advance: Callable[[], None],
    ) -> Plan:
        """What a run would do. `advance` hears of each entry that was looked at."""
        kept = await in_thread(self._kept, team, identities, listing)
        rows = []
        for number, entry in enumerate(listing.entries):
            if entry.is_active or entry.id in kept.identities:
                rows.append(await self._planned(team, entry, kept, listing.with_photo))
            advance()
            if not number % AT_A_TIME:
                await asyncio.sleep(0)
        vanished = await in_thread(_vanished, listing, kept)
        leaving = await in_thread(self._leaving, vanished, kept)
        losing = await in_thread(self._losing, listing, kept)
        return Plan(
            listing,
            rows,
            [each for each in vanished if not is_left(each.stamp)],
            leaving,
            losing,
            await in_thread(self._warning, rows, leaving, losing, kept),
        )

    def _kept(self, team: Team, identities: Sequence[Identity], listing: Listing) -> _Kept:
        members = self._database.team_members(team.id)
        wanted = [each.user_id for each in identities if self._depends_on_photo(each, listing)]
        return _Kept(
            {each.external_id: each for each in identities},
            {each.id: each.deleted_at for each in members},
            self._database.users_among(wanted),
        )

    def _depends_on_photo(self, identity: Identity, listing: Listing) -> bool:
        """Whether it has to be known which photo is shown of somebody.

        That is where the directory has one that is not taken, or has none of which one was.
        """
        if identity.external_id in listing.with_photo:
            return is_not_taken(identity.stamp)
        return identity.photo_digest is not None

    async def _planned(
        self, team: Team, entry: Entry, kept: _Kept, with_photo: Collection[str]
    ) -> Planned:
        known = kept.identities.get(entry.id)
        mark = mark_of(entry, self._terms.asked_for)
        has_photo = entry.id in with_photo
        if known is not None and known.stamp in {mark, not_taken(mark)}:
            is_here = entry.is_active and kept.is_active(known)
            is_asked = not entry.tells_changes or self._is_welcome(known, kept)
            wants = has_photo and is_here and is_asked
            return Planned(entry, mark, Outcome.UNCHANGED, known, wants)
        # Whom an operator deactivated stays so, until the directory itself has them leave and come.
        is_kept_out = bool(
            known and entry.is_active and not kept.is_active(known) and not is_left(known.stamp)
        )
        said = replace(entry, is_active=False) if is_kept_out else entry
        wants = has_photo and said.is_active
        try:
            outcome = await self._consider(team, enrolled(said, self._terms.source, mark))
        except NotEnrolled as refusal:
            return Planned(entry, mark, None, known, reason=str(refusal))
        return Planned(said, mark, outcome, known, wants, is_kept_out)

    def _is_welcome(self, known: Identity, kept: _Kept) -> bool:
        """Whether a photo that was not taken, though it was looked at, would be taken now."""
        user = kept.photos.get(known.user_id)
        if user is None or user.deleted_at or self._terms.offer is None:
            return False
        return is_not_taken(known.stamp) and judge(Standing.of(user), self._terms.offer) is None

    def _leaving(self, vanished: Sequence[Identity], kept: _Kept) -> list[Leaver]:
        """Those of the vanished who are here, each once, and whom no other entry means."""
        names = {each.external_id for each in vanished}
        listed = {
            each.user_id for each in kept.identities.values() if each.external_id not in names
        }
        gone = {
            each.user_id: each
            for each in vanished
            if kept.is_active(each) and each.user_id not in listed
        }
        users = self._database.users_among(list(gone))
        return [Leaver(users[user_id], each) for user_id, each in gone.items() if user_id in users]

    def _losing(self, listing: Listing, kept: _Kept) -> list[Leaver]:
        """Those who are listed without a photo, and of whom one of the directory is shown."""
        if self._terms.offer is None:
            return []
        found = []
        for entry in listing.entries:
            known = kept.identities.get(entry.id)
            if known is None or known.photo_digest is None or entry.id in listing.with_photo:
                continue
            user = kept.photos.get(known.user_id)
            if user is not None:
                found.append(Leaver(user, known))
        return found

    def _warning(
        self,
        rows: Sequence[Planned],
        leaving: Sequence[Leaver],
        losing: Sequence[Leaver],
        kept: _Kept,
    ) -> str:
        """Why so much should not end without another look; "" where it may."""
        locked = sum(row.outcome is Outcome.DEACTIVATED for row in rows)
        ending, active = len(leaving) + locked, kept.active
        if fuse.holds(ending, active):
            return f"{ending} of {active} people of this directory would be deactivated"
        shown = [each for each in losing if _shows(each.user, self._terms.source)]
        photos = sum(each.photo_digest is not None for each in kept.identities.values())
        if fuse.holds(len(shown), photos):
            return f"{len(shown)} of {photos} photos of this directory would be removed"
        return ""


def _vanished(listing: Listing, kept: _Kept) -> list[Identity]:
    """Those whom no entry means, not even one with a fault."""
    listed = {each.id for each in (*listing.entries, *listing.faulty)}
    return [each for each in kept.identities.values() if each.external_id not in listed]


def enrolled(entry: Entry, source: str, mark: str) -> entries.Entry:
    """An entry as people are taken by."""
    return entries.Entry(
        source,
        entry.id,
        entry.user_name,
        entry.name,
        entry.emails,
        entry.is_active,
        stamp=mark,
    )


def _shows(user: User, source: str) -> bool:
    """Whether a photo of this directory is shown of somebody."""
    return user.photo is not None and user.photo.set_by == source
