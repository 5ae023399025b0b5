"""The first line of a table: which of its columns says what, also in the words of other programs.

Pure. Exports of Google Workspace, Microsoft 365, Okta, Slack and programs of personnel departments
name the same things differently; a person who has one should not have to rename its columns.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from likeness.errors import Mistake
from likeness.imports.records import shown

COLUMNS: Final = ("email", "name", "id", "username", "also", "photo")
"""What a column may be called, in any case. `id` is what another system knows somebody by."""

SAYING_WHO: Final = frozenset({"email", "id", "username"})
"""Columns that say who somebody is; a table needs one of them."""

WORDS: Final = {
    "email": (
        *("mail", "emailaddress", "primaryemail", "workemail", "businessemail", "companyemail"),
        *("emailadresse", "mailadresse", "emailwork", "userprincipalname"),
    ),
    "name": ("fullname", "realname", "displayname", "employeename", "anzeigename"),
    "id": (
        *("employeeid", "employeenumber", "employeeno", "externalid", "personid"),
        *("personnelnumber", "personalnummer", "mitarbeiternummer", "objectid", "userid"),
    ),
    "username": ("login", "userlogin", "samaccountname", "uid", "benutzername"),
    "also": ("aliases", "emailaliases", "otheremails", "secondaryemail", "secondaryemails"),
    "photo": ("photofile", "picture", "picturefile"),
}
"""Other words for each column, as their letters and digits; of several that are there the first."""

_GIVEN: Final = ("givenname", "firstname", "vorname")
_FAMILY: Final = ("familyname", "lastname", "surname", "nachname")

_REMARK: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)")
"""As in `Email Address [Required]`; `Employee #` is read as a number."""


@dataclass(frozen=True, slots=True)
class Header:
    """A first line that is understood. Places count from 0.

    `places` has those of our columns that are there. A table without a name may have its `parts`,
    given and family. `read_as` are pairs of our column and the table's other word for it, `ignored`
    the columns that are not used.
    """

    width: int
    places: dict[str, int]
    parts: tuple[int, ...]
    read_as: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]

    def cell(self, cells: Sequence[str], column: str) -> str:
        """What a row says in one of our columns, "" for nothing."""
        if column == "name" and column not in self.places:
            return " ".join(filter(None, (_at(cells, place) for place in self.parts)))
        return _at(cells, self.places.get(column, len(cells)))


def read_header(cells: Sequence[str]) -> Header:
    """Understand the first line of a table.

    Raises Mistake where no column says who somebody is, or where a column is there twice.
    """
    names = [cell.strip().casefold() for cell in cells]
    words = [_letters(cell) for cell in cells]
    places = {
        column: place
        for column in COLUMNS
        if (place := _place(column, (column,), names)) is not None
        or (place := _place(column, (column, *WORDS[column]), words)) is not None
    }
    if not SAYING_WHO.intersection(places):
        raise Mistake(_nobody(cells))
    parts = () if "name" in places else _parts(words)
    used = {*places.values(), *parts}
    return Header(
        len(cells),
        places,
        parts,
        read_as=_renamed(cells, places, parts),
        ignored=tuple(
            shown(cell.strip())
            for place, cell in enumerate(cells)
            if place not in used and cell.strip()
        ),
    )


def _nobody(cells: Sequence[str]) -> str:
    found = shown(", ".join(filter(None, map(str.strip, cells)))) or "none"
    return (
        "the first line has to name the columns, email, id or username among them; it has: "
        f"{found}; there may be: {', '.join(COLUMNS)}. Rename those that are meant"
    )


def _place(column: str, words: Sequence[str], found: Sequence[str]) -> int | None:
    """Where the first of these words is that is there."""
    word = next((each for each in words if each in found), None)
    if word is None:
        return None
    if found.count(word) > 1:
        allowed = ", ".join(COLUMNS)
        raise Mistake(f"the column {column} is there twice; each may be there once: {allowed}")
    return found.index(word)


def _parts(words: Sequence[str]) -> tuple[int, ...]:
    """Where the given and the family name are."""
    found = (_place("name", each, words) for each in (_GIVEN, _FAMILY))
    return tuple(place for place in found if place is not None)


def _renamed(
    cells: Sequence[str], places: dict[str, int], parts: tuple[int, ...]
) -> tuple[tuple[str, str], ...]:
    """Our columns that the table has another word for."""
    pairs = [*places.items(), *(("name", place) for place in parts)]
    said = [(column, cells[place].strip()) for column, place in pairs]
    return tuple((column, shown(cell)) for column, cell in said if cell.casefold() != column)


def _letters(cell: str) -> str:
    """The letters and digits of a column's name, without remarks in brackets, in small letters."""
    plain = _REMARK.sub("", cell).replace("#", "number")
    return "".join(filter(str.isalnum, plain)).casefold()


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""
