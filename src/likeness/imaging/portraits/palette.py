"""Writes a PNG with a palette from tones and their colours, with no metadata in it."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from likeness.imaging.portraits.colours import Rgb

TONES: Final = 256
_SMALL_PX: Final = 512
_COMPRESSION: Final = {True: 6, False: 3}
"""By whether a picture is small: more effort takes a third off a large one, in twice the time."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Which colour a tone from 0 to 255 has.

    `line` are the colours of some tones; those between lie straight between them, in `steps` steps.
    `spots` are exceptions: tones with a colour of their own that nothing runs into, so that no edge
    from one colour of the line to another passes through theirs.
    """

    line: Mapping[int, Rgb]
    steps: int
    spots: Mapping[int, Rgb] = field(default_factory=dict)

    def indices(self) -> list[int]:
        """The place of each tone among the colours."""
        top = self.steps - 1
        line = [(tone * top + (TONES - 1) // 2) // (TONES - 1) for tone in range(TONES)]
        for place, tone in enumerate(self.spots):
            line[tone] = self.steps + place
        return line

    def colours(self) -> bytes:
        """Three bytes each: the steps of the line, then the spots."""
        stops = sorted(self.line.items())
        tones = (step * (TONES - 1) / (self.steps - 1) for step in range(self.steps))
        line = bytes(part for tone in tones for part in _between(stops, tone))
        return line + bytes(part for colour in self.spots.values() for part in colour)


def _between(stops: Sequence[tuple[int, Rgb]], tone: float) -> Iterator[int]:
    below = max((stop for stop in stops if stop[0] <= tone), default=stops[0])
    above = min((stop for stop in stops if stop[0] >= tone), default=stops[-1])
    part = (tone - below[0]) / (above[0] - below[0]) if above > below else 0
    return (
        round(one + (other - one) * part) for one, other in zip(below[1], above[1], strict=True)
    )


def png(picture: Image.Image, palette: Palette) -> bytes:
    """A PNG of a picture of tones: its header, its palette and its pixels."""
    coloured = picture.point(palette.indices())
    coloured.putpalette(palette.colours())
    stream = io.BytesIO()
    coloured.save(stream, "PNG", compress_level=_COMPRESSION[picture.width <= _SMALL_PX])
    return stream.getvalue()
