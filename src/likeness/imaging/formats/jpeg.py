"""JPEG: segments, some followed by coded pixels. Baseline and progressive with 8 bits, no other."""

import re
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from likeness.imaging.formats import BLOCKS_MAX, ICC_LENGTH_MAX, Probe, exif, unreadable
from likeness.model import Format

MAGIC: Final = b"\xff\xd8\xff"

_ESCAPES_MAX: Final = 1_000_000
"""Bytes of value 255. 10 MiB of noise has 41 000; 50 megapixels with a restart marker after every
8x8 block, which nobody writes, have 781 250."""

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
_COMPONENT_LENGTH: Final = 3
_COMPONENTS: Final = {1, 3, 4}


class _Segment(NamedTuple):
    """One segment: its code and payload, and where it lies, the coded pixels after it included."""

    code: int
    payload: bytes
    start: int
    end: int


def probe(data: bytes) -> Probe:
    """What the frame header says, of a JPEG that is whole from its start to its end marker.

    raises: BadImage.
    """
    sizes: list[tuple[int, int]] = []
    scans = 0
    turn = 1
    for code, payload, _, _ in _segments(data):
        if code in _FRAMES or code in _UNUSUAL_FRAMES:
            sizes.append(_size(code, payload))
        elif code == _SOS:
            scans += 1
        elif code == _APP1 and turn == 1 and payload.startswith(exif.PREFIX):
            turn = exif.orientation(payload)
    if len(sizes) != 1 or not scans:
        raise unreadable(Format.JPEG, f"it holds {len(sizes)} pictures in {scans} scans")
    return Probe(Format.JPEG, *sizes[0], orientation=turn, scans=scans)


def strip(data: bytes) -> bytes:
    """The same pixels without EXIF, XMP, comments, further pictures and what follows the end.

    The colour profile stays unless all its parts together are longer than the limit.
    """
    segments = [segment for segment in _segments(data) if _is_worth_keeping(segment)]
    profile_length = sum(len(segment.payload) for segment in segments if segment.code == _APP2)
    parts = [
        data[start:end]
        for code, _, start, end in segments
        if code != _APP2 or profile_length <= ICC_LENGTH_MAX
    ]
    return b"".join([_START, *parts, _END])


def _segments(data: bytes) -> Iterator[_Segment]:
    """The segments from the start to the end marker, without those that nobody here reads."""
    stop = data.rfind(_END) + len(_END)
    if stop > _ESCAPES_MAX and data.count(b"\xff", 0, stop) > _ESCAPES_MAX:
        raise unreadable(Format.JPEG, f"it has more than {_ESCAPES_MAX} bytes of value 255")
    start = len(_START)
    for _ in range(BLOCKS_MAX):
        start = _next_marker(data, start, stop)
        code = data[start + 1]
        if code == _EOI:
            return
        end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if code == _SOI or end < start + _FRAMING_LENGTH:
            raise unreadable(Format.JPEG, "one of its lengths is wrong")
        payload_end = end
        if code == _SOS:
            end = _next_marker(data, end, stop)
        if code in _READ:
            yield _Segment(code, data[start + _FRAMING_LENGTH : payload_end], start, end)
        start = end
    raise unreadable(Format.JPEG, f"it has more than {BLOCKS_MAX} segments")


def _next_marker(data: bytes, start: int, stop: int) -> int:
    """Where the next marker stands; the last one before `stop` is the end marker."""
    found = _MARKER.search(data, start, stop)
    if found is None:
        raise unreadable(Format.JPEG, "it is cut off")
    return found.start()


def _size(code: int, payload: bytes) -> tuple[int, int]:
    """Width and height from a frame header (ITU T.81, B.2.2)."""
    if code in _UNUSUAL_FRAMES:
        raise unreadable(
            Format.JPEG, "it is lossless or arithmetic-coded, as few programs can read"
        )
    if len(payload) < _FRAME.size:
        raise unreadable(Format.JPEG, "its header is cut off")
    depth, height, width, components = _FRAME.unpack_from(payload)
    if depth != _DEPTH_BITS or components not in _COMPONENTS:
        raise unreadable(Format.JPEG, f"it has {components} components of {depth} bits")
    if not width or not height or len(payload) != _FRAME.size + components * _COMPONENT_LENGTH:
        raise unreadable(Format.JPEG, f"its header is damaged; it says {width}x{height} pixels")
    return width, height


def _is_worth_keeping(segment: _Segment) -> bool:
    """Whether a decoder needs it, to find the pixels or to understand their colours."""
    beginning = _COLOUR_SEGMENTS.get(segment.code)
    if beginning is None:
        return segment.code in _NEEDED
    return segment.payload.startswith(beginning)
