"""WebP: a RIFF file of chunks, with one picture or with a canvas and the frames painted on it."""

import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from likeness.imaging.formats import (
    FRAMES_COUNTED_MAX,
    ICC_LENGTH_MAX,
    Parsed,
    Probe,
    unreadable,
)
from likeness.imaging.formats.exif import orientation
from likeness.imaging.formats.steps import Steps
from likeness.model import Format

MAGIC: Final = b"RIFF"
FORM: Final = b"WEBP"
FORM_AT: Final = 8
"""After `RIFF` and four bytes of length."""

_HEADER_LENGTH: Final = 12
_CHUNK: Final = struct.Struct("<4sI")
_PICTURES: Final = {b"VP8 ", b"VP8L"}
_NEEDED: Final = {*_PICTURES, b"VP8X", b"ICCP", b"ALPH", b"ANIM", b"ANMF"}

_HAS_PROFILE, _HAS_ALPHA, _HAS_FRAMES = 0x20, 0x10, 0x02
_CANVAS_LENGTH: Final = 10
_IS_WIPED: Final = 0x01
"""A bit of a frame's last byte: its area is cleared after its time."""

_FRAME_HEADER_LENGTH: Final = 16
_FRAME_PARTS_MAX: Final = 2
"""Alpha, then the pixels. Further chunks of a frame come after them, and are ignored."""

_VP8: Final = struct.Struct("<3s3sHH")
_VP8_START: Final = b"\x9d\x01\x2a"
_VP8_IS_DELTA: Final = 1
_VP8L: Final = struct.Struct("<BI")
_VP8L_SIGNATURE: Final = 0x2F
_VP8L_HINT_AT, _VP8L_HINT = 4, 0x10
"""Where lossless pixels say that they have alpha. It is a hint, and some writers leave it out."""

_SIDE_BITS: Final = 14
_SIDE_MASK: Final = (1 << _SIDE_BITS) - 1


class _Chunk(NamedTuple):
    """One chunk: its kind, where it and its payload lie in the file, and where the next begins."""

    kind: bytes
    start: int
    body: int
    end: int
    padded: int


class _Picture(NamedTuple):
    """The facts in the head of coded pixels."""

    width: int
    height: int
    has_alpha: bool
    is_lossless: bool


class _Frame(NamedTuple):
    """A picture on the canvas of an animation, and its disposal."""

    picture: _Picture
    is_whole: bool
    is_wiped: bool


_TURNED: Final = (
    "this WebP was turned or mirrored as its EXIF data says; browsers show it as it lies there"
)


def parse(data: bytes, steps: Steps) -> Parsed:
    """A WebP that is whole to the end of its RIFF; a chunk is a step. raises: BadImage.

    Stripped, it is the same picture or animation without EXIF, XMP, unknown chunks and
    bytes after the end; lossless pixels say that they have alpha, or libvips would not look for it.
    """
    chunks = list(_chunks(data, _HEADER_LENGTH, _stop(data), steps))
    if chunks and chunks[0].kind == b"VP8X":
        probe = _probe_canvas(data, chunks, steps)
    else:
        width, height, has_alpha, is_lossless = _picture(data, chunks[:1])
        probe = Probe(Format.WEBP, width, height, has_alpha=has_alpha, is_lossless=is_lossless)
    notes = () if probe.orientation == 1 else (_TURNED,)
    return Parsed(probe, _parts(data, chunks, probe), notes)


def _parts(data: bytes, chunks: Iterable[_Chunk], probe: Probe) -> list[bytes | memoryview]:
    """The chunks to keep, under a new header and on a canvas that announces nothing else."""
    view = memoryview(data)
    kept = [chunk for chunk in chunks if _is_worth_keeping(chunk)]
    parts: list[bytes | memoryview] = []
    for chunk in kept:
        if chunk.kind == b"VP8L":
            parts += _with_hint(data, chunk)
        else:
            parts.append(view[chunk.start : chunk.padded])
    if kept[0].kind == b"VP8X":
        has_profile = any(chunk.kind == b"ICCP" for chunk in kept)
        canvas = bytearray(parts[0])
        canvas[_CHUNK.size] &= _HAS_FRAMES
        canvas[_CHUNK.size] |= has_profile * _HAS_PROFILE | probe.has_alpha * _HAS_ALPHA
        parts[0] = bytes(canvas)
    length = len(FORM) + sum(map(len, parts))
    return [MAGIC + struct.pack("<I", length) + FORM, *parts]


def _with_hint(data: bytes, chunk: _Chunk) -> list[bytes | memoryview]:
    """A chunk of lossless pixels that says that they have alpha."""
    view, at = memoryview(data), chunk.body + _VP8L_HINT_AT
    hinted = bytes([data[at] | _VP8L_HINT])
    return [view[chunk.start : at], hinted, view[at + 1 : chunk.padded]]


def _stop(data: bytes) -> int:
    """Where the RIFF ends, by its own account."""
    stop = FORM_AT + int.from_bytes(data[len(MAGIC) : FORM_AT], "little")
    if stop > len(data):
        raise unreadable(Format.WEBP, "it is cut off")
    return stop


def _chunks(data: bytes, start: int, stop: int, steps: Steps) -> Iterator[_Chunk]:
    """The chunks from `start` to `stop`, or up to more frames than are counted."""
    frames = 0
    while start < stop and frames < FRAMES_COUNTED_MAX:
        body = start + _CHUNK.size
        kind, length = _CHUNK.unpack(data[start:body].ljust(_CHUNK.size, b"\0"))
        end = body + length
        if end > stop:
            raise unreadable(Format.WEBP, "a part of it is longer than the whole")
        # A chunk of odd length is padded; some writers forget it for the last one.
        padded = min(end + length % 2, stop)
        steps.over(padded - start)
        yield _Chunk(kind, start, body, end, padded)
        frames += kind == b"ANMF"
        start = padded


def _probe_canvas(data: bytes, chunks: list[_Chunk], steps: Steps) -> Probe:
    """The extended kind: VP8X gives the canvas, the other chunks the pixels on it."""
    canvas = _beginning(data, chunks[0], _CANVAS_LENGTH)
    if len(canvas) < _CANVAS_LENGTH:
        raise unreadable(Format.WEBP, "its header is cut off")
    size = _side(canvas, 4), _side(canvas, 7)
    if canvas[0] & _HAS_FRAMES:
        frames = [_frame(data, each, size, steps) for each in chunks if each.kind == b"ANMF"]
        # Encoders set the canvas' flag for opaque pictures too, but animations may need it.
        has_alpha = bool(canvas[0] & _HAS_ALPHA) or _has_holes(frames)
        pictures = [frame.picture for frame in frames]
    else:
        pictures = [_picture(data, chunks)]
        has_alpha = False
        if pictures[0][:2] != size:
            raise unreadable(Format.WEBP, "its picture and its canvas differ in size")
    if not pictures:
        raise unreadable(Format.WEBP, "it is an animation without frames")
    exif = next((data[each.body : each.end] for each in chunks if each.kind == b"EXIF"), b"")
    return Probe(
        Format.WEBP,
        *size,
        frames=len(pictures),
        orientation=orientation(exif, steps),
        has_alpha=has_alpha or any(drawn.has_alpha for drawn in pictures),
        is_lossless=all(drawn.is_lossless for drawn in pictures),
    )


def _has_holes(frames: list[_Frame]) -> bool:
    """Whether a part of the canvas may be left empty, at first or once it was cleared."""
    return bool(frames) and (not frames[0].is_whole or any(frame.is_wiped for frame in frames))


def _frame(data: bytes, chunk: _Chunk, canvas: tuple[int, int], steps: Steps) -> _Frame:
    """One frame of an animation; it has to lie on the canvas and be as large as it says."""
    parts = _chunks(data, chunk.body + _FRAME_HEADER_LENGTH, chunk.end, steps)
    picture = _picture(data, islice(parts, _FRAME_PARTS_MAX))
    header = _beginning(data, chunk, _FRAME_HEADER_LENGTH)
    width, height = _side(header, 6), _side(header, 9)
    right = 2 * _number(header, 0) + width
    bottom = 2 * _number(header, 3) + height
    if picture[:2] != (width, height) or right > canvas[0] or bottom > canvas[1]:
        raise unreadable(Format.WEBP, "a frame in it does not fit the canvas")
    return _Frame(picture, (width, height) == canvas, bool(header[-1] & _IS_WIPED))


def _picture(data: bytes, chunks: Iterable[_Chunk]) -> _Picture:
    """The facts of the first coded picture among `chunks`."""
    has_alpha = False
    for chunk in chunks:
        has_alpha |= chunk.kind == b"ALPH"
        if chunk.kind == b"VP8 ":
            lossy = _lossy(_beginning(data, chunk, _VP8.size))
            return lossy._replace(has_alpha=has_alpha)
        if chunk.kind == b"VP8L":
            return _lossless(_beginning(data, chunk, _VP8L.size))
    raise unreadable(Format.WEBP, "it holds no pixels")


def _beginning(data: bytes, chunk: _Chunk, length: int) -> bytes:
    """The first bytes of a payload, as far as there are any."""
    return data[chunk.body : min(chunk.body + length, chunk.end)]


def _lossy(header: bytes) -> _Picture:
    """From the header of a VP8 key frame (RFC 6386, 9.1)."""
    tag, start_code, width, height = _VP8.unpack(header.ljust(_VP8.size, b"\0"))
    width, height = width & _SIDE_MASK, height & _SIDE_MASK
    if tag[0] & _VP8_IS_DELTA or start_code != _VP8_START or not width or not height:
        raise unreadable(Format.WEBP, f"its pixels begin wrongly; they say {width}x{height}")
    return _Picture(width, height, has_alpha=False, is_lossless=False)


def _lossless(header: bytes) -> _Picture:
    """From the header of a VP8L picture (RFC 9649, 3.4): two sides less one, a hint, version 0."""
    signature, bits = _VP8L.unpack(header.ljust(_VP8L.size, b"\0"))
    version = bits >> (2 * _SIDE_BITS + 1)
    if signature != _VP8L_SIGNATURE or version:
        raise unreadable(Format.WEBP, "its pixels begin wrongly")
    width, height = bits & _SIDE_MASK, bits >> _SIDE_BITS & _SIDE_MASK
    return _Picture(width + 1, height + 1, has_alpha=True, is_lossless=True)


def _number(payload: bytes, at: int) -> int:
    """Three bytes, the low one first."""
    return int.from_bytes(payload[at : at + 3], "little")


def _side(payload: bytes, at: int) -> int:
    """A side in pixels, which is stored less one."""
    return _number(payload, at) + 1


def _is_worth_keeping(chunk: _Chunk) -> bool:
    """Whether pixels or their colours need it; a profile only up to the limit."""
    is_profile = chunk.kind == b"ICCP"
    return chunk.kind in _NEEDED and not (is_profile and chunk.end - chunk.body > ICC_LENGTH_MAX)
