"""The normal form of an e-mail address: one text for each mailbox, however somebody writes it.

Capitals, an accent apart from its letter, and a domain in Unicode or in punycode are ways to write
one address. Nothing that belongs to somebody else may become the same text (decision 28).
"""

import re
import string
from typing import Final
from unicodedata import name, normalize

from likeness.errors import Mistake

EMAIL_LENGTH_MAX: Final = 320
"""Characters of an address as it was typed, which a column of the database holds: 64 before the @
and 255 after it."""

_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_SMALL: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_PUNYCODE: Final = "xn--"
"""The prefix of a label in punycode."""


def normal_email(text: str) -> str:
    """An address as it is kept, compared and hashed.

    That is in NFKC without spaces around it, in small ASCII letters, with its domain in Unicode.
    Letters beyond ASCII keep their case before the @, where only the mailbox's own server knows
    whether `É` and `é` are one.

    Raises Mistake for a text that is no address, and for one with a character that NFKC would
    change into ASCII: KELVIN SIGN is no k.
    """
    entered, shown = text.strip(), repr(text[:EMAIL_LENGTH_MAX])
    if impostor := next(filter(_is_impostor, entered), ""):
        named = f"{name(impostor, 'one character')} (U+{ord(impostor):04X})"
        raise Mistake(f"{shown} is no e-mail address: {named} only looks like an ASCII character")
    local, _, domain = _folded(entered).rpartition("@")
    address = f"{local}@{normal_domain(domain)}"
    is_address = _EMAIL.fullmatch(address) and address.isprintable()
    if not is_address or len(entered) > EMAIL_LENGTH_MAX:
        raise Mistake(f"{shown} is no e-mail address")
    return address


def email_in(text: str) -> str:
    """The normal form of an address; "" for a text that is none."""
    try:
        return normal_email(text)
    except Mistake:
        return ""


def is_same_email(text: str, email: str) -> bool:
    """Whether a text is another way to write an address, which is in its normal form."""
    return email != "" and email_in(text) == email


def normal_domain(domain: str) -> str:
    """A domain in small letters, with labels in punycode decoded."""
    return ".".join(map(_shown, _folded(domain).split(".")))


def ascii_email(email: str) -> str:
    """A normal address with its domain in punycode, as some programs keep and hash it."""
    local, at, domain = email.rpartition("@")
    return local + at + ".".join(_sent(label) or label for label in domain.split("."))


def _is_impostor(character: str) -> bool:
    """Whether it is beyond ASCII, and becomes ASCII by NFKC."""
    return not character.isascii() and any(map(str.isascii, normalize("NFKC", character)))


def _folded(text: str) -> str:
    """NFKC in small ASCII letters.

    Twice NFKC, since a small letter may be one with an accent that its capital stands apart from:
    there is `ẖ` and no such capital.
    """
    return normalize("NFKC", normalize("NFKC", text).translate(_SMALL))


def _shown(label: str) -> str:
    """A label of a domain in the letters that people read.

    One that no domain can have by IDNA 2008, such as an emoji, stays as it was written.
    """
    if label.isascii():
        return _decoded(label) if label.startswith(_PUNYCODE) else label
    small = normalize("NFKC", "".join(character.lower() for character in label))
    return small if _sent(small) else label


def _decoded(label: str) -> str:
    """A label in punycode decoded, or the label itself where it is not canonical."""
    # Picture processes import this module by model.py, and need no tables of Unicode.
    import idna  # noqa: PLC0415 - see above

    try:
        shown = idna.ulabel(label)
    except idna.IDNAError:
        return label
    return shown if _sent(shown) == label else label


def _sent(label: str) -> str:
    """A label in punycode, or "" for one that no domain can have."""
    if label.isascii():
        return label
    import idna  # noqa: PLC0415 - see `_decoded`

    try:
        return idna.alabel(label).decode("ascii")
    except idna.IDNAError:
        return ""
