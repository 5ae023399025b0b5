"""WebP: a RIFF file of chunks, with one picture or with a canvas and the frames painted on it."""

import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from likeness.imaging.formats import (
    BLOCKS_MAX,
    FRAMES_COUNTED_MAX,
    ICC_LENGTH_MAX,
    Probe,
    unreadable,
)
from likeness.imaging.formats.exif import orientation
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
_FRAME_HEADER_LENGTH: Final = 16
_FRAME_PARTS_MAX: Final = 2
"""Alpha, then the pixels. What else a frame may hold comes after them, and is not looked at."""

_VP8: Final = struct.Struct("<3s3sHH")
_VP8_START: Final = b"\x9d\x01\x2a"
_VP8_IS_DELTA: Final = 1
_VP8L: Final = struct.Struct("<BI")
_VP8L_SIGNATURE: Final = 0x2F
_SIDE_BITS: Final = 14
_SIDE_MASK: Final = (1 << _SIDE_BITS) - 1


class _Chunk(NamedTuple):
    """One chunk: its kind and payload, and where the whole of it lies in the file."""

    kind: bytes
    payload: bytes
    start: int
    end: int


class _Picture(NamedTuple):
    """What coded pixels say of themselves."""

    width: int
    height: int
    has_alpha: bool


def probe(data: bytes) -> Probe:
    """What a WebP says that is whole to the end of its RIFF. raises: BadImage."""
    chunks = list(_chunks(data, _HEADER_LENGTH, _stop(data)))
    if chunks and chunks[0].kind == b"VP8X":
        return _probe_canvas(chunks)
    width, height, has_alpha = _picture(chunks[:1])
    return Probe(Format.WEBP, width, height, has_alpha=has_alpha)


def strip(data: bytes) -> bytes:
    """The same picture or animation without EXIF, XMP, unknown chunks and what follows the end."""
    chunks = [c for c in _chunks(data, _HEADER_LENGTH, _stop(data)) if _is_worth_keeping(c)]
    announced = _HAS_ALPHA | _HAS_FRAMES
    if any(chunk.kind == b"ICCP" for chunk in chunks):
        announced |= _HAS_PROFILE
    parts = [data[start:end] for _, _, start, end in chunks]
    if chunks[0].kind == b"VP8X":
        flags = chunks[0].payload[0] & announced
        parts[0] = parts[0][: _CHUNK.size] + bytes([flags]) + parts[0][_CHUNK.size + 1 :]
    body = b"".join([FORM, *parts])
    return MAGIC + struct.pack("<I", len(body)) + body


def _stop(data: bytes) -> int:
    """Where the RIFF ends, by its own account."""
    stop = FORM_AT + int.from_bytes(data[len(MAGIC) : FORM_AT], "little")
    if stop > len(data):
        raise unreadable(Format.WEBP, "it is cut off")
    return stop


def _chunks(data: bytes, start: int, stop: int) -> Iterator[_Chunk]:
    """The chunks from `start` to `stop`, or up to more frames than are counted."""
    frames = 0
    for _ in range(BLOCKS_MAX):
        if start >= stop or frames == FRAMES_COUNTED_MAX:
            return
        kind, length = _CHUNK.unpack(data[start : start + _CHUNK.size].ljust(_CHUNK.size, b"\0"))
        end = start + _CHUNK.size + length
        if end > stop:
            raise unreadable(Format.WEBP, "a part of it is longer than the whole")
        # A chunk of odd length is padded; some writers forget it for the last one.
        padded = min(end + length % 2, stop)
        yield _Chunk(kind, data[start + _CHUNK.size : end], start, padded)
        frames += kind == b"ANMF"
        start = padded
    raise unreadable(Format.WEBP, f"it has more than {BLOCKS_MAX} chunks")


def _probe_canvas(chunks: list[_Chunk]) -> Probe:
    """The extended kind: VP8X gives the canvas, the other chunks what is painted on it."""
    canvas = chunks[0].payload
    if len(canvas) < _CANVAS_LENGTH:
        raise unreadable(Format.WEBP, "its header is cut off")
    size = _side(canvas, 4), _side(canvas, 7)
    if canvas[0] & _HAS_FRAMES:
        pictures = [_frame(chunk.payload, size) for chunk in chunks if chunk.kind == b"ANMF"]
    else:
        pictures = [_picture(chunks)]
        if pictures[0][:2] != size:
            raise unreadable(Format.WEBP, "its picture and its canvas differ in size")
    if not pictures:
        raise unreadable(Format.WEBP, "it is an animation without frames")
    return Probe(
        Format.WEBP,
        *size,
        frames=len(pictures),
        orientation=next((orientation(c.payload) for c in chunks if c.kind == b"EXIF"), 1),
        has_alpha=bool(canvas[0] & _HAS_ALPHA) or any(drawn.has_alpha for drawn in pictures),
    )


def _frame(payload: bytes, canvas: tuple[int, int]) -> _Picture:
    """One frame of an animation; it has to lie on the canvas and be as large as it says."""
    parts = _chunks(payload, _FRAME_HEADER_LENGTH, len(payload))
    picture = _picture(islice(parts, _FRAME_PARTS_MAX))
    width, height = _side(payload, 6), _side(payload, 9)
    right = 2 * _number(payload, 0) + width
    bottom = 2 * _number(payload, 3) + height
    if picture[:2] != (width, height) or right > canvas[0] or bottom > canvas[1]:
        raise unreadable(Format.WEBP, "a frame in it does not fit the canvas")
    return picture


def _picture(chunks: Iterable[_Chunk]) -> _Picture:
    """What the first coded picture among `chunks` says of itself."""
    for chunk in chunks:
        if chunk.kind == b"VP8 ":
            return _lossy(chunk.payload)
        if chunk.kind == b"VP8L":
            return _lossless(chunk.payload)
    raise unreadable(Format.WEBP, "it holds no pixels")


def _lossy(payload: bytes) -> _Picture:
    """From the header of a VP8 key frame (RFC 6386, 9.1)."""
    tag, start_code, width, height = _VP8.unpack(payload[: _VP8.size].ljust(_VP8.size, b"\0"))
    width, height = width & _SIDE_MASK, height & _SIDE_MASK
    if tag[0] & _VP8_IS_DELTA or start_code != _VP8_START or not width or not height:
        raise unreadable(Format.WEBP, f"its pixels begin wrongly; they say {width}x{height}")
    return _Picture(width, height, has_alpha=False)


def _lossless(payload: bytes) -> _Picture:
    """From the header of a VP8L picture (RFC 9649, 3.4): two sides less one, alpha, version 0."""
    signature, bits = _VP8L.unpack(payload[: _VP8L.size].ljust(_VP8L.size, b"\0"))
    version = bits >> (2 * _SIDE_BITS + 1)
    if signature != _VP8L_SIGNATURE or version:
        raise unreadable(Format.WEBP, "its pixels begin wrongly")
    width, height = bits & _SIDE_MASK, bits >> _SIDE_BITS & _SIDE_MASK
    return _Picture(width + 1, height + 1, has_alpha=bool(bits >> 2 * _SIDE_BITS & 1))


def _number(payload: bytes, at: int) -> int:
    """Three bytes, the low one first."""
    return int.from_bytes(payload[at : at + 3], "little")


def _side(payload: bytes, at: int) -> int:
    """A side in pixels, which is stored less one."""
    return _number(payload, at) + 1


def _is_worth_keeping(chunk: _Chunk) -> bool:
    """Whether pixels or their colours need it; a profile only up to the limit."""
    is_profile = chunk.kind == b"ICCP"
    return chunk.kind in _NEEDED and not (is_profile and len(chunk.payload) > ICC_LENGTH_MAX)
