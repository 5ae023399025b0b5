"""Finds the user that a row means: by an address, then an id, then a user name. Pure.

The whole text has to be the same but for capitals: "contains" would give one person another one's
face, and so would real names. Where nobody fits, or two do, nothing is guessed.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from likeness.email_address import email_in
from likeness.imports.records import Record, folded

Ids = frozenset[str]
"""Ids of users."""


class Match(StrEnum):
    """The properties by which a row, or a file's name, may mean a user."""

    EMAIL = "email"
    ID = "id"
    USERNAME = "username"


EVERY_MATCH: Final = tuple(Match)
"""In the order in which they are tried."""


class Register:
    """Everybody of one workspace, by what rows may call them."""

    def __init__(
        self,
        emails: Iterable[tuple[str, str]],
        ids: Iterable[tuple[str, str]],
        user_names: Iterable[tuple[str, str]],
    ) -> None:
        """Each is a text and the id of the user whose it is; addresses in their normal form."""
        self._users: dict[Match, dict[str, set[str]]] = {match: {} for match in Match}
        for match, pairs in zip(Match, (emails, ids, user_names), strict=True):
            for text, user_id in pairs:
                self._users[match].setdefault(folded(text), set()).add(user_id)

    def find(self, record: Record, matches: Sequence[Match] = EVERY_MATCH) -> Ids:
        """All who fit by the first of `matches` by which anybody does."""
        for match in matches:
            found = [self.called(match, text) for text in _texts(record, match)]
            if users := frozenset[str]().union(*found):
                return users
        return frozenset()

    def called(self, match: Match, text: str) -> Ids:
        """All whom one text means."""
        wanted = email_in(text) if match is Match.EMAIL else text
        return frozenset(self._users[match].get(folded(wanted), ()) if wanted else ())


def _texts(record: Record, match: Match) -> tuple[str, ...]:
    texts = {
        Match.EMAIL: record.emails,
        Match.ID: (record.external_id,),
        Match.USERNAME: (record.user_name,),
    }
    return texts[match]
