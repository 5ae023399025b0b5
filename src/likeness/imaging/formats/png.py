"""PNG: chunks, each with its checksum. An animated PNG counts as the still that it shows first."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final, NamedTuple

from likeness.imaging.formats import ICC_LENGTH_MAX, Parsed, Probe, unreadable
from likeness.imaging.formats.exif import orientation
from likeness.imaging.formats.steps import Steps
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
_READ: Final = {*_COLOUR_CHUNKS, b"eXIf", b"acTL"}
_ABOVE_GAMMA: Final = {b"iCCP", b"sRGB"}
"""A PNG with one of these says by it what its colours are (third edition, 4.3)."""

_UNPACKING_STEPS: Final = 2_048
"""What unpacking a colour profile of ICC_LENGTH_MAX bytes takes, good or bad: as a rule 2 ms."""

_STANDS_STILL: Final = (
    "the motion of this animated PNG is left out; send a GIF or a moving WebP to keep it"
)

_GAMMA_UNITS: Final = 100_000
_NUMBER_LENGTH: Final = 4


class _Chunk(NamedTuple):
    """One chunk: its kind, and where the whole of it lies in the file."""

    kind: bytes
    start: int
    end: int


def parse(data: bytes, steps: Steps) -> Parsed:
    """A PNG whose chunks are whole from IHDR to IEND; a chunk is a step, a colour profile many.

    Stripped, it has the same pixels without text, EXIF, further frames, and what follows the end.
    raises: BadImage.
    """
    chunks = list(_chunks(data, steps))
    width, height, colour = _header(data, chunks[0])
    kept = list(_kept(data, chunks, steps))
    kinds = {chunk.kind for chunk in kept}
    if b"IDAT" not in kinds:
        raise unreadable(Format.PNG, "it holds no pixels")
    if colour == _PALETTE and b"PLTE" not in kinds:
        raise unreadable(Format.PNG, "its palette is missing")
    exif = next((_payload(data, chunk) for chunk in chunks if chunk.kind == b"eXIf"), b"")
    probe = Probe(
        Format.PNG,
        width,
        height,
        orientation=orientation(exif, steps),
        has_alpha=colour in _WITH_ALPHA or b"tRNS" in kinds,
        gamma=_gamma(data, kept),
    )
    view = memoryview(data)
    notes = (_STANDS_STILL,) if any(_moves(data, chunk) for chunk in chunks) else ()
    return Parsed(probe, [MAGIC, *(view[start:end] for _, start, end in kept)], notes)


def _chunks(data: bytes, steps: Steps) -> Iterator[_Chunk]:
    """The chunks up to IEND, without those that nobody here reads.

    One that is damaged and could be missing is taken to be missing, as libpng does.
    """
    view = memoryview(data)
    start = len(MAGIC)
    kind = b""
    while kind != b"IEND":
        length, kind = _FRAMING.unpack(data[start : start + _FRAMING.size].ljust(_FRAMING.size))
        end = start + _FRAMING.size + length + _CHECKSUM_LENGTH
        if end > len(data):
            raise unreadable(Format.PNG, "it is cut off")
        steps.over(end - start)
        is_critical = _is_critical(kind)
        if is_critical or kind in _READ:
            checksum = int.from_bytes(data[end - _CHECKSUM_LENGTH : end], "big")
            if zlib.crc32(view[start + 4 : end - _CHECKSUM_LENGTH]) == checksum:
                yield _Chunk(kind, start, end)
            elif is_critical:
                raise unreadable(Format.PNG, "a checksum in it is wrong")
        start = end


def _kept(data: bytes, chunks: Iterable[_Chunk], steps: Steps) -> Iterator[_Chunk]:
    """What a decoder has to understand, and one chunk of each kind that gives colours a meaning."""
    wanted = set(_COLOUR_CHUNKS)
    for chunk in chunks:
        is_first = chunk.kind in wanted
        wanted.discard(chunk.kind)
        if _is_critical(chunk.kind) or (is_first and _is_readable(data, chunk, steps)):
            yield chunk


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


def _moves(data: bytes, chunk: _Chunk) -> bool:
    """Whether a chunk says that there are several frames."""
    said = _payload(data, chunk)[:_NUMBER_LENGTH]
    return chunk.kind == b"acTL" and int.from_bytes(said, "big") > 1


def _gamma(data: bytes, kept: Iterable[_Chunk]) -> float | None:
    """What gAMA says, unless it stands too late or something better is said of the colours."""
    heads = {chunk.kind: chunk for chunk in takewhile(lambda chunk: chunk.kind != b"IDAT", kept)}
    if b"gAMA" not in heads or heads.keys() & _ABOVE_GAMMA:
        return None
    said = _payload(data, heads[b"gAMA"])
    # A number of another length than PNG's is none; a long one would be too large to divide.
    return (
        int.from_bytes(said, "big") / _GAMMA_UNITS or None if len(said) == _NUMBER_LENGTH else None
    )


def _is_readable(data: bytes, chunk: _Chunk, steps: Steps) -> bool:
    """Everything but a colour profile that is broken or, packed or unpacked, above the limit."""
    if chunk.kind != b"iCCP":
        return True
    if chunk.end - chunk.start > ICC_LENGTH_MAX:
        return False
    steps.take(_UNPACKING_STEPS)
    # The profile's name, a zero byte, the packing method, then the packed profile.
    packed = _payload(data, chunk).partition(b"\0")[2][1:]
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(packed, ICC_LENGTH_MAX)
    except zlib.error:
        return False
    return unpacker.eof
