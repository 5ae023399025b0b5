"""Iterates over the frames of an animation, a few of which are in memory at a time.

Here are those that libvips decodes; it knows of no PNG that moves (`moving_png.py`), and is slow
with a WebP (`moving_webp.py`).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import pyvips

from likeness.imaging.formats import Probe
from likeness.imaging.worker.decode import decode
from likeness.imaging.worker.geometry import Level

_BLACK: Final = (0, 0, 0)


class Frame(NamedTuple):
    """A frame as it is seen, as stored and in sRGB, and its duration."""

    level: Level
    delay_ms: int


class Frames(NamedTuple):
    """How often an animation is shown (0: for ever), and its frames, each decoded when asked for.

    They have alpha if `Probe.has_alpha`.
    """

    loop: int
    shown: Iterator[Frame]


def frames_of_strip(data: bytes, source: Probe) -> Frames:
    """The frames of an animation that libvips knows, which has them below one another.

    Raises what `decode` raises.
    """
    strip = decode(data, source, None if source.has_alpha else _BLACK)
    return Frames(int(strip.get("loop")), _cut(strip, source))


def _cut(strip: pyvips.Image, source: Probe) -> Iterator[Frame]:
    for place, delay_ms in enumerate(strip.get("delay")):
        frame = strip.crop(0, place * source.height, source.width, source.height)
        yield Frame(Level.kept(frame), delay_ms)
