"""Whether a picture has transparency: judged by its pixels, and not by its header.

A header says only that there may be alpha. Encoders write it for opaque pictures too, and then bars
would be clear, files longer, and an animation would go the slow way.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import pyvips
from PIL import Image

_COLOURS: Final = 3
_OPAQUE: Final = 255


class Alpha(IntEnum):
    """How transparent the pixels of a picture are."""

    NONE = 0
    ON_OR_OFF = 1
    SOFT = 2


def without_idle_alpha(image: pyvips.Image) -> pyvips.Image:
    """The picture without its alpha, if that says of no pixel that it is transparent.

    Have it in memory, since its pixels are read for this.
    """
    if not image.hasalpha():
        return image
    counts = memoryview(image[_COLOURS].hist_find().write_to_memory()).cast("I")
    return image if _alpha_of(counts) else image[:_COLOURS]


def alpha_of(picture: Image.Image) -> Alpha:
    """How transparent the most transparent pixel of an RGBA picture is."""
    return _alpha_of(picture.getchannel("A").histogram())


def _alpha_of(counts: Sequence[int]) -> Alpha:
    """By how many pixels have each level of alpha."""
    if any(counts[1:_OPAQUE]):
        return Alpha.SOFT
    return Alpha.ON_OR_OFF if counts[0] else Alpha.NONE
