"""Writes a HEIC or AVIF file of parts that are coded already: the shortest that decoders read."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from likeness.model import Format

_BRANDS: Final = {Format.HEIC: b"heic\0\0\0\0mif1heic", Format.AVIF: b"avif\0\0\0\0avifmif1miaf"}
_FRAMING_LENGTH: Final = 8
_HANDLER: Final = bytes(4) + b"pict" + bytes(13)
_ESSENTIAL: Final = 0x8000
_LENGTHS: Final = 0x4400
"""`iloc`: four bytes each for offset and length, none for a base."""

_WIDE: Final = 1
"""The flag of `ipma` by which each place of a property has two bytes."""

Link = tuple[bytes, int, Sequence[int]]
"""A reference from one part to others: its kind and the parts' places, from 1."""


@dataclass(frozen=True, slots=True)
class Part:
    """An item: its coding, its properties, its bytes.

    A property has a kind, a payload, and whether it is essential.
    """

    kind: bytes
    said: Sequence[tuple[bytes, bytes, bool]]
    data: Sequence[memoryview]

    @property
    def length(self) -> int:
        """In bytes."""
        return sum(map(len, self.data))


def heif_file(
    form: Format, parts: Sequence[Part], links: Sequence[Link]
) -> list[bytes | memoryview]:
    """The pieces of a file whose first part is the picture to show."""
    start = _box(b"ftyp", _BRANDS[form])
    head = _meta(parts, links, 0)
    first = len(start) + len(head) + _FRAMING_LENGTH
    length = sum(part.length for part in parts)
    mdat = struct.pack(">I4s", _FRAMING_LENGTH + length, b"mdat")
    pieces = [piece for part in parts for piece in part.data]
    return [start + _meta(parts, links, first) + mdat, *pieces]


def _meta(parts: Sequence[Part], links: Sequence[Link], first: int) -> bytes:
    """The `meta` box of the parts, whose bytes begin at `first`."""
    return _full_box(
        b"meta",
        _full_box(b"hdlr", _HANDLER)
        + _full_box(b"pitm", struct.pack(">H", 1))
        + _full_box(b"iloc", _places(parts, first))
        + _full_box(b"iinf", _infos(parts))
        + (_full_box(b"iref", b"".join(_reference(*link) for link in links)) if links else b"")
        + _box(b"iprp", _properties(parts)),
    )


def _places(parts: Sequence[Part], first: int) -> bytes:
    entries = [struct.pack(">HH", _LENGTHS, len(parts))]
    for number, part in enumerate(parts, 1):
        entries.append(struct.pack(">HHHII", number, 0, 1, first, part.length))
        first += part.length
    return b"".join(entries)


def _infos(parts: Sequence[Part]) -> bytes:
    entries = [struct.pack(">H", len(parts))]
    for number, part in enumerate(parts, 1):
        entries.append(_full_box(b"infe", struct.pack(">HH4sx", number, 0, part.kind), version=2))
    return b"".join(entries)


def _reference(kind: bytes, source: int, targets: Sequence[int]) -> bytes:
    count = len(targets)
    return _box(kind, struct.pack(f">HH{count}H", source, count, *targets))


def _properties(parts: Sequence[Part]) -> bytes:
    """The box of properties, each once, and of the parts that have them."""
    places: dict[tuple[bytes, bytes], int] = {}
    entries = [struct.pack(">I", len(parts))]
    for number, part in enumerate(parts, 1):
        own: dict[int, int] = {}
        for kind, payload, is_essential in part.said:
            place = places.setdefault((kind, payload), len(places) + 1)
            own[place] = own.get(place, place) | (_ESSENTIAL if is_essential else 0)
        entries.append(struct.pack(f">HB{len(own)}H", number, len(own), *own.values()))
    said = b"".join(_box(*each) for each in places)
    return _box(b"ipco", said) + _full_box(b"ipma", b"".join(entries), flags=_WIDE)


def _full_box(kind: bytes, payload: bytes, *, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags) + payload)


def _box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", _FRAMING_LENGTH + len(payload), kind) + payload
