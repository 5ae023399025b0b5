"""Names and other short texts, as they are kept: one line without anything that cannot be seen.

A text that comes in may hold line breaks, colours of a terminal, or characters that turn the
direction of all that follows them, by which a name can look like somebody else's.
"""

import re
import string
from typing import Final
from unicodedata import category, combining, normalize

NAME_LENGTH_MAX: Final = 200
"""Characters of a name, which a column of the database holds."""

_JOINERS: Final = "\u200c\u200d"
"""Invisible, but a part of how words are spelt in Persian and in Indic scripts, and of emoji."""

_GAPS: Final = frozenset({"Cc", "Zs", "Zl", "Zp"})
"""Controls, spaces of every width and separators of lines: a space stands in their place."""

_INVISIBLE: Final = frozenset({"Cf", "Cs", "Co", "Cn"})
"""Marks of direction, halves of pairs, and what is no character: nothing stands in their place."""

_SPELT: Final = {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "oe",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
}
"""Small letters that are written in ASCII in another way than without their accent."""

_LETTERS: Final = frozenset(string.ascii_lowercase + string.digits)


def printable(text: str) -> str:
    r"""A text as one line, with single spaces, without controls and marks of direction.

    >>> printable("Ada\x1b[31m\n  \u202eecalevoL ")
    'Ada [31m ecalevoL'
    """
    return " ".join("".join(map(_shown, text)).split()).strip(_JOINERS + " ")


def kept_name(text: str) -> str:
    """A name of a person or thing as it is stored, cut to the length of its column."""
    return printable(text)[:NAME_LENGTH_MAX].strip()


def is_alike(one: str, other: str) -> bool:
    """Whether two names are the same but for capitals, and for how their letters are written.

    >>> is_alike("Ärzte", "A\N{COMBINING DIAERESIS}RZTE")
    True
    """
    return _folded(one) == _folded(other)


def searchable(text: str) -> str:
    """A text as it is searched for, and sorted by: without capitals, and without accents.

    >>> searchable("M\N{LATIN CAPITAL LETTER U WITH DIAERESIS}LL") in searchable("Anna Müller")
    True
    """
    plain = normalize("NFKD", text.casefold())
    return normalize("NFC", "".join(letter for letter in plain if not combining(letter)).casefold())


def domain_of(name: str) -> str:
    """A name in small ASCII letters, digits and single hyphens; "" where that would lose some.

    >>> domain_of("Ärzte & Söhne")
    'aerzte-soehne'
    >>> domain_of("日本語 Ltd")
    ''
    """
    small = normalize("NFC", name).lower()
    spelt = normalize("NFKD", "".join(_SPELT.get(letter, letter) for letter in small))
    plain = "".join(letter for letter in spelt if not combining(letter))
    if any(letter.isalnum() and letter not in _LETTERS for letter in plain):
        return ""
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _folded(name: str) -> str:
    return normalize("NFKC", normalize("NFKC", name).casefold())


def _shown(character: str) -> str:
    kind = category(character)
    if kind in _GAPS:
        return " "
    return "" if kind in _INVISIBLE and character not in _JOINERS else character
