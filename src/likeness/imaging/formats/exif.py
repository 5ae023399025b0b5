"""Reads the orientation from a block of EXIF, and nothing else of it."""

import struct
from collections.abc import Iterable
from typing import Final

from likeness.imaging.formats.steps import Steps

PREFIX: Final = b"Exif\0\0"
"""The prefix of the block in a JPEG, and by mistake in some PNG and WebP files."""

_ENTRIES_MAX: Final = 512
"""Entries looked at; a camera writes a dozen or two."""

_BYTE_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_HEADER_LENGTH: Final = 8
"""The byte order, then where the first directory stands: how many entries it has, then those."""

_ENTRY: Final = "HHIH2x"
"""Tag, type, count, and the value, where that is a short number: two bytes of the four it has."""

_ORIENTATION: Final = 0x0112
_SHORT: Final = 3
_UPRIGHT: Final = 1


def orientation(exif: bytes, steps: Steps) -> int:
    """1 to 8, from the first directory of a TIFF block (EXIF 2.32, 4.6.2); 1 where in doubt.

    An entry is a step. raises: BadImage where `steps` end.
    """
    block = exif.removeprefix(PREFIX)
    order = _BYTE_ORDERS.get(block[:4])
    if order is None or len(block) < _HEADER_LENGTH:
        return _UPRIGHT
    for tag, kind, _, value in _entries(block, order):
        steps.take()
        if (tag, kind) == (_ORIENTATION, _SHORT):
            return value if value in range(1, 9) else _UPRIGHT
    return _UPRIGHT


def _entries(block: bytes, order: str) -> Iterable[tuple[int, ...]]:
    """The whole entries of the first directory; how many there are is not only its own claim."""
    (start,) = struct.unpack_from(f"{order}I", block, 4)
    first = start + 2
    if first > len(block):
        return ()
    entry = struct.Struct(order + _ENTRY)
    (claimed,) = struct.unpack_from(f"{order}H", block, start)
    count = min(claimed, _ENTRIES_MAX, (len(block) - first) // entry.size)
    return entry.iter_unpack(block[first : first + count * entry.size])
