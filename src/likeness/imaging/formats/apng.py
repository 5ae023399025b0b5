"""APNG, animated PNG: frames in chunks that other readers skip (PNG third edition, 4.9)."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from likeness.imaging.formats import FRAMES_COUNTED_MAX

BEGIN: Final = b"acTL"
"""The chunk that says how many frames there are and how often they play."""

KINDS: Final = {BEGIN, b"fcTL", b"fdAT"}
"""Beside it one that says where and when a frame is shown, and one with pixels of it."""

FRAMES_MIN: Final = 2
"""One frame does not move."""

_ANIMATION: Final = struct.Struct(">II")
_CONTROL: Final = struct.Struct(">IIIIIHHBB")
_NUMBER: Final = struct.Struct(">I")
_MS_PER_S: Final = 1000
_DELAY_DIVISOR: Final = 100
"""Parts of a second in which a delay is counted where none are said."""

_WIPED, _UNDONE = 1, 2
"""Disposal of a frame after its time; with 0 it stays."""

_LIES_OVER: Final = 1
"""A frame with 0 replaces the pixels below it."""


class Chunk(Protocol):
    """A chunk of the file: its kind, where it begins, and where its payload ends."""

    @property
    def kind(self) -> bytes:
        """Four letters."""

    @property
    def start(self) -> int:
        """Where its length stands, four bytes before its kind and eight before its payload."""

    @property
    def payload_end(self) -> int:
        """Where its checksum stands."""


class Box(NamedTuple):
    """A frame's place on the canvas, in pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: where, how and for how long it is drawn, and where its packed pixels lie.

    It is blended over the canvas or replaces it; after its time it is wiped, undone, or stays.
    """

    box: Box
    delay_ms: int
    is_wiped: bool
    is_undone: bool
    lies_over: bool
    spans: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Animation:
    """The whole frames, how often they play (0 is for ever), and where the last of them ends."""

    frames: Sequence[Frame]
    plays: int
    end: int
    is_whole: bool
    has_holes: bool

    def beginning(self) -> bytes:
        """The payload of an acTL chunk that announces just these frames."""
        return _ANIMATION.pack(len(self.frames), self.plays)


def is_announced(payload: bytes) -> bool:
    """Whether an acTL chunk says that something moves."""
    return len(payload) == _ANIMATION.size and _ANIMATION.unpack(payload)[0] >= FRAMES_MIN


def animation(
    data: bytes, chunks: Iterable[Chunk], canvas: tuple[int, int], *, is_cut: bool
) -> Animation | None:
    """The animation of a PNG of the size `canvas`, or None.

    A damaged chunk ends the animation before its frame; so does the end of a file that `is_cut`.
    Chunks after the announced frames are left out.
    """
    walk = _Walk(data, canvas)
    is_sound = all(walk.takes(chunk) for chunk in chunks)
    if is_sound and not is_cut:
        walk.completes()
    if len(walk.whole) < FRAMES_MIN:
        return None
    return Animation(
        walk.whole,
        walk.plays,
        walk.end,
        is_whole=len(walk.whole) >= min(walk.announced, FRAMES_COUNTED_MAX),
        has_holes=_has_holes(walk.whole, (0, 0, *canvas)),
    )


def _has_holes(frames: Sequence[Frame], canvas: tuple[int, int, int, int]) -> bool:
    """Whether a part of the canvas is left empty, at first or once it was wiped."""
    first, *_ = frames
    is_bare = first.box != canvas or first.is_undone
    return is_bare or any(frame.is_wiped for frame in frames)


class _Walk:
    """The chunks of an animation in turn, up to the first invalid one.

    `whole` are the frames of which each chunk was seen, and `end` is where the last of them ends.
    """

    def __init__(self, data: bytes, canvas: tuple[int, int]) -> None:
        self.whole: list[Frame] = []
        self.announced = self.plays = self.end = 0
        self._data = data
        self._canvas = canvas
        self._drawn: Frame | None = None
        self._drawn_end = 0
        self._sequence = 0
        self._has_pixels = False
        self._pixels_in = b""

    def takes(self, chunk: Chunk) -> bool:
        """Whether the animation goes on behind this chunk."""
        start, end = chunk.start + 8, chunk.payload_end
        match chunk.kind:
            case b"acTL":
                return end - start == _ANIMATION.size and self._begins(self._data[start:end])
            case b"fcTL":
                return end - start == _CONTROL.size and self._controls(self._data[start:end])
            case b"IDAT":
                return self._shows(start, end)
            case b"fdAT":
                return self._draws(start, end)
        return True

    def completes(self) -> None:
        """The frame that is being drawn has all its pixels."""
        if self._drawn and self._drawn.spans:
            self.whole.append(self._drawn)
            self.end = self._drawn_end
        self._drawn = None

    def _begins(self, payload: bytes) -> bool:
        """The first beginning counts; behind the pixels it comes too late."""
        if not self.announced and not self._has_pixels:
            self.announced, self.plays = _ANIMATION.unpack(payload)
        return bool(self.announced)

    def _controls(self, payload: bytes) -> bool:
        """A frame begins, so that the one before it is whole."""
        if not self._goes_on(payload):
            return False
        self._sequence += 1
        self.completes()
        frame = _frame(payload)
        is_more = len(self.whole) == min(self.announced, FRAMES_COUNTED_MAX)
        if is_more or frame is None or not self._fits(frame.box):
            return False
        self._drawn = frame
        self._pixels_in = b"fdAT" if self._has_pixels else b"IDAT"
        return True

    def _fits(self, box: Box) -> bool:
        width, height = self._canvas
        if not self._has_pixels:
            # The picture for other programs is the first frame, and as large as the canvas.
            return self._drawn is None and box == (0, 0, width, height)
        is_inside = box.left + box.width <= width and box.top + box.height <= height
        return is_inside and box.width > 0 and box.height > 0

    def _shows(self, start: int, end: int) -> bool:
        """Pixels of the picture for other programs. Without a control before it, it is no frame."""
        self._has_pixels = True
        return self._drawn is None or self._adds(b"IDAT", start, end)

    def _draws(self, start: int, end: int) -> bool:
        start += _NUMBER.size
        if not self._goes_on(self._data[start - _NUMBER.size : min(start, end)]):
            return False
        self._sequence += 1
        return self._adds(b"fdAT", start, end)

    def _adds(self, kind: bytes, start: int, end: int) -> bool:
        """Pixels for the frame that is being drawn, if it has them in chunks of this kind."""
        if self._drawn is None or kind != self._pixels_in:
            return False
        self._drawn.spans.append((start, end))
        self._drawn_end = end
        return True

    def _goes_on(self, payload: bytes) -> bool:
        """Whether a chunk has the next number; a lost chunk leaves a gap."""
        return bool(self.announced) and payload.startswith(_NUMBER.pack(self._sequence))


def _frame(control: bytes) -> Frame | None:
    """The frame control of an fcTL chunk, or None where it is invalid."""
    _, width, height, left, top, number, divisor, fate, blend = _CONTROL.unpack(control)
    if fate > _UNDONE or blend > _LIES_OVER:
        return None
    divisor = divisor or _DELAY_DIVISOR
    return Frame(
        Box(left, top, width, height),
        (2 * _MS_PER_S * number + divisor) // (2 * divisor),
        is_wiped=fate == _WIPED,
        is_undone=fate == _UNDONE,
        lies_over=blend == _LIES_OVER,
    )
