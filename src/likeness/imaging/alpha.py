"""Whether a picture is transparent: what its pixels say, whatever its header does.

A header says only that there may be alpha. Encoders write it for opaque pictures too, and then bars
would be clear, files longer, and an animation would go the slow way.
"""

from enum import IntEnum
from typing import Final

import pyvips

from likeness.imaging.formats import Probe
from likeness.imaging.moving_png import frames_of

_COLOURS: Final = 3
_OPAQUE: Final = 255


class Alpha(IntEnum):
    """How transparent the pixels of a picture are."""

    NONE = 0
    ON_OR_OFF = 1
    SOFT = 2


def alpha_of_moving(data: bytes, source: Probe) -> Alpha:
    """Of an animation; decodes it as far as is needed to tell, without ever holding it whole."""
    found = Alpha.NONE
    for frame in frames_of(data, source, None).images:
        found = max(found, _alpha(frame))
        if found is Alpha.SOFT:
            break
    return found


def without_idle_alpha(image: pyvips.Image) -> pyvips.Image:
    """The picture without its alpha, if that says of no pixel that it is transparent.

    Have it in memory, since its pixels are read for this.
    """
    return image[:_COLOURS] if image.hasalpha() and not _alpha(image) else image


def _alpha(image: pyvips.Image) -> Alpha:
    counts = memoryview(image[_COLOURS].hist_find().write_to_memory()).cast("I")
    if any(counts[1:_OPAQUE]):
        return Alpha.SOFT
    return Alpha.ON_OR_OFF if counts[0] else Alpha.NONE
