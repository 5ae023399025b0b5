"""JPEG: segments, some followed by coded pixels. Baseline and progressive with 8 bits, no other."""

import re
import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from likeness.imaging.formats import ICC_LENGTH_MAX, Parsed, Probe, exif, unreadable
from likeness.imaging.formats.steps import Steps
from likeness.model import Format

MAGIC: Final = b"\xff\xd8\xff"

_ESCAPES_A_STEP: Final = 128
"""Bytes of value 255 that the search for a marker stops at in a microsecond. 10 MiB of noise has
41 000, so 320 steps; 50 megapixels with a restart marker after every 8x8 block, which nobody
writes, have 781 250, so 6 103."""

_START: Final = b"\xff\xd8"
_END: Final = b"\xff\xd9"
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
"""The next marker, past coded pixels, fill and stray bytes: decoders look for it just so."""

_FRAMES: Final = {0xC0, 0xC1, 0xC2}
_UNUSUAL_FRAMES: Final = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_DHT, _SOI, _EOI, _SOS, _DQT, _DRI = 0xC4, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_NEEDED: Final = {*_FRAMES, _DHT, _SOS, _DQT, _DRI}
_COLOUR_SEGMENTS: Final = {_APP0: b"JFIF\0", _APP2: b"ICC_PROFILE\0", _APP14: b"Adobe"}
"""The application segments that give colours their meaning, and how each begins."""

_READ: Final = {*_NEEDED, *_COLOUR_SEGMENTS, *_UNUSUAL_FRAMES, _APP1}
_FRAMING_LENGTH: Final = 4
"""What a segment has before its payload: the marker, and a length that counts itself."""

_FRAME: Final = struct.Struct(">BHHB")
_DEPTH_BITS: Final = 8
_DEPTHS_BITS: Final = range(2, 17)
"""What the standard knows, lossless kinds included (ITU T.81, table B.2)."""

_COMPONENT_LENGTH: Final = 3
_COMPONENTS: Final = {1, 3, 4}
_COMPONENTS_WRITTEN: Final = range(1, 5)
"""Two are grey with alpha, in old TIFF files; the standard's 255 were never seen."""


class _Segment(NamedTuple):
    """One segment: its code, and where it lies. Coded pixels after its payload belong to it."""

    code: int
    start: int
    payload_end: int
    end: int


def parse(data: bytes, steps: Steps) -> Parsed:
    """A JPEG that is whole from its start to its end marker; a segment is a step.

    Stripped, it has the same pixels without EXIF, XMP, comments, further pictures and what follows
    the end. The colour profile stays unless all its parts together are longer than the limit.
    raises: BadImage.
    """
    frames: list[_Segment] = []
    scans = 0
    exif_block = b""
    kept: list[_Segment] = []
    for segment in _segments(data, steps):
        code = segment.code
        if code in _FRAMES or code in _UNUSUAL_FRAMES:
            frames.append(segment)
        scans += code == _SOS
        if code == _APP1 and not exif_block and _begins(data, segment, exif.PREFIX):
            exif_block = _payload(data, segment)
        if _is_worth_keeping(data, segment):
            kept.append(segment)
    if len(frames) != 1 or not scans:
        # Coded pixels that are damaged may hold what looks like one more header.
        found = f"it is damaged: it holds {len(frames)} pictures in {scans} scans"
        raise unreadable(Format.JPEG, found)
    width, height = _size(frames[0].code, _payload(data, frames[0]))
    turn = exif.orientation(exif_block, steps)
    probe = Probe(Format.JPEG, width, height, orientation=turn, scans=scans)
    return Parsed(probe, [_START, *_parts(data, kept), _END])


def _segments(data: bytes, steps: Steps) -> Iterator[_Segment]:
    """The segments from the start to the end marker, without those that nobody here reads."""
    stop = data.rfind(_END) + len(_END)
    steps.take(data.count(b"\xff", 0, stop) // _ESCAPES_A_STEP)
    end = len(_START)
    while True:
        start = _next_marker(data, end, stop)
        code = data[start + 1]
        if code == _EOI:
            return
        end = payload_end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if code == _SOI or end < start + _FRAMING_LENGTH:
            raise unreadable(Format.JPEG, "one of its lengths is wrong")
        if code == _SOS:
            end = _next_marker(data, end, stop)
        steps.over(end - start)
        if code in _READ:
            yield _Segment(code, start, payload_end, end)


def _next_marker(data: bytes, start: int, stop: int) -> int:
    """Where the next marker stands; the last one before `stop` is the end marker."""
    found = _MARKER.search(data, start, stop)
    if found is None:
        raise unreadable(Format.JPEG, "it is cut off")
    return found.start()


def _size(code: int, payload: bytes) -> tuple[int, int]:
    """Width and height from a frame header (ITU T.81, B.2.2).

    What no encoder writes is called damaged; what some do, by its name.
    """
    if len(payload) < _FRAME.size:
        raise unreadable(Format.JPEG, "its header is cut off")
    depth, height, width, components = _FRAME.unpack_from(payload)
    is_long_enough = len(payload) == _FRAME.size + components * _COMPONENT_LENGTH
    is_known = depth in _DEPTHS_BITS and components in _COMPONENTS_WRITTEN
    if not (width and height and is_long_enough and is_known):
        raise unreadable(Format.JPEG, f"its header is damaged; it says {width}x{height} pixels")
    if code in _UNUSUAL_FRAMES:
        raise unreadable(
            Format.JPEG, "it is lossless or arithmetic-coded, as few programs can read"
        )
    if depth != _DEPTH_BITS or components not in _COMPONENTS:
        raise unreadable(Format.JPEG, f"it has {components} components of {depth} bits")
    return width, height


def _is_worth_keeping(data: bytes, segment: _Segment) -> bool:
    """Whether a decoder needs it, to find the pixels or to understand their colours."""
    beginning = _COLOUR_SEGMENTS.get(segment.code)
    if beginning is None:
        return segment.code in _NEEDED
    return _begins(data, segment, beginning)


def _parts(data: bytes, kept: Sequence[_Segment]) -> Iterator[memoryview]:
    """The segments with the coded pixels after them, without a colour profile above the limit."""
    profile_length = sum(
        segment.payload_end - segment.start - _FRAMING_LENGTH
        for segment in kept
        if segment.code == _APP2
    )
    view = memoryview(data)
    for segment in kept:
        if segment.code != _APP2 or profile_length <= ICC_LENGTH_MAX:
            yield view[segment.start : segment.end]


def _payload(data: bytes, segment: _Segment) -> bytes:
    return data[segment.start + _FRAMING_LENGTH : segment.payload_end]


def _begins(data: bytes, segment: _Segment, beginning: bytes) -> bool:
    """Whether the payload begins so."""
    return data.startswith(beginning, segment.start + _FRAMING_LENGTH, segment.payload_end)
