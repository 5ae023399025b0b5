"""What people are found and sorted by: made of their names and addresses, here alone.

Who writes a name or an address calls `note_names` in the same transaction, so that nobody is found
by what they were called before.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from likeness.db.portions import portions
from likeness.db.schema import SORT_NAME_LENGTH_MAX, addresses, users
from likeness.names import searchable

_NOTE: Final = (
    update(users)
    .where(users.c.id == bindparam("of_user"))
    .values(sort_name=bindparam("by_name"), search=bindparam("by_words"))
)


def sort_name(real_name: str) -> str:
    """The key that people are sorted by."""
    return searchable(real_name)[:SORT_NAME_LENGTH_MAX]


def search_text(real_name: str, name: str, emails: Collection[str]) -> str:
    """The text that a user is found in: names and addresses, a line each."""
    return searchable("\n".join([real_name, name, *sorted(emails)]))


def note_names(connection: Connection, user_ids: Collection[str]) -> None:
    """Have users found by the names and addresses that they have by now."""
    for some in portions(user_ids):
        emails = defaultdict[str, list[str]](list)
        theirs = select(addresses.c.user_id, addresses.c.email)
        for row in connection.execute(theirs.where(addresses.c.user_id.in_(some))):
            emails[row.user_id].append(row.email)
        named = select(users.c.id, users.c.real_name, users.c.name).where(users.c.id.in_(some))
        values = [
            {
                "of_user": row.id,
                "by_name": sort_name(row.real_name),
                "by_words": search_text(row.real_name, row.name, emails[row.id]),
            }
            for row in connection.execute(named)
        ]
        if values:
            connection.execute(_NOTE, values)
