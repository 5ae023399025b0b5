"""The picture of somebody without a photo: a mirrored pattern drawn from a hash. Pure.

It needs no picture library: two colours, one bit a pixel, and zlib.
"""

import colorsys
import struct
import zlib
from typing import Final

_CELLS: Final = 5
_MARGIN_CELLS: Final = 1
"""Cells of empty border on each side, so that a round frame cuts nothing off."""

_PAPER: Final = bytes((244, 244, 242))


def identicon(digest: str, size: int) -> bytes:
    """A PNG of `size` pixels square whose pattern and colour follow from 32 hex digits."""
    number = int(digest, 16)
    empty = (False,) * _CELLS
    cells = [_mirrored(number >> (3 * row) & 0b111) for row in range(_CELLS)]
    # Each band of equal rows is drawn once and repeated: 7 rows instead of up to 1024.
    bands = [_pixel_row(band, size) for band in (empty, *cells, empty)]
    rows = b"".join(bands[y * len(bands) // size] for y in range(size))
    hue = (number >> 24 & 0xFFFF) / 0x10000
    return _png(size, rows, _PAPER + _ink(hue))


def _mirrored(bits: int) -> tuple[bool, ...]:
    """Three bits become five cells, the same read from both sides."""
    left, middle, centre = (bool(bits >> place & 1) for place in (2, 1, 0))
    return left, middle, centre, middle, left


def _pixel_row(cells: tuple[bool, ...], size: int) -> bytes:
    """One PNG row: filter type 0, then a bit for each pixel, padded to whole bytes."""
    padded = (False,) * _MARGIN_CELLS + cells + (False,) * _MARGIN_CELLS
    bits = "".join("1" if padded[x * len(padded) // size] else "0" for x in range(size))
    length = (size + 7) // 8
    return b"\0" + int(bits.ljust(length * 8, "0"), 2).to_bytes(length, "big")


def _ink(hue: float) -> bytes:
    """A colour dark enough to stand out from the paper in any hue."""
    return bytes(round(255 * part) for part in colorsys.hls_to_rgb(hue, 0.42, 0.55))


def _png(size: int, rows: bytes, palette: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", size, size, 1, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
