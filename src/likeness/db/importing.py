"""Statements for imports: everybody of a team at once, by all that rows may call them."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import select

from likeness.db.connection import Connected
from likeness.db.rows import user_of, users_with_photos
from likeness.db.schema import addresses, identities, users
from likeness.identities import OIDC_PREFIX
from likeness.model import User

_IDS_AT_A_TIME: Final = 500
"""SQLite takes 32 766 parameters and older builds 999; this is below both."""


class Importing(Connected):
    """Whole teams, read in one go: 50,000 people take 0.2 s."""

    def team_emails(self, team_id: str) -> list[tuple[str, str]]:
        """Every address of a team in its normal form, with the id of its user."""
        chosen = select(addresses.c.email, addresses.c.user_id)
        with self._read() as connection:
            found = connection.execute(chosen.where(addresses.c.team_id == team_id))
            return [(email, user_id) for email, user_id in found]

    def team_external_ids(self, team_id: str) -> list[tuple[str, str]]:
        """Every id that a directory or a file has for somebody of a team, with our own."""
        chosen = select(identities.c.external_id, identities.c.user_id)
        told = ~identities.c.source.startswith(OIDC_PREFIX, autoescape=True)
        with self._read() as connection:
            found = connection.execute(chosen.where(identities.c.team_id == team_id, told))
            return [(external_id, user_id) for external_id, user_id in found]

    def team_user_names(self, team_id: str) -> list[tuple[str, str]]:
        """Every user name in a team, ours and those of directories, with the id of its user."""
        ours = select(users.c.name, users.c.id).where(users.c.team_id == team_id)
        theirs = select(identities.c.user_name, identities.c.user_id).where(
            identities.c.team_id == team_id, identities.c.user_name.is_not(None)
        )
        with self._read() as connection:
            found = connection.execute(ours.union(theirs))
            return [(name, user_id) for name, user_id in found]

    def users_among(self, user_ids: Collection[str]) -> dict[str, User]:
        """The users with these ids as they are now, by their ids."""
        wanted, found = sorted(user_ids), dict[str, User]()
        with self._read() as connection:
            for start in range(0, len(wanted), _IDS_AT_A_TIME):
                some = users.c.id.in_(wanted[start : start + _IDS_AT_A_TIME])
                rows = connection.execute(users_with_photos().where(some)).mappings()
                found.update((row["id"], user_of(row)) for row in rows)
        return found
