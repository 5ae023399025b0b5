"""Which way up a camera was held, from a block of EXIF. Nothing else of EXIF is ever read."""

from typing import Final, Literal

PREFIX: Final = b"Exif\0\0"
"""What stands before the block in a JPEG, and by mistake in some PNG and WebP files."""

_ENTRIES_MAX: Final = 512
"""Entries looked at; a camera writes a dozen or two."""

_BYTE_ORDERS: Final[dict[bytes, Literal["little", "big"]]] = {b"II*\0": "little", b"MM\0*": "big"}
_ENTRY_LENGTH: Final = 12
_ORIENTATION: Final = 0x0112
_SHORT: Final = 3
_UPRIGHT: Final = 1


def orientation(exif: bytes) -> int:
    """1 to 8, from the first directory of a TIFF block (EXIF 2.32, 4.6.2); 1 where in doubt."""
    block = exif.removeprefix(PREFIX)
    order = _BYTE_ORDERS.get(block[:4])
    if order is None:
        return _UPRIGHT

    def number(at: int, length: int) -> int:
        return int.from_bytes(block[at : at + length], order)

    start = number(4, 4)
    first = start + 2
    last = first + min(number(start, 2), _ENTRIES_MAX) * _ENTRY_LENGTH
    # An entry: tag (2 bytes), type (2), count (4), then the value where four bytes hold it.
    for entry in range(first, last, _ENTRY_LENGTH):
        if number(entry, 2) == _ORIENTATION and number(entry + 2, 2) == _SHORT:
            value = number(entry + 8, 2)
            return value if value in range(1, 9) else _UPRIGHT
    return _UPRIGHT
