"""Writes an animated GIF frame by frame; parts that did not change are left out.

Pillow codes the pixels of each frame, as a GIF of its own from which they are cut. The animations
that it writes lack the frames that repeat the one before.

A frame is drawn over the one before, which cannot make a pixel clear again. Where one has to be,
the frame before is wiped after its time, and so a frame is coded once the next one is known.
"""

import io
import struct
from collections.abc import Sequence
from functools import reduce
from typing import Any, Final, NamedTuple

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

_STAYS, _IS_WIPED, _HAS_CLEAR_COLOUR = 1 << 2, 2 << 2, 1
DELAY_UNIT_MS: Final = 10
_DELAY_HONOURED: Final = 2
"""Browsers show a frame of a GIF for 100 ms where it says 10 or less, but not one of a WebP."""

_WORD_MAX: Final = 0xFFFF
_WHITE: Final = 255

_RGB, _RGBA = "RGB", "RGBA"
_CLEAR, _BLACK = (0, 0, 0, 0), (0, 0, 0)
_OPAQUE_MIN: Final = 128
"""A GIF has nothing between clear and opaque; what is at least half there is all there."""

_ON_OR_OFF: Final = [0] * _OPAQUE_MIN + [_WHITE] * (256 - _OPAQUE_MIN)

_Box = tuple[int, int, int, int]
_Colour = tuple[int, int, int]


class _Coded(NamedTuple):
    """A part of a frame: its table, padded to a power of two, and its pixels as LZW sub-blocks."""

    table: bytes
    pixels: bytes
    clear: int | None


class _Waiting(NamedTuple):
    """A frame that is coded once the next one says whether it is wiped."""

    picture: Image.Image
    delay_ms: int
    palette: Image.Image | None
    dithered: bool


class GifFile:
    """A GIF of pictures of one size, all RGB or all of `on_or_off`, to be filled frame by frame.

    `loop` is how often it plays, as libvips counts: 0 is for ever, 1 is once.
    """

    def __init__(self, loop: int) -> None:
        self._loop = loop
        self._parts: list[bytes] = []
        self._table = b""
        self._shown: Image.Image | None = None
        self._waiting: _Waiting | None = None

    def add(
        self,
        picture: Image.Image,
        delay_ms: int,
        palette: Image.Image | None = None,
        *,
        dithered: bool = False,
    ) -> None:
        """One more frame, in the colours of `palette` (mode P), with noise where they are lost.

        Without a palette it has to be a picture that `has_few_colours`, and keeps them. For one
        with alpha the palette has to leave room for a clear colour.
        """
        if self._waiting:
            self._draw(self._waiting, _vanishing(self._waiting.picture, picture))
        self._waiting = _Waiting(picture, delay_ms, palette, dithered)

    def data(self) -> bytes:
        """The whole file."""
        if self._waiting:
            self._draw(self._waiting, None)
            self._waiting = None
        return b"".join([*self._parts, _TRAILER])

    def _draw(self, frame: _Waiting, wiped: _Box | None) -> None:
        """Code a frame, in a box that includes the area to be `wiped` after its time."""
        picture = frame.picture
        box = _around(self._changed(picture), wiped)
        coded = self._coded(frame, box)
        if not self._parts:
            self._table = coded.table
            self._parts += [_head(picture.size, self._table), _repeats(self._loop)]
        own_table = coded.table if coded.table != self._table else b""
        fate = _IS_WIPED if wiped else _STAYS
        self._parts += _frame(coded, box, frame.delay_ms, own_table=own_table, fate=fate)
        if wiped:
            picture = picture.copy()
            picture.paste(_CLEAR, box)
        self._shown = picture

    def _changed(self, picture: Image.Image) -> _Box:
        """The box to draw: all of the first frame, a single pixel where nothing changed."""
        if self._shown is None:
            return (0, 0, *picture.size)
        found = ImageChops.difference(self._shown, picture).getbbox(alpha_only=False)
        return found or (0, 0, 1, 1)

    def _coded(self, frame: _Waiting, box: _Box) -> _Coded:
        part = frame.picture.crop(box)
        indexed = _indexed(part, frame.palette, dithered=frame.dithered)
        colours = indexed.getpalette() or []
        count = len(colours) // 3
        # The table of the first frame has a clear entry as well, so that others can share it.
        table = _table(colours if count == COLOURS_MAX else [*colours, 0, 0, 0])
        below = self._below(part, box)
        if below is None or count == COLOURS_MAX:
            return _Coded(table, _lzw(indexed), None)
        indexed.paste(count, mask=_unchanged(below, part))
        return _Coded(table, _lzw(indexed), count)

    def _below(self, part: Image.Image, box: _Box) -> Image.Image | None:
        """The picture below clear pixels; None where there was no frame and none is clear."""
        if self._shown:
            return self._shown.crop(box)
        return Image.new(_RGBA, part.size) if part.mode == _RGBA else None


def has_few_colours(picture: Image.Image) -> bool:
    """Whether a table has an entry for each of them, and a clear one where there is alpha.

    Also for an opaque frame: what is wiped after its time is clear to every decoder only then.
    """
    found = picture.getcolors(COLOURS_MAX)
    if found is None or picture.mode == _RGB:
        return found is not None
    return len(_opaque_of(found)) < COLOURS_MAX


def on_or_off(picture: Image.Image) -> Image.Image:
    """An RGBA picture of which each pixel is opaque, or clear and black."""
    alpha = picture.getchannel("A").point(_ON_OR_OFF)
    made = Image.new(_RGBA, picture.size)
    made.paste(picture, mask=alpha)
    made.putalpha(alpha)
    return made


def delay_units(delay_ms: int) -> int:
    """How long a frame is shown, in the hundredths of a second that a GIF counts in.

    Rounded, but never so far down that browsers would no longer honour it.
    """
    units = round(delay_ms / DELAY_UNIT_MS)
    if delay_ms > DELAY_UNIT_MS:
        units = max(units, _DELAY_HONOURED)
    return min(max(0, units), _WORD_MAX)


def _around(changed: _Box, wiped: _Box | None) -> _Box:
    """The smallest box around both."""
    if wiped is None:
        return changed
    (left, top, right, bottom), other = changed, wiped
    return min(left, other[0]), min(top, other[1]), max(right, other[2]), max(bottom, other[3])


def _vanishing(before: Image.Image, after: Image.Image) -> _Box | None:
    """The box of pixels that were opaque and are clear next."""
    if before.mode == _RGB:
        return None
    gone = ImageChops.subtract(before.getchannel("A"), after.getchannel("A"))
    return gone.getbbox()


def _indexed(part: Image.Image, palette: Image.Image | None, *, dithered: bool) -> Image.Image:
    if palette is None:
        colours = _colours_of(part)
        # Of all methods this one gives each colour its own entry, if there are enough.
        return _filled(part, colours[0]).quantize(
            len(colours), method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
    dither = Image.Dither.FLOYDSTEINBERG if dithered else Image.Dither.NONE
    red, green, blue = (palette.getpalette() or _BLACK)[:3]
    return _filled(part, (red, green, blue)).quantize(palette=palette, dither=dither)


def _colours_of(part: Image.Image) -> list[_Colour]:
    """The colours of its opaque pixels, COLOURS_MAX at most; black if it has none."""
    return _opaque_of(part.getcolors(COLOURS_MAX) or []) or [_BLACK]


def _opaque_of(counted: Sequence[tuple[int, Any]]) -> list[_Colour]:
    return [(red, green, blue) for _, (red, green, blue, *alpha) in counted if alpha != [0]]


def _filled(part: Image.Image, colour: _Colour) -> Image.Image:
    """The part in RGB, its clear pixels in a colour of the palette: they cause no noise beside."""
    if part.mode == _RGB:
        return part
    filled = Image.new(_RGB, part.size, colour)
    filled.paste(part.convert(_RGB), mask=part.getchannel("A"))
    return filled


def _unchanged(before: Image.Image, after: Image.Image) -> Image.Image:
    """255 where both have the same colour, else 0."""
    most = reduce(ImageChops.lighter, ImageChops.difference(before, after).split())
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


def _frame(
    coded: _Coded, box: _Box, delay_ms: int, *, own_table: bytes, fate: int
) -> tuple[bytes, ...]:
    left, top, right, bottom = box
    flags = fate if coded.clear is None else fate | _HAS_CLEAR_COLOUR
    table_flags = _table_flags(own_table) if own_table else 0
    return (
        _CONTROL.pack(b"\x21\xf9\x04", flags, delay_units(delay_ms), coded.clear or 0, 0),
        _DESCRIPTOR.pack(b"\x2c", left, top, right - left, bottom - top, table_flags),
        own_table,
        coded.pixels,
    )
