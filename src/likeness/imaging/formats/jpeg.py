"""JPEG: segments, some followed by coded pixels. Baseline and progressive with 8 bits, no other."""

import re
import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from likeness.imaging.formats import (
    ICC_LENGTH_MAX,
    WHOLE_PIXELS,
    Parsed,
    Probe,
    exif,
    unreadable,
)
from likeness.imaging.formats.steps import Steps
from likeness.model import Format

MAGIC: Final = b"\xff\xd8\xff"

_ESCAPES_A_STEP: Final = 128
"""Bytes of value 255 that the search for a marker stops at in a microsecond. 10 MiB of noise has
41 000, so 320 steps; 50 megapixels with a restart marker after every 8x8 block, which nobody
writes, have 781 250, so 6 103."""

_COUNTED_LENGTH_MIN: Final = 256 * 1024
"""A shorter file is not counted through, which takes as long as the search: were it nothing but
escapes, that would take 1 ms."""

_START: Final = b"\xff\xd8"
_END: Final = b"\xff\xd9"
_SCAN: Final = b"\xff\xda"
_ESCAPE: Final = 0xFF
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
"""The next marker, past coded pixels, fill and stray bytes: decoders look for it just so."""

_FRAMES: Final = {0xC0, 0xC1, 0xC2}
_UNUSUAL_FRAMES: Final = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_DHT, _SOI, _EOI, _SOS, _DQT, _DRI = 0xC4, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_NEEDED: Final = {*_FRAMES, _DHT, _SOS, _DQT, _DRI}
_COLOUR_SEGMENTS: Final = {_APP0: b"JFIF\0", _APP2: b"ICC_PROFILE\0", _APP14: b"Adobe"}
"""The application segments that give colours their meaning, and how each begins."""

_READ: Final = {*_NEEDED, *_COLOUR_SEGMENTS, *_UNUSUAL_FRAMES, _APP1, _EOI}
_FRAMING_LENGTH: Final = 4
"""The head of a segment: the marker, and a length that counts itself."""

_FRAME: Final = struct.Struct(">BHHB")
_DEPTH_BITS: Final = 8
_DEPTHS_BITS: Final = range(2, 17)
"""Frame headers of the standard, lossless kinds included (ITU T.81, table B.2)."""

_COMPONENT_LENGTH: Final = 3
_COMPONENTS: Final = {1, 3, 4}
_COMPONENTS_WRITTEN: Final = range(1, 5)
"""Two are grey with alpha, in old TIFF files; the standard's 255 were never seen."""

_SELECTOR_LENGTH: Final = 2
_BAND_LENGTH: Final = 3
"""The end of a scan's head: its first and last coefficient, and the bits before and after."""

_COEFFICIENTS: Final = 64
_SHIFT_BITS: Final = 0x0F
_UNKNOWN: Final = 0xFF


class _Segment(NamedTuple):
    """One segment: its code, and where it lies. Coded pixels after its payload belong to it."""

    code: int
    start: int
    payload_end: int
    end: int


def parse(data: bytes, steps: Steps) -> Parsed:
    """A JPEG with all its scans; a segment is a step.

    Its end marker may be missing; whether its last scan is whole is a decoder's to see. Stripped,
    it has the same pixels without EXIF, XMP, comments, further pictures and bytes after the end.
    The colour profile stays unless all its parts together are longer than the limit.
    raises: BadImage.
    """
    frames: list[_Segment] = []
    scans = 0
    exif_block = b""
    kept: list[_Segment] = []
    code = 0
    for segment in _segments(data, steps):
        code = segment.code
        if code in _FRAMES or code in _UNUSUAL_FRAMES:
            frames.append(segment)
        scans += code == _SOS
        if code == _APP1 and not exif_block and _begins(data, segment, exif.PREFIX):
            exif_block = _payload(data, segment)
        if _is_worth_keeping(data, segment):
            kept.append(segment)
    is_cut = code != _EOI
    if is_cut:
        kept = _up_to_the_last_scan(data, kept)
    if len(frames) != 1 or not scans:
        # Coded pixels that are damaged may hold what looks like one more header.
        found = f"it is damaged: it holds {len(frames)} pictures in {scans} scans"
        raise unreadable(Format.JPEG, found)
    width, height = _size(frames[0].code, _payload(data, frames[0]))
    turn = exif.orientation(exif_block, steps)
    probe = Probe(Format.JPEG, width, height, orientation=turn, scans=scans, is_damaged=is_cut)
    return Parsed(probe, [_START, *_parts(data, kept), _END], (WHOLE_PIXELS,) if is_cut else ())


def _segments(data: bytes, steps: Steps) -> Iterator[_Segment]:
    """The segments to the end marker, which is the last one, or to where the file is cut off.

    Those that nobody here reads are left out.
    """
    stop = _stop(data, steps)
    end = len(_START)
    while True:
        start = _next_marker(data, end, stop)
        if start < 0:
            return
        code = data[start + 1]
        if code == _EOI:
            yield _Segment(code, start, start, start + len(_END))
            return
        end = payload_end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        is_cut = max(end, start + _FRAMING_LENGTH) > len(data)
        if code == _SOI or (not is_cut and end < start + _FRAMING_LENGTH):
            raise unreadable(Format.JPEG, "one of its lengths is wrong")
        if is_cut:
            return
        if code == _SOS:
            marker = _next_marker(data, end, stop)
            end = marker if marker >= 0 else stop
        steps.over(end - start)
        if code in _READ:
            yield _Segment(code, start, payload_end, end)


def _stop(data: bytes, steps: Steps) -> int:
    """Where the search for markers ends, whose steps are taken: behind the end marker, if any."""
    last_end = data.rfind(_END)
    # An end before the last scan is that of a thumbnail.
    is_last = last_end >= 0 and data.find(_SCAN, last_end) < 0
    stop = last_end + len(_END) if is_last else len(data)
    if stop >= _COUNTED_LENGTH_MIN:
        steps.take(data.count(b"\xff", 0, stop) // _ESCAPES_A_STEP)
    return stop


def _next_marker(data: bytes, start: int, stop: int) -> int:
    """Where the next marker stands before `stop`, or -1."""
    found = _MARKER.search(data, start, stop)
    return found.start() if found else -1


def _up_to_the_last_scan(data: bytes, kept: list[_Segment]) -> list[_Segment]:
    """The segments of a file without an end, if no scan is missing. raises: BadImage."""
    kept = kept[: max((at + 1 for at, each in enumerate(kept) if each.code == _SOS), default=0)]
    if not kept or not _has_all_scans(data, kept):
        raise unreadable(Format.JPEG, "it is cut off")
    scan = kept[-1]
    # Zeros from a file system or a copier would be decoded as if they were pixels. A scan ends
    # with the ones of its last byte, or with a zero that belongs to a byte of value 255.
    end = scan.payload_end + len(data[scan.payload_end : scan.end].rstrip(b"\0"))
    end += data[end - 1] == _ESCAPE and end < scan.end
    return [*kept[:-1], scan._replace(end=end)]


def _has_all_scans(data: bytes, kept: Sequence[_Segment]) -> bool:
    """Whether each coefficient of each component is there, to its last bit (ITU T.81, G.1)."""
    shifts: dict[int, bytearray] = {}
    for segment in kept:
        payload = _payload(data, segment)
        if segment.code in _FRAMES:
            ids = payload[_FRAME.size :: _COMPONENT_LENGTH]
            shifts = {each: bytearray([_UNKNOWN] * _COEFFICIENTS) for each in ids}
        elif segment.code == _SOS and payload:
            stop = 1 + payload[0] * _SELECTOR_LENGTH
            for each in payload[1:stop:_SELECTOR_LENGTH]:
                _note_scan(shifts.get(each, bytearray()), payload[stop:])
    return bool(shifts) and not any(map(any, shifts.values()))


def _note_scan(shifts: bytearray, band: bytes) -> None:
    """How many bits are still missing of the coefficients that a scan brings."""
    if len(band) == _BAND_LENGTH:
        first, last, bits = band
        span = slice(first, last + 1)
        shifts[span] = bytes([bits & _SHIFT_BITS]) * len(shifts[span])


def _size(code: int, payload: bytes) -> tuple[int, int]:
    """Width and height from a frame header (ITU T.81, B.2.2).

    Values that no encoder writes are called damaged; rare kinds are called by their names.
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
