"""PNG: chunks, each with its checksum; `apng.py` follows those of an animation."""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, NamedTuple

from likeness.imaging.formats import (
    ICC_LENGTH_MAX,
    WHOLE_PIXELS,
    Parsed,
    Probe,
    apng,
    lost_light,
    png_colours,
    unreadable,
    whole_frames_used,
)
from likeness.imaging.formats.apng import Animation, Frame
from likeness.imaging.formats.colours import SRGB, Colours
from likeness.imaging.formats.exif import orientation
from likeness.imaging.formats.steps import Steps
from likeness.model import Format

MAGIC: Final = b"\x89PNG\r\n\x1a\n"

_FRAMING: Final = struct.Struct(">I4s")
_CHECKSUM_LENGTH: Final = 4
_LOWER_CASE: Final = 0x20

HEADER: Final = struct.Struct(">IIBBBBB")
"""Width, height, depth in bits, colour type, packing, filters, interlacing: the fields of IHDR."""

_SIDE_PX_MAX: Final = 2**31 - 1
_DEPTHS: Final = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
"""Bit depths that each colour type may have (PNG, third edition, table 11.1)."""

_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_BYTE_BITS: Final = 8
_ALL_AT_ONCE: Final = (0, 0, 1, 1)
_ADAM7: Final = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
"""Of each pass its first column and row, and the steps from there (third edition, 8.1)."""

_PALETTE: Final = 3
_APPLE: Final = b"CgBI"
"""The first chunk of pictures that Xcode packed into an app: they are no PNG."""

_WITH_ALPHA: Final = {4, 6}
_COLOUR_CHUNKS: Final = {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"iCCP"}
_READ: Final = {*_COLOUR_CHUNKS, *png_colours.LENGTHS, *apng.KINDS, b"eXIf"}

_DECODED: Final = {b"IDAT", b"IEND"}
"""Chunks whose checksum may be wrong: pixels have another one of their own."""

_IEND: Final = b"\0\0\0\0IEND\xae\x42\x60\x82"

_UNPACKING_STEPS: Final = 2_048
"""Steps for unpacking a colour profile of ICC_LENGTH_MAX bytes, good or bad: as a rule 2 ms."""

_STANDS_STILL: Final = (
    "this animated PNG is cut off or damaged; the one picture of it that is whole was used"
)


class _Chunk(NamedTuple):
    """One chunk: its kind, and where it lies; its payload may be cut off, its checksum be wrong."""

    kind: bytes
    start: int
    payload_end: int
    end: int
    is_sound: bool


def parse(data: bytes, steps: Steps) -> Parsed:
    """A PNG whose chunks are whole from IHDR to its pixels; a chunk is a step, a profile many.

    Pixels may be cut off or have a wrong checksum, and the end be missing: whether they are whole
    is a decoder's to see. Stripped, it has the same pixels without text, EXIF, damaged frames, and
    bytes after the end. raises: BadImage.
    """
    chunks = list(_chunks(data, steps))
    width, height, colour = _header(data, chunks[0])
    said = _said(data, chunks)
    is_coded = png_colours.by_codes(said) is not None
    motion = _motion(data, chunks)
    # A profile below cICP says nothing any more, and no decoder shall apply it.
    kept = [c for c in _kept(data, chunks, steps, motion) if not (is_coded and c.kind == b"iCCP")]
    kinds = {chunk.kind for chunk in kept}
    if b"IDAT" not in kinds:
        raise unreadable(Format.PNG, "it holds no pixels")
    if colour == _PALETTE and b"PLTE" not in kinds:
        raise unreadable(Format.PNG, "its palette is missing")
    exif = next((_payload(data, chunk) for chunk in chunks if chunk.kind == b"eXIf"), b"")
    is_clear = colour in _WITH_ALPHA or b"tRNS" in kinds
    probe = Probe(
        Format.PNG,
        width,
        height,
        frames=len(motion.frames) if motion else 1,
        orientation=orientation(exif, steps),
        has_alpha=is_clear or (motion is not None and motion.has_holes),
        colours=_colours(said, kept),
        is_damaged=_is_damaged(chunks, motion),
    )
    notes = _notes_on_motion(data, chunks, motion) or (WHOLE_PIXELS,) * probe.is_damaged
    notes += lost_light(probe.colours)
    return Parsed(probe, [MAGIC, *_parts(data, kept, motion), _IEND], notes)


class Moving(NamedTuple):
    """An animation: its canvas in pixels, its frames, and each of them as a PNG of its own."""

    canvas: tuple[int, int]
    animation: Animation
    pictures: Iterator[bytes]


def moving(data: bytes, steps: Steps) -> Moving | None:
    """The animation of a stripped PNG, or None. raises: BadImage."""
    chunks = list(_chunks(data, steps))
    width, height, _ = _header(data, chunks[0])
    found = _motion(data, chunks)
    if found is None:
        return None
    before = takewhile(lambda chunk: chunk.kind != b"IDAT", chunks)
    heads = (chunk for chunk in before if chunk.kind not in apng.KINDS)
    head, *others = (data[chunk.start : chunk.end] for chunk in heads)
    pictures = (
        b"".join((MAGIC, _resized(head, frame), *others, _pixels(data, frame), _IEND))
        for frame in found.frames
    )
    return Moving((width, height), found, pictures)


def _resized(head: bytes, frame: Frame) -> bytes:
    """The IHDR chunk of a frame, which is like that of its canvas but for the size."""
    size = struct.pack(">II", frame.box.width, frame.box.height)
    at = _FRAMING.size
    return _chunk(b"IHDR", size + head[at + len(size) : at + HEADER.size])


def _pixels(data: bytes, frame: Frame) -> bytes:
    return _chunk(b"IDAT", b"".join(data[start:end] for start, end in frame.spans))


def _chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(payload, zlib.crc32(kind)).to_bytes(_CHECKSUM_LENGTH, "big")
    return b"".join((_FRAMING.pack(len(payload), kind), payload, checksum))


def _motion(data: bytes, chunks: list[_Chunk]) -> Animation | None:
    """The animation, as far as the file is whole."""
    width, height, _ = _header(data, chunks[0])
    return apng.animation(data, chunks, (width, height), is_cut=chunks[-1].kind != b"IEND")


def _is_damaged(chunks: list[_Chunk], motion: Animation | None) -> bool:
    """Whether pixels have to be checked; cut frames of an animation are left out already."""
    if motion:
        return not all(chunk.is_sound for chunk in chunks if chunk.kind == b"IDAT")
    return chunks[-1].kind != b"IEND" or not all(chunk.is_sound for chunk in chunks)


def _notes_on_motion(
    data: bytes, chunks: Iterable[_Chunk], motion: Animation | None
) -> tuple[str, ...]:
    if motion:
        return () if motion.is_whole else (whole_frames_used(len(motion.frames)),)
    said = (_payload(data, chunk) for chunk in chunks if chunk.kind == apng.BEGIN)
    return (_STANDS_STILL,) if any(map(apng.is_announced, said)) else ()


def _parts(
    data: bytes, kept: Iterable[_Chunk], motion: Animation | None
) -> Iterator[bytes | memoryview]:
    """The kept chunks up to the end, with the number of existing frames."""
    for chunk in kept:
        if motion and chunk.kind == apng.BEGIN:
            yield _chunk(chunk.kind, motion.beginning())
        elif chunk.kind != b"IEND":
            yield from _framed(data, chunk)


@dataclass(frozen=True, slots=True)
class PackedPixels:
    """The data of a PNG's IDAT chunks: `length` bytes of rows, if they are whole.

    `is_sound` is whether the chunks have their right checksums.
    """

    data: bytes
    length: int
    is_sound: bool
    _around: tuple[bytes, bytes]

    def replaced(self, packed: bytes) -> bytes:
        """The whole PNG with its rows packed in another way."""
        before, after = self._around
        checksum = zlib.crc32(packed, zlib.crc32(b"IDAT")).to_bytes(_CHECKSUM_LENGTH, "big")
        return b"".join(
            (before, _FRAMING.pack(len(packed), b"IDAT"), packed, checksum, after, _IEND)
        )


def packed_pixels(data: bytes, steps: Steps) -> PackedPixels:
    """The pixels of a stripped PNG. raises: BadImage."""
    chunks = list(_chunks(data, steps))
    _header(data, chunks[0])
    pixels = [chunk for chunk in chunks if chunk.kind == b"IDAT"]
    if not pixels:
        raise unreadable(Format.PNG, "it holds no pixels")
    after = [data[each.start : each.end] for each in chunks if each.start > pixels[-1].start]
    return PackedPixels(
        b"".join(_payload(data, chunk) for chunk in pixels),
        _rows_length(data, chunks[0]),
        all(chunk.is_sound for chunk in pixels),
        (data[: pixels[0].start], b"".join(after[:-1])),
    )


def _rows_length(data: bytes, header: _Chunk) -> int:
    """The bytes of all rows, each with its filter, as they are before they are packed."""
    width, height, depth, colour, _, _, is_interlaced = HEADER.unpack(_payload(data, header))
    passes = _ADAM7 if is_interlaced else (_ALL_AT_ONCE,)
    length = 0
    for left, top, right, down in passes:
        columns, rows = -(-max(0, width - left) // right), -(-max(0, height - top) // down)
        if columns:
            length += rows * (1 + -(-columns * depth * _CHANNELS[colour] // _BYTE_BITS))
    return length


def _framed(data: bytes, chunk: _Chunk) -> Iterator[bytes | memoryview]:
    """A chunk as it is, or the rest of a cut one, under a new length and checksum."""
    view = memoryview(data)
    if chunk.end - chunk.payload_end == _CHECKSUM_LENGTH:
        yield view[chunk.start : chunk.end]
        return
    body = view[chunk.start + _FRAMING.size : chunk.payload_end]
    yield _FRAMING.pack(len(body), chunk.kind)
    yield body
    yield zlib.crc32(body, zlib.crc32(chunk.kind)).to_bytes(_CHECKSUM_LENGTH, "big")


def _chunks(data: bytes, steps: Steps) -> Iterator[_Chunk]:
    """The chunks up to IEND, without those that nobody here reads.

    One that is damaged and could be missing is taken to be missing, as libpng does. Behind the
    first pixels the file may be cut off.
    """
    view = memoryview(data)
    start = len(MAGIC)
    kind = b""
    has_pixels = False
    while kind != b"IEND":
        length, kind = _FRAMING.unpack(data[start : start + _FRAMING.size].ljust(_FRAMING.size))
        payload_end = start + _FRAMING.size + length
        end = payload_end + _CHECKSUM_LENGTH
        has_pixels |= kind == b"IDAT"
        if end > len(data):
            if not has_pixels:
                raise unreadable(Format.PNG, "it is cut off")
            yield from _rest(data, kind, start, payload_end, steps)
            return
        steps.over(end - start)
        if _is_critical(kind) or kind in _READ:
            checksum = int.from_bytes(data[payload_end:end], "big")
            is_sound = zlib.crc32(view[start + 4 : payload_end]) == checksum
            if is_sound or kind in _DECODED:
                yield _Chunk(kind, start, payload_end, end, is_sound)
            elif _is_critical(kind):
                raise unreadable(Format.PNG, "a checksum in it is wrong")
        start = end


def _rest(data: bytes, kind: bytes, start: int, payload_end: int, steps: Steps) -> Iterator[_Chunk]:
    """The rest of the chunk in which the file is cut off; the end that is put there counts."""
    steps.take()
    if kind == b"IDAT":
        stop = len(data)
        steps.over(stop - start)
        yield _Chunk(kind, start, min(payload_end, stop), stop, is_sound=False)


def _kept(
    data: bytes, chunks: Iterable[_Chunk], steps: Steps, motion: Animation | None
) -> Iterator[_Chunk]:
    """Critical chunks, frames, and of each kind about colours one chunk."""
    wanted = set(_COLOUR_CHUNKS)
    for chunk in chunks:
        is_first = chunk.kind in wanted
        wanted.discard(chunk.kind)
        is_moving = motion and chunk.kind in apng.KINDS and chunk.payload_end <= motion.end
        is_needed = _is_critical(chunk.kind) or is_moving
        if is_needed or (is_first and _is_readable(data, chunk, steps)):
            yield chunk


def _is_critical(kind: bytes) -> bool:
    """Whether a decoder has to understand it; the case of the first letter says so."""
    return not kind[0] & _LOWER_CASE


def _payload(data: bytes, chunk: _Chunk) -> bytes:
    return data[chunk.start + _FRAMING.size : chunk.payload_end]


def _header(data: bytes, chunk: _Chunk) -> tuple[int, int, int]:
    """Width, height and colour type."""
    payload = _payload(data, chunk)
    if chunk.kind == _APPLE:
        raise unreadable(
            Format.PNG, "it is of the kind (CgBI) in Apple's apps, which only Apple's devices show"
        )
    if chunk.kind != b"IHDR" or len(payload) != HEADER.size:
        raise unreadable(Format.PNG, "it does not begin with its header")
    width, height, depth, colour, packing, filters, interlace = HEADER.unpack(payload)
    if not (1 <= width <= _SIDE_PX_MAX and 1 <= height <= _SIDE_PX_MAX):
        raise unreadable(Format.PNG, f"it says that it is {width}x{height} pixels")
    if depth not in _DEPTHS.get(colour, ()) or packing or filters or interlace > 1:
        raise unreadable(Format.PNG, "its header describes no kind of PNG that exists")
    return width, height, colour


def _said(data: bytes, chunks: Iterable[_Chunk]) -> dict[bytes, bytes]:
    """The payload of the first chunk of each kind that `png_colours` reads, if in time."""
    said = dict[bytes, bytes]()
    for chunk in takewhile(lambda chunk: chunk.kind != b"IDAT", chunks):
        length = chunk.payload_end - chunk.start - _FRAMING.size
        if png_colours.LENGTHS.get(chunk.kind) == length:
            said.setdefault(chunk.kind, _payload(data, chunk))
    return said


def _colours(said: Mapping[bytes, bytes], kept: Iterable[_Chunk]) -> Colours | None:
    """The colour space to convert from; None for sRGB, and for a profile, which libvips applies."""
    early = {chunk.kind for chunk in takewhile(lambda chunk: chunk.kind != b"IDAT", kept)}
    is_said_better = early & {b"iCCP", b"sRGB"}
    found = png_colours.by_codes(said) or (None if is_said_better else png_colours.by_gamma(said))
    return None if found == SRGB else found


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
