"""LDIF as RFC 2849 has it: entries one by one, and what one of them says of a person. Pure.

Folded lines, comments and base64 are understood. Changes are refused, and so are values that lie
behind a URL, since a file must not choose what is read.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from likeness.directory.entries import guid
from likeness.errors import Mistake
from likeness.imports.records import Record, Unusable, shown

ENTRY_LENGTH_MAX: Final = 64 * 2**20
"""Bytes of one entry: a picture of the largest size, 32 MiB, takes 44 in base64."""

PICTURES: Final = ("jpegphoto", "thumbnailphoto")
"""The attributes that have pictures."""

_NAMES: Final = ("displayname", "cn")
_USER_NAMES: Final = ("uid", "samaccountname")
_USED: Final = frozenset(
    (*PICTURES, *_NAMES, *_USER_NAMES, "dn", "mail", "entryuuid", "objectguid")
)
_LINE: Final = re.compile(rb"([A-Za-z0-9.;-]+):(<|:?) *(.*)", re.DOTALL)
_ENDS_OF_LINE: Final = b"\r\n"

Values = dict[str, list[bytes]]
"""Attributes by their names in small letters, without options."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it lies in a file: from which byte on, and how many of them."""

    start: int
    length: int
    data: bytes


def entries(file: BinaryIO) -> Iterator[Entry]:
    """The entries of a file, which are apart by empty lines; what is no entry is left out.

    Raises Mistake for one of more than `ENTRY_LENGTH_MAX` bytes.
    """
    lines: list[bytes] = []
    start = length = at = 0
    while line := file.readline(ENTRY_LENGTH_MAX + 1):
        at += len(line)
        if line.strip(_ENDS_OF_LINE):
            lines.append(line)
            length += len(line)
        if length > ENTRY_LENGTH_MAX:
            raise Mistake(
                f"the entry that starts at byte {start} has more than {ENTRY_LENGTH_MAX} bytes"
            )
        if not line.strip(_ENDS_OF_LINE):
            yield from _whole(start, lines)
            lines, start, length = [], at, 0
    yield from _whole(start, lines)


def _whole(start: int, lines: list[bytes]) -> Iterator[Entry]:
    """The entry of these lines, if it has more than comments and the version in it."""
    data = b"".join(lines)
    unfolded = [line.partition(b":")[0].lower() for line in _unfolded(data)]
    if set(unfolded) - {b"version"}:
        yield Entry(start, len(data), data)


def values_of(data: bytes) -> Values:
    """The attributes of an entry that an import uses.

    Raises Unusable for lines that are not LDIF, for changes, and for values behind URLs.
    """
    found: Values = {}
    for line in _unfolded(data):
        match = _LINE.fullmatch(line)
        if match is None:
            raise Unusable(f"the line {shown(line.decode(errors='replace'))!r} is not LDIF")
        name, *options = match[1].decode("ascii").lower().split(";")
        if name in {"changetype", "control"}:
            raise Unusable("the entry is a change; export entries as they are")
        # `displayName;lang-de` is another name than the one that is asked for.
        if name in _USED and set(options) <= {"binary"}:
            found.setdefault(name, []).append(_value(name, match[2], match[3]))
    return found


def person(number: int, data: bytes) -> tuple[Record, bool]:
    """A person as an entry describes them, and whether it has a picture, which is read later.

    A record has a fault where the entry cannot be used.
    """
    try:
        found = values_of(data)
    except Unusable as fault:
        return Record(number, f"entry {number}", fault=str(fault)), False
    email, *also = _texts(found, "mail") or [""]
    ids = [guid(value) for value in found.get("objectguid", [])]
    external_id = next(iter([*_texts(found, "entryuuid"), *ids]), "")
    user_name, name = _first(found, _USER_NAMES), _first(found, _NAMES)
    key = shown(email or user_name or _first(found, ("dn",)) or f"entry {number}")
    if not (email or external_id or user_name):
        reason = "the entry has no mail, uid, entryUUID or objectGUID"
        return Record(number, key, fault=reason), False
    record = Record(number, key, email, tuple(also), external_id, user_name, name)
    return record, bool(pictures_of(found))


def pictures_of(values: Values) -> list[bytes]:
    """Every picture of an entry."""
    return [each for name in PICTURES for each in values.get(name, []) if each]


def _unfolded(data: bytes) -> list[bytes]:
    """Lines without comments; one that begins with a space goes on where the last one ended."""
    lines: list[list[bytes]] = []
    for raw in data.split(b"\n"):
        line = raw.removesuffix(b"\r")
        if line.startswith(b" ") and lines:
            lines[-1].append(line[1:])
        elif line:
            lines.append([line])
    whole = map(b"".join, lines)
    return [line for line in whole if not line.startswith(b"#")]


def _value(name: str, mark: bytes, text: bytes) -> bytes:
    """A value as it is meant. Raises Unusable."""
    if mark == b"<":
        raise Unusable(f"{name} lies behind a URL, which is not followed; export it as base64")
    if mark == b"":
        return text
    try:
        return b64decode(text.rstrip(b" "), validate=True)
    except NotBase64 as error:
        raise Unusable(f"{name} is not the base64 that it says it is") from error


def _texts(found: Values, name: str) -> list[str]:
    texts = (value.decode(errors="replace").strip() for value in found.get(name, []))
    return [text for text in texts if text]


def _first(found: Values, names: tuple[str, ...]) -> str:
    return next((text for name in names for text in _texts(found, name)), "")
