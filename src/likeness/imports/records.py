"""Nouns: what a file for an import says of somebody. Nothing here opens a file."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from unicodedata import normalize

RECORDS_MAX: Final = 100_000
"""Rows, files or entries of one import: twice the largest organisation that it was tried with."""

_KEY_LENGTH_MAX: Final = 200
"""Characters of a name of somebody else's making that a report or a terminal gets to see."""

_BETWEEN: Final = re.compile(r"[\s,;|]+")


class Unusable(Exception):
    """The picture of one row cannot be had; the text says why. The other rows go on."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture where it lies. `read` gives its bytes, or raises Unusable; it blocks.

    `made_at` is when its file was written, None where nobody knows.
    """

    read: Callable[[], bytes]
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One row, and what it says of one person. Texts are as they were written, "" for none.

    `number` counts from 1 as people count: lines of a CSV, entries of an LDIF or a zip, files of a
    folder. `key` is what reports call the row. With a `fault` nothing of it can be used.
    """

    number: int
    key: str
    email: str = ""
    also: tuple[str, ...] = ()
    external_id: str = ""
    user_name: str = ""
    name: str = ""
    picture: Picture | None = None
    fault: str = ""

    @property
    def emails(self) -> tuple[str, ...]:
        """Every address that the row has."""
        return tuple(filter(None, (self.email, *self.also)))


def shown(text: str) -> str:
    """A text for reports and terminals: on one line, and without characters that steer them."""
    cut = text[:_KEY_LENGTH_MAX]
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in cut)


def several(text: str) -> tuple[str, ...]:
    """The words of a cell that may have more than one, such as further addresses."""
    return tuple(filter(None, _BETWEEN.split(text)))


def folded(text: str) -> str:
    """A text as it is compared: without differences of case, or of how accents are written."""
    return normalize("NFC", normalize("NFC", text.strip()).casefold())
