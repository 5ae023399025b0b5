"""Boxes of the ISO base media format (ISO 14496-12), of which HEIC and AVIF are built."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from likeness.errors import BadImage
from likeness.imaging.formats import unreadable
from likeness.imaging.formats.steps import Steps
from likeness.model import Format

_HEADER_LENGTH: Final = 8
_LONG_HEADER_LENGTH: Final = 16
_IS_LONG, _TO_THE_END = 1, 0
"""Lengths that mean something else: that 64 bits follow, that the box is the last one."""


class Box(NamedTuple):
    """One box: its kind, and where its payload lies in the file."""

    kind: bytes
    start: int
    end: int


class Reader:
    """The numbers of a payload, one after the other. raises: BadImage where it ends too early."""

    def __init__(self, data: bytes, box: Box, form: Format) -> None:
        self._data = data
        self._end = box.end
        self._form = form
        self.at = box.start

    def number(self, length: int) -> int:
        """The next `length` bytes as a number, the high one first; 0 for none."""
        return int.from_bytes(self.take(length), "big")

    def take(self, length: int) -> bytes:
        """The next `length` bytes."""
        start, self.at = self.at, self.at + length
        if self.at > self._end:
            raise damaged(self._form, "a part of it is shorter than it says")
        return self._data[start : self.at]

    def version(self) -> tuple[int, int]:
        """The beginning of a full box: its version and its flags."""
        return self.number(1), self.number(3)


def boxes(data: bytes, start: int, end: int, form: Format, steps: Steps) -> Iterator[Box]:
    """The boxes that fill a part of the file; each is a step. raises: BadImage."""
    while start < end:
        box = _box(data, start, end)
        if box is None:
            raise damaged(form, "a part of it is longer than the whole")
        steps.take()
        yield box
        start = box.end


def leading_boxes(data: bytes, steps: Steps) -> Iterator[Box]:
    """The boxes of a file up to the first that is not whole; trailing bytes are ignored."""
    start = 0
    while (box := _box(data, start, len(data))) is not None:
        steps.over(box.end - start)
        yield box
        start = box.end


def damaged(form: Format, found: str) -> BadImage:
    """The refusal of a file whose boxes contradict themselves."""
    return unreadable(form, f"it is damaged: {found}")


def _box(data: bytes, start: int, end: int) -> Box | None:
    """The box at `start`; None where there is none that ends by `end`."""
    body = start + _HEADER_LENGTH
    length = int.from_bytes(data[start : start + 4], "big")
    if length == _IS_LONG:
        length = int.from_bytes(data[body : start + _LONG_HEADER_LENGTH], "big")
        body = start + _LONG_HEADER_LENGTH
    stop = end if length == _TO_THE_END else start + length
    return Box(data[start + 4 : start + 8], body, stop) if body <= stop <= end else None
