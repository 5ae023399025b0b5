"""Plans an import of people: who is added and what changes. Pure.

A second run finds nothing to change: what is compared is what would be kept.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from likeness.email_address import normal_email
from likeness.errors import Mistake
from likeness.fuse import holds
from likeness.imports.outcomes import Outcome
from likeness.imports.records import Record
from likeness.names import kept_name

ID_LENGTH_MAX: Final = 255
"""Characters of another system's id for somebody, which a column of the database holds."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A user of the workspace, as far as a file can change them. `external_id` is "" for none."""

    id: str
    email: str
    name: str
    real_name: str
    is_bot: bool = False
    has_left: bool = False
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Everybody:
    """Everybody of a workspace: by our ids, by each of their addresses, by ids of other systems."""

    people: Mapping[str, Somebody]
    by_email: Mapping[str, str]
    by_external_id: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What a row does. Without a `user_id` somebody is added, whose first address is the first one.

    Texts that stay as they are are None. `added` are addresses in their normal form, with what was
    typed. With `moves` the first of them becomes the person's first address.
    """

    user_id: str | None
    name: str | None = None
    real_name: str | None = None
    added: tuple[tuple[str, str], ...] = ()
    moves: bool = False
    external_id: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to do."""
        return self.user_id is not None and not (
            self.name or self.real_name or self.added or self.external_id
        )


@dataclass(frozen=True, slots=True)
class Planned:
    """A row with its outcome, and what it does where it does anything."""

    record: Record
    outcome: Outcome
    reason: str = ""
    person: str | None = None
    change: Change | None = None
    meant: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with its addresses in their normal form, the first one first, and what was typed.

    `meant` are the users who have its id, or one of its addresses.
    """

    record: Record
    emails: Mapping[str, str] = field(default_factory=dict)
    meant: frozenset[str] = frozenset()
    fault: str = ""

    @property
    def claims(self) -> Iterator[tuple[str, str]]:
        """All that no other row may have as well: addresses, the id, and whom it means."""
        yield from (("email", email) for email in self.emails)
        yield from (("user", user_id) for user_id in self.meant)
        if self.record.external_id:
            yield "id", self.record.external_id


def planned(records: Iterable[Record], everybody: Everybody) -> list[Planned]:
    """The outcome of each row."""
    rows = [_understood(record, everybody) for record in records]
    times = Counter(claim for row in rows for claim in row.claims)
    return [
        _planned(row, everybody, is_twice=any(times[claim] > 1 for claim in row.claims))
        for row in rows
    ]


def missing(rows: Sequence[Planned], everybody: Everybody) -> list[Somebody]:
    """The active people whom no row means, in the order of their addresses. Bots are none."""
    meant = {user_id for row in rows for user_id in row.meant}
    left_out = (
        each
        for each in everybody.people.values()
        if not (each.is_bot or each.has_left or each.id in meant)
    )
    return sorted(left_out, key=lambda each: each.email)


def fuse(count: int, rows: Sequence[Planned], everybody: Everybody) -> str:
    """Why so many people should not be deactivated without another look; "" where they may be."""
    active = sum(not (each.is_bot or each.has_left) for each in everybody.people.values())
    if count and any(row.outcome is Outcome.UNREADABLE for row in rows):
        return "some rows could not be read, so that nobody knows who is missing"
    if holds(count, active):
        return f"{count} of {active} people are missing in the file, which may be cut off"
    return ""


def _understood(record: Record, everybody: Everybody) -> _Row:
    if record.fault:
        return _Row(record, fault=record.fault)
    if len(record.external_id) > ID_LENGTH_MAX:
        return _Row(record, fault=f"the id has more than {ID_LENGTH_MAX} characters")
    if not record.external_id.isprintable():
        return _Row(record, fault="the id has characters that nobody can see")
    emails: dict[str, str] = {}
    try:
        for each in record.emails:
            emails.setdefault(normal_email(each), each)
    except Mistake as mistake:
        return _Row(record, fault=str(mistake))
    found = [everybody.by_email.get(email) for email in emails]
    found.append(everybody.by_external_id.get(record.external_id))
    return _Row(record, emails, frozenset(filter(None, found)))


def _planned(row: _Row, everybody: Everybody, *, is_twice: bool) -> Planned:
    record, meant = row.record, row.meant
    user = everybody.people[next(iter(meant))] if len(meant) == 1 else None
    person = user.email if user else None
    trouble = _trouble(row, everybody, is_twice=is_twice)
    if trouble is not None:
        return Planned(record, *trouble, person, meant=meant)
    if user is None:
        return Planned(record, Outcome.NEW, "", next(iter(row.emails)), _added(row), meant)
    change = _changed(row, user, everybody)
    outcome = Outcome.UNCHANGED if change.is_empty else Outcome.UPDATED
    return Planned(record, outcome, _told(change), person, change, meant)


def _trouble(row: _Row, everybody: Everybody, *, is_twice: bool) -> tuple[Outcome, str] | None:
    if row.fault:
        return Outcome.UNREADABLE, row.fault
    people = [everybody.people[each] for each in row.meant]
    if len(people) > 1:
        found = ", ".join(sorted(each.email for each in people))
        return Outcome.AMBIGUOUS, f"its id and addresses lead to {len(people)} people: {found}"
    if is_twice:
        return Outcome.DUPLICATE, "another row means the same person; leave one of them"
    if not people:
        no_email = "somebody new needs an email address"
        return None if row.record.email else (Outcome.UNREADABLE, no_email)
    return _trouble_with(people[0], row.record.external_id, everybody)


def _trouble_with(
    user: Somebody, external_id: str, everybody: Everybody
) -> tuple[Outcome, str] | None:
    if user.has_left:
        return Outcome.LEFT, "this person was deactivated"
    # Whoever was merged has several ids, each of which leads to them.
    if external_id and user.external_id and external_id not in everybody.by_external_id:
        return Outcome.AMBIGUOUS, f"this person is known by another id, {user.external_id}"
    return None


def _added(row: _Row) -> Change:
    """Somebody new; without a name they have that of their mailbox."""
    local = next(iter(row.emails)).partition("@")[0]
    name, real_name = kept_name(row.record.user_name), kept_name(row.record.name)
    added = tuple(row.emails.items())
    external_id = row.record.external_id or None
    return Change(None, name or local, real_name or local, added, external_id=external_id)


def _changed(row: _Row, user: Somebody, everybody: Everybody) -> Change:
    record = row.record
    added = tuple(each for each in row.emails.items() if each[0] not in everybody.by_email)
    # Whoever is known by an id is the same person at another address.
    is_known = everybody.by_external_id.get(record.external_id) == user.id
    moves = bool(added) and is_known and added[0][1] == record.email
    name, real_name = kept_name(record.user_name), kept_name(record.name)
    return Change(
        user.id,
        name if name not in {"", user.name} else None,
        real_name if real_name not in {"", user.real_name} else None,
        added,
        moves,
        record.external_id if record.external_id and not user.external_id else None,
    )


def _told(change: Change) -> str:
    """The changes of a row, in a few words."""
    parts = {
        "user name": change.name,
        "name": change.real_name,
        "first address": change.moves,
        "address": change.added,
        "id": change.external_id,
    }
    return ", ".join(part for part, is_changed in parts.items() if is_changed)
