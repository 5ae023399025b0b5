"""Pictures with nothing on them: one colour, or none at all. They take 0.03 ms.

All of one side have the same pixels, which are packed once. Only the palette tells the colour.
"""

import struct
import zlib
from functools import lru_cache
from typing import Final

from likeness.imaging.formats.png import HEADER, MAGIC
from likeness.imaging.portraits.colours import WHITE, Rgb, oklch, plain_colour
from likeness.imaging.portraits.traits import Traits
from likeness.model import DefaultStyle, Format

NOBODY_HUE: Final = 0.72
"""Of the greys of MP, in turns; with so little chroma they are only just not neutral."""

NOBODY_GROUND: Final = oklch(0.925, 0.008, NOBODY_HUE)

_STYLES: Final = frozenset({DefaultStyle.COLOR, DefaultStyle.BLANK})

_DEPTH_BITS: Final = 1
_OF_A_PALETTE: Final = 3
_NUMBER: Final = struct.Struct(">I")

_SIDES_KEPT: Final = 2048
"""As many as there are sides; one takes 17 to 533 bytes, and up to 1.5 ms to make."""


def is_plain(style: DefaultStyle, form: Format) -> bool:
    """Whether nothing is drawn on it, so that `ground` gives what is asked for."""
    return style in _STYLES and form is Format.PNG


def ground(style: DefaultStyle, digest: str, side_px: int) -> bytes:
    """A default picture without what is drawn on it, as a PNG of `side_px` pixels square."""
    if style is DefaultStyle.MP:
        return filled(NOBODY_GROUND, side_px)
    return blank(side_px) if style is DefaultStyle.BLANK else plain(digest, side_px)


def plain(digest: str, side_px: int) -> bytes:
    """A PNG of `side_px` pixels square, all in the digest's colour."""
    return filled(plain_colour(Traits(digest)), side_px)


def blank(side_px: int) -> bytes:
    """A PNG of `side_px` pixels square through which everything is seen."""
    return filled(WHITE, side_px, _chunk(b"tRNS", bytes(1)))


def filled(colour: Rgb, side_px: int, more: bytes = b"") -> bytes:
    """A PNG of `side_px` pixels square in one colour; `more` are chunks beside its palette."""
    header = HEADER.pack(side_px, side_px, _DEPTH_BITS, _OF_A_PALETTE, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"PLTE", bytes(colour)), more, _pixels(side_px))
    return b"".join((MAGIC, *chunks, _chunk(b"IEND", b"")))


@lru_cache(maxsize=_SIDES_KEPT)
def _pixels(side_px: int) -> bytes:
    """The chunk of pixels that all have the first colour: rows of zeros, each after a filter's."""
    row_length = 1 + (side_px * _DEPTH_BITS + 7) // 8
    return _chunk(b"IDAT", zlib.compress(bytes(row_length * side_px)))


def _chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(payload, zlib.crc32(kind))
    return b"".join((_NUMBER.pack(len(payload)), kind, payload, _NUMBER.pack(checksum)))
