"""Pictures into one moving GIF, a frame after the other; what did not change is left as it is.

Pillow codes the pixels of each frame, as a GIF of its own from which they are cut. What it writes
as an animation lacks the frames that repeat the one before.
"""

import io
import struct
from typing import Final, NamedTuple

from PIL import Image, ImageChops

COLOURS_MAX: Final = 256

_SCREEN: Final = struct.Struct("<6sHHBBB")
_REPEATS: Final = b"\x21\xff\x0bNETSCAPE2.0\x03\x01%b\x00"
_CONTROL: Final = struct.Struct("<3sBHBB")
_DESCRIPTOR: Final = struct.Struct("<cHHHHB")
_TRAILER: Final = b"\x3b"

_HAS_TABLE, _TABLE_BITS = 0x80, 0x07
_EIGHT_BITS: Final = 0x70
"""The depth of colours; nobody reads it."""

_STAYS, _HAS_CLEAR_COLOUR = 1 << 2, 1
DELAY_UNIT_MS: Final = 10
_DELAY_HONOURED: Final = 2
"""Browsers show a frame of a GIF for 100 ms where it says 10 or less, but not one of a WebP."""

_WORD_MAX: Final = 0xFFFF
_WHITE: Final = 255

_Box = tuple[int, int, int, int]


class _Coded(NamedTuple):
    """A part of a frame: its table, padded to a power of two, and its pixels as LZW sub-blocks."""

    table: bytes
    pixels: bytes
    clear: int | None


class GifFile:
    """A GIF of opaque RGB pictures of one size, to be filled frame by frame.

    `loop` is how often it plays, as libvips counts: 0 is for ever, 1 is once.
    """

    def __init__(self, loop: int) -> None:
        self._loop = loop
        self._parts: list[bytes] = []
        self._table = b""
        self._shown: Image.Image | None = None

    def add(
        self,
        picture: Image.Image,
        delay_ms: int,
        palette: Image.Image | None = None,
        *,
        dithered: bool = False,
    ) -> None:
        """One more frame, in the colours of `palette` (mode P), with noise where they are lost.

        Without a palette the picture has to have COLOURS_MAX colours at most, and keeps them.
        """
        box = self._changed(picture)
        coded = self._coded(picture.crop(box), box, palette, dithered=dithered)
        if not self._parts:
            self._table = coded.table
            self._parts += [_head(picture.size, self._table), _repeats(self._loop)]
        self._parts += _frame(coded, box, delay_ms, has_own_table=coded.table != self._table)
        self._shown = picture

    def data(self) -> bytes:
        """The whole file."""
        return b"".join([*self._parts, _TRAILER])

    def _changed(self, picture: Image.Image) -> _Box:
        """What has to be drawn: all of the first frame, a single pixel where nothing changed."""
        if self._shown is None:
            return (0, 0, *picture.size)
        return ImageChops.difference(self._shown, picture).getbbox() or (0, 0, 1, 1)

    def _coded(
        self, part: Image.Image, box: _Box, palette: Image.Image | None, *, dithered: bool
    ) -> _Coded:
        indexed = _indexed(part, palette, dithered=dithered)
        colours = indexed.getpalette() or []
        count = len(colours) // 3
        # The table of the first frame has a clear entry as well, so that others can share it.
        table = _table(colours if count == COLOURS_MAX else [*colours, 0, 0, 0])
        if self._shown is None or count == COLOURS_MAX:
            return _Coded(table, _lzw(indexed), None)
        indexed.paste(count, mask=_unchanged(self._shown.crop(box), part))
        return _Coded(table, _lzw(indexed), count)


def delay_units(delay_ms: int) -> int:
    """How long a frame is shown, in the hundredths of a second that a GIF counts in.

    Rounded, but never so far down that browsers would no longer honour it.
    """
    units = round(delay_ms / DELAY_UNIT_MS)
    if delay_ms > DELAY_UNIT_MS:
        units = max(units, _DELAY_HONOURED)
    return min(max(0, units), _WORD_MAX)


def _indexed(part: Image.Image, palette: Image.Image | None, *, dithered: bool) -> Image.Image:
    if palette is None:
        # Of all methods this one gives each colour its own entry, if there are enough.
        method = Image.Quantize.MAXCOVERAGE
        count = len(part.getcolors(COLOURS_MAX) or ())
        return part.quantize(count or COLOURS_MAX, method=method, dither=Image.Dither.NONE)
    dither = Image.Dither.FLOYDSTEINBERG if dithered else Image.Dither.NONE
    return part.quantize(palette=palette, dither=dither)


def _unchanged(before: Image.Image, after: Image.Image) -> Image.Image:
    """255 where both have the same colour, else 0."""
    red, green, blue = ImageChops.difference(before, after).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([_WHITE, *[0] * _WHITE])


def _table(colours: list[int]) -> bytes:
    """Red, green and blue of 2, 4, 8 ... 256 colours."""
    count = 1 << max(1, (len(colours) // 3 - 1).bit_length())
    return bytes(colours).ljust(3 * count, b"\0")


def _lzw(indexed: Image.Image) -> bytes:
    """The length of the first code, and the sub-blocks."""
    stream = io.BytesIO()
    indexed.save(stream, "GIF", interlace=0, optimize=False)
    data = stream.getvalue()
    return data[_SCREEN.size + _table_length(data[10]) + _DESCRIPTOR.size : -len(_TRAILER)]


def _table_length(flags: int) -> int:
    return 3 << ((flags & _TABLE_BITS) + 1) if flags & _HAS_TABLE else 0


def _table_flags(table: bytes) -> int:
    return _HAS_TABLE | (len(table) // 3).bit_length() - 2


def _head(size: tuple[int, int], table: bytes) -> bytes:
    return _SCREEN.pack(b"GIF89a", *size, _EIGHT_BITS | _table_flags(table), 0, 0) + table


def _repeats(loop: int) -> bytes:
    """Nothing for a GIF that plays once; else how often it plays again, 0 for ever."""
    if loop == 1:
        return b""
    return _REPEATS % struct.pack("<H", min(max(0, loop - 1), _WORD_MAX))


def _frame(coded: _Coded, box: _Box, delay_ms: int, *, has_own_table: bool) -> list[bytes]:
    left, top, right, bottom = box
    flags = _STAYS if coded.clear is None else _STAYS | _HAS_CLEAR_COLOUR
    own = coded.table if has_own_table else b""
    return [
        _CONTROL.pack(b"\x21\xf9\x04", flags, delay_units(delay_ms), coded.clear or 0, 0),
        _DESCRIPTOR.pack(
            b"\x2c", left, top, right - left, bottom - top, _table_flags(own) if own else 0
        ),
        own,
        coded.pixels,
    ]
