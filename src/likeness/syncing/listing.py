"""All that a directory lists, as a whole: people, and who of them has a photo."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from likeness.directory.entries import IDS, LISTED, Entry, entry_of, id_of
from likeness.directory.port import Connection, DirectoryError, Values
from likeness.email_address import email_in
from likeness.threads import in_thread

Heard = Callable[[int], None]
"""Hears how many more entries have come."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole listing: usable entries, those with a fault, and the ids of those with a photo."""

    entries: Sequence[Entry]
    faulty: Sequence[Entry]
    with_photo: frozenset[str]
    references: int


async def listing(
    connection: Connection, filter_text: str, photo_attributes: Sequence[str], heard: Heard
) -> Listing:
    """Everybody, without photos, and who has one; no photo attributes: nobody is asked about.

    Raises DirectoryError where it is not whole, or where there is nobody at all: a directory that
    has no people is one of which the wrong part is read.
    """
    found: list[Entry] = []
    async for page in connection.pages(filter_text, LISTED):
        found += await in_thread(_entries_of, page)
        heard(len(page))
    if not found:
        raise DirectoryError(
            "the directory lists nobody, so that nothing was done; look at LIKENESS_LDAP_BASE and "
            "LIKENESS_LDAP_FILTER"
        )
    with_photo = await _with_photo(connection, filter_text, photo_attributes)
    seen = await in_thread(lambda: list(judged(found)))
    return Listing(
        [each for each in seen if not each.fault],
        [each for each in seen if each.fault],
        with_photo,
        connection.references,
    )


async def _with_photo(
    connection: Connection, filter_text: str, photo_attributes: Sequence[str]
) -> frozenset[str]:
    """The ids of those who have a photo, none of which is read."""
    if not photo_attributes:
        return frozenset()
    has_one = "".join(f"({name}=*)" for name in photo_attributes)
    ids = set[str]()
    async for page in connection.pages(f"(&{filter_text}(|{has_one}))", IDS):
        ids.update(id_of(values) for _, values in page)
    return frozenset(ids)


def _entries_of(page: Sequence[tuple[str, Values]]) -> list[Entry]:
    return [entry_of(dn, values) for dn, values in page]


def judged(found: Sequence[Entry]) -> Iterable[Entry]:
    """Entries with the faults that show only beside the others.

    Two that have the same first address may be anybody's; a further address that two have, such as
    that of a group, is nobody's.
    """
    ids = Counter(each.id for each in found)
    # A text that is no address stands for itself.
    normal = {email: email_in(email) or email for each in found for email in each.emails}
    firsts = Counter(normal[each.emails[0]] for each in found if each.emails)
    times = Counter(email for each in found for email in {normal[said] for said in each.emails})
    for each in found:
        if each.fault:
            yield each
        elif ids[each.id] > 1:
            yield replace(each, fault=f"{ids[each.id]} entries have the id {each.id}")
        elif (count := firsts[normal[each.emails[0]]]) > 1:
            yield replace(each, fault=f"{count} entries have the address {each.emails[0]}")
        else:
            first, *further = each.emails
            own = [email for email in further if times[normal[email]] == 1]
            yield replace(each, emails=(first, *own))
