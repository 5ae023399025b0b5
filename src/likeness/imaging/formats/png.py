"""PNG: chunks, each with its checksum. An animated PNG counts as the still that it shows first."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final, NamedTuple

from likeness.imaging.formats import BLOCKS_MAX, ICC_LENGTH_MAX, Probe, unreadable
from likeness.imaging.formats.exif import orientation
from likeness.model import Format

MAGIC: Final = b"\x89PNG\r\n\x1a\n"

_FRAMING: Final = struct.Struct(">I4s")
_CHECKSUM_LENGTH: Final = 4
_LOWER_CASE: Final = 0x20

HEADER: Final = struct.Struct(">IIBBBBB")
"""Width, height, depth in bits, colour type, packing, filters, interlacing: what IHDR holds."""

_SIDE_PX_MAX: Final = 2**31 - 1
_DEPTHS: Final = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
"""Bit depths that each colour type may have (PNG, third edition, table 11.1)."""

_PALETTE: Final = 3
_WITH_ALPHA: Final = {4, 6}
_COLOUR_CHUNKS: Final = {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"iCCP"}
_READ: Final = {*_COLOUR_CHUNKS, b"eXIf"}
_ABOVE_GAMMA: Final = {b"iCCP", b"sRGB"}
"""A PNG with one of these says by it what its colours are (third edition, 4.3)."""

_GAMMA_UNITS: Final = 100_000
_NUMBER_LENGTH: Final = 4


class _Chunk(NamedTuple):
    """One chunk: its kind, and where the whole of it lies in the file."""

    kind: bytes
    start: int
    end: int


def probe(data: bytes) -> Probe:
    """What the header says, of a PNG whose chunks are whole from IHDR to IEND.

    raises: BadImage.
    """
    chunks = list(_chunks(data))
    width, height, colour = _header(data, chunks[0])
    kinds = {chunk.kind for chunk in chunks}
    if b"IDAT" not in kinds:
        raise unreadable(Format.PNG, "it holds no pixels")
    if colour == _PALETTE and b"PLTE" not in kinds:
        raise unreadable(Format.PNG, "its palette is missing")
    exif = next((_payload(data, chunk) for chunk in chunks if chunk.kind == b"eXIf"), b"")
    has_alpha = colour in _WITH_ALPHA or b"tRNS" in kinds
    return Probe(
        Format.PNG,
        width,
        height,
        orientation=orientation(exif),
        has_alpha=has_alpha,
        gamma=_gamma(data, chunks),
    )


def strip(data: bytes) -> bytes:
    """The same pixels without text, EXIF, further frames, and whatever follows the end.

    Of the chunks that a PNG can do without, one each of those stay that give colours their meaning.
    """
    parts = [MAGIC]
    wanted = set(_COLOUR_CHUNKS)
    for chunk in _chunks(data):
        kind, start, end = chunk
        if _is_critical(kind) or (kind in wanted and _is_worth_keeping(data, chunk)):
            parts.append(data[start:end])
        wanted.discard(kind)
    return b"".join(parts)


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """The chunks up to IEND, without those that nobody here reads.

    One that is damaged and could be missing is taken to be missing, as libpng does.
    """
    view = memoryview(data)
    start = len(MAGIC)
    for _ in range(BLOCKS_MAX):
        length, kind = _FRAMING.unpack(data[start : start + _FRAMING.size].ljust(_FRAMING.size))
        end = start + _FRAMING.size + length + _CHECKSUM_LENGTH
        if end > len(data):
            raise unreadable(Format.PNG, "it is cut off")
        is_critical = _is_critical(kind)
        if is_critical or kind in _READ:
            checksum = int.from_bytes(data[end - _CHECKSUM_LENGTH : end], "big")
            if zlib.crc32(view[start + 4 : end - _CHECKSUM_LENGTH]) == checksum:
                yield _Chunk(kind, start, end)
            elif is_critical:
                raise unreadable(Format.PNG, "a checksum in it is wrong")
        if kind == b"IEND":
            return
        start = end
    raise unreadable(Format.PNG, f"it has more than {BLOCKS_MAX} chunks")


def _is_critical(kind: bytes) -> bool:
    """Whether a decoder has to understand it; the case of the first letter says so."""
    return not kind[0] & _LOWER_CASE


def _payload(data: bytes, chunk: _Chunk) -> bytes:
    return data[chunk.start + _FRAMING.size : chunk.end - _CHECKSUM_LENGTH]


def _header(data: bytes, chunk: _Chunk) -> tuple[int, int, int]:
    """Width, height and colour type."""
    payload = _payload(data, chunk)
    if chunk.kind != b"IHDR" or len(payload) != HEADER.size:
        raise unreadable(Format.PNG, "it does not begin with its header")
    width, height, depth, colour, packing, filters, interlace = HEADER.unpack(payload)
    if not (1 <= width <= _SIDE_PX_MAX and 1 <= height <= _SIDE_PX_MAX):
        raise unreadable(Format.PNG, f"it says that it is {width}x{height} pixels")
    if depth not in _DEPTHS.get(colour, ()) or packing or filters or interlace > 1:
        raise unreadable(Format.PNG, "its header describes no kind of PNG that exists")
    return width, height, colour


def _gamma(data: bytes, chunks: Iterable[_Chunk]) -> float | None:
    """What gAMA says, unless it stands too late or something better is said of the colours."""
    heads = list(takewhile(lambda chunk: chunk.kind != b"IDAT", chunks))
    if any(head.kind in _ABOVE_GAMMA and _is_worth_keeping(data, head) for head in heads):
        return None
    said = next((_payload(data, head) for head in heads if head.kind == b"gAMA"), b"")
    # A number of another length than PNG's is none; a long one would be too large to divide.
    return (
        int.from_bytes(said, "big") / _GAMMA_UNITS or None if len(said) == _NUMBER_LENGTH else None
    )


def _is_worth_keeping(data: bytes, chunk: _Chunk) -> bool:
    """Everything but a colour profile that is broken, or that unpacks to more than the limit."""
    if chunk.kind != b"iCCP":
        return True
    # The profile's name, a zero byte, the packing method, then the packed profile.
    packed = _payload(data, chunk).partition(b"\0")[2][1:]
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(packed, ICC_LENGTH_MAX)
    except zlib.error:
        return False
    return unpacker.eof
