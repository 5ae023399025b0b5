"""GIF: blocks made of sub-blocks. A file that is cut off loses only the frames after the cut."""

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from likeness.imaging.formats import (
    FRAMES_COUNTED_MAX,
    WHOLE_PIXELS,
    Parsed,
    Probe,
    unreadable,
    whole_frames_used,
)
from likeness.imaging.formats.steps import Steps
from likeness.model import Format

MAGICS: Final = (b"GIF87a", b"GIF89a")

_SUB_BLOCKS_A_STEP: Final = 16
"""Sub-blocks passed in a microsecond. Encoders write 255 or 254 bytes in each; sixteen of 32 bytes
are no short part any more."""

_SCREEN: Final = struct.Struct("<6xHHBxx")
_DESCRIPTOR: Final = struct.Struct("<xHHHHB")
_HAS_TABLE: Final = 0x80
_TABLE_BITS: Final = 0x07
_CODE_BITS: Final = range(1, 12)
"""First code lengths that LZW with codes of at most 12 bits can begin with."""

_EXTENSION, _IMAGE, _TRAILER = b"\x21", b"\x2c", b"\x3b"
_GRAPHIC_CONTROL: Final = b"\x21\xf9"
_IS_TRANSPARENT: Final = 0x01
_DISPOSAL_BITS: Final = 0x1C
_WIPED, _UNDONE = 2 << 2, 3 << 2
"""Disposal of a frame after its time; otherwise it stays (GIF89a, 23.c.iv)."""

_NEEDED: Final = (
    _IMAGE,
    _GRAPHIC_CONTROL,
    b"\x21\xff\x0bNETSCAPE2.0",
    b"\x21\xff\x0bANIMEXTS1.0",
)
"""How the blocks begin that draw, time or repeat frames."""


class _Block(NamedTuple):
    """One whole block: a frame with its pixels, or an extension."""

    start: int
    end: int
    is_frame: bool


class _Walked(NamedTuple):
    """The blocks up to the last whole frame, where the whole blocks end, and whether that is all.

    A file that is cut off in its first frame has none.
    """

    blocks: list[_Block]
    stop: int
    is_whole: bool


class Layer(NamedTuple):
    """A frame's place on the canvas, in pixels, and its disposal."""

    left: int
    top: int
    width: int
    height: int
    has_clear_colour: bool
    is_wiped: bool
    is_undone: bool


def parse(data: bytes, steps: Steps) -> Parsed:
    """A GIF with at least one frame; a block is a step or, if it is long, several.

    Whether a first frame in which the file is cut off is whole is a decoder's to see.

    The canvas is as large as the screen and every frame need it to be. Stripped, it has the same
    frames, delays and repeats without comments, metadata, or bytes after the last. raises:
    BadImage.
    """
    blocks, stop, is_whole = _walked(data, steps)
    is_damaged = not blocks
    if is_damaged:
        data = _closed(data, stop, steps)
        blocks, _, _ = _walked(data, steps)
    view = memoryview(data)
    needed = [view[start:end] for start, end, _ in blocks if data.startswith(_NEEDED, start)]
    probe = replace(_probe(data, _layers(data, blocks)), is_damaged=is_damaged)
    cut = WHOLE_PIXELS if is_damaged else whole_frames_used(probe.frames)
    notes = () if is_whole else (cut,)
    return Parsed(probe, [view[: _first_block(data)], *needed, _TRAILER], notes)


def layers(data: bytes) -> list[Layer]:
    """The place of each frame on the canvas and its disposal, in turn. raises: BadImage."""
    return _layers(data, _walked(data, Steps()).blocks)


def _probe(data: bytes, drawn: list[Layer]) -> Probe:
    """The facts of the screen and its frames together."""
    width, height, _ = _SCREEN.unpack_from(data)
    width = max(width, *(layer.left + layer.width for layer in drawn))
    height = max(height, *(layer.top + layer.height for layer in drawn))
    if not width or not height:
        raise unreadable(Format.GIF, f"it says that it is {width}x{height} pixels")
    has_alpha = _has_holes(drawn, (0, 0, width, height))
    return Probe(Format.GIF, width, height, len(drawn), has_alpha=has_alpha)


def _layers(data: bytes, blocks: list[_Block]) -> list[Layer]:
    """See layers."""
    found: list[Layer] = []
    flags = 0
    for block in blocks:
        if not block.is_frame:
            flags = _control_flags(data, block, flags)
            continue
        left, top, width, height, _ = _DESCRIPTOR.unpack_from(data, block.start)
        disposal = flags & _DISPOSAL_BITS
        is_clear = bool(flags & _IS_TRANSPARENT)
        fate = disposal == _WIPED, disposal == _UNDONE
        found.append(Layer(left, top, width, height, is_clear, *fate))
        flags = 0
    return found


def _walked(data: bytes, steps: Steps) -> _Walked:
    """See _Walked."""
    blocks = list(_whole_blocks(data, steps))
    frames = sum(block.is_frame for block in blocks)
    stop = blocks[-1].end if blocks else _first_block(data)
    is_whole = frames == FRAMES_COUNTED_MAX or data.startswith(_TRAILER, stop)
    while blocks and not blocks[-1].is_frame:
        blocks.pop()
    return _Walked(blocks, stop, is_whole)


def _closed(data: bytes, start: int, steps: Steps) -> bytes:
    """A file that is cut off in the pixels of its first frame, closed there. raises: BadImage."""
    body = _coded_pixels(data, start) if data.startswith(_IMAGE, start) else len(data)
    if body >= len(data):
        raise unreadable(Format.GIF, "it holds no whole frame")
    end = body
    while (after := end + 1 + data[end]) < len(data):
        steps.over(after - end)
        end = after
    last = data[end + 1 :]
    return b"".join((data[:end], bytes([len(last)]) if last else b"", last, b"\0", _TRAILER))


def _whole_blocks(data: bytes, steps: Steps) -> Iterator[_Block]:
    """The blocks up to the trailer, the cut, a byte that begins no block, or too many frames."""
    start = _first_block(data)
    frames = 0
    while frames < FRAMES_COUNTED_MAX:
        is_frame = data.startswith(_IMAGE, start)
        if not is_frame and not data.startswith(_EXTENSION, start):
            return
        steps.take()
        body = _coded_pixels(data, start) if is_frame else start + len(_GRAPHIC_CONTROL)
        end = _end_of_sub_blocks(data, body, steps)
        if end > len(data):
            return
        yield _Block(start, end, is_frame)
        frames += is_frame
        start = end


def _first_block(data: bytes) -> int:
    """Where the blocks begin: after the screen descriptor and its colour table."""
    if len(data) < _SCREEN.size:
        raise unreadable(Format.GIF, "it is cut off")
    return _SCREEN.size + _table_length(_SCREEN.unpack_from(data)[2])


def _table_length(flags: int) -> int:
    """Bytes of the colour table that a descriptor with these flags announces."""
    return 3 << ((flags & _TABLE_BITS) + 1) if flags & _HAS_TABLE else 0


def _coded_pixels(data: bytes, start: int) -> int:
    """Where the sub-blocks of a frame begin; behind the end where the frame is cut or damaged."""
    if start + _DESCRIPTOR.size > len(data):
        return len(data)
    body = start + _DESCRIPTOR.size + _table_length(_DESCRIPTOR.unpack_from(data, start)[4])
    is_lzw = body < len(data) and data[body] in _CODE_BITS
    return body + 1 if is_lzw else len(data)


def _end_of_sub_blocks(data: bytes, start: int, steps: Steps) -> int:
    """Where the chain of sub-blocks ends; more than the length of `data` where it is cut."""
    stop = len(data)
    while True:
        group = start
        for _ in range(_SUB_BLOCKS_A_STEP):
            if start >= stop:
                return stop + 1
            length = data[start]
            start += length + 1
            if not length:
                return start
        steps.over(start - group)


def _has_holes(drawn: list[Layer], canvas: tuple[int, int, int, int]) -> bool:
    """Whether a part of the canvas is ever left empty.

    Where a frame is transparent the one before it shows; encoders use that to store only
    changed pixels. There is a hole only if the canvas was empty: at first, and after it was wiped.
    """
    is_empty = True
    for layer in drawn:
        if is_empty and (layer.has_clear_colour or layer[:4] != canvas):
            return True
        is_empty = layer.is_wiped or (is_empty and layer.is_undone)
    return False


def _control_flags(data: bytes, extension: _Block, flags: int) -> int:
    """The flags for the next frame: those of a graphic control, else those that stood already."""
    at = extension.start + len(_GRAPHIC_CONTROL) + 1
    is_control = data.startswith(_GRAPHIC_CONTROL, extension.start) and at < extension.end
    return data[at] if is_control else flags
