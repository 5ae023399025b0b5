"""What parsing a file takes, counted instead of timed, so that a busy machine changes nothing."""

import sys
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final, SupportsIndex, overload

from likeness.errors import BadImage
from likeness.imaging.formats.steps import FREE_LENGTH, STEPS_MAX, Steps
from likeness.imaging.probe import parse

LINES_A_PART_MAX: Final = 100
"""A part takes 15 to 45 lines, sixteen sub-blocks of a GIF together 85."""

LINES_BESIDE_MAX: Final = 800
"""What is done once for a file, such as to look for its kind and to judge its header."""

COPIES_MAX: Final = 2
"""How often a byte may be cut out of the file, besides the stripped file itself."""

COPIED_BESIDE_MAX: Final = 1_024
"""The beginning of a file that is no picture we know, read for its name."""


@dataclass(slots=True)
class Effort:
    """The work that one file made: steps of its budget, and lines of our own Python that ran.

    `copied` are bytes cut out of the file. `stripped` is None where it was refused.
    """

    length: int
    steps: int = 0
    lines: int = 0
    copied: int = 0
    stripped: bytes | None = None

    def check(self) -> None:
        """No work that no part pays for: each was a step, or had the length to be free."""
        parts_max = self.steps + self.length // FREE_LENGTH
        assert self.lines <= LINES_A_PART_MAX * parts_max + LINES_BESIDE_MAX
        assert self.copied <= COPIES_MAX * self.length + COPIED_BESIDE_MAX


class _Watched(bytes):
    """A file that notes how much is cut out of it."""

    effort: Effort

    @overload
    def __getitem__(self, place: SupportsIndex, /) -> int: ...
    @overload
    def __getitem__(self, place: slice, /) -> bytes: ...
    def __getitem__(self, place: SupportsIndex | slice, /) -> int | bytes:
        found = super().__getitem__(place)
        if isinstance(found, bytes):
            self.effort.copied += len(found)
        return found


def effort_of(data: bytes, *, steps_max: int = STEPS_MAX, counts_lines: bool = True) -> Effort:
    """Parse `data` and strip it, if it is accepted. To count lines takes ten times as long."""
    effort = Effort(len(data))
    watched = _Watched(data)
    watched.effort = effort
    steps = Steps(steps_max)
    tracer = sys.gettrace()
    if counts_lines:
        sys.settrace(_lines(effort))
    try:
        effort.stripped = parse(watched, steps).stripped()
    except BadImage:
        pass
    finally:
        sys.settrace(tracer)
    effort.steps = steps.taken
    return effort


def _lines(effort: Effort) -> Any:
    """A trace function that counts the lines of our own modules."""

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            effort.lines += 1
            return trace
        return trace if "/likeness/imaging/" in frame.f_code.co_filename else None

    return trace
