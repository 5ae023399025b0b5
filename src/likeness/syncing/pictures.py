"""Which of the pictures that an entry has is somebody's photo."""

from collections.abc import Sequence
from typing import Final

from likeness.directory.port import Values
from likeness.errors import Refusal
from likeness.imaging.probe import probe

PICTURES_MAX: Final = 10
"""Pictures of one entry that are looked at: two attributes have one each by custom."""


def largest(values: Values, attributes: Sequence[str]) -> bytes | None:
    """The picture with the most pixels, None where there is none at all.

    One that cannot be read has no pixels: it is given only where all are so.
    """
    found = [each for name in attributes for each in values.get(name.lower(), ()) if each]
    return max(found[:PICTURES_MAX], key=_pixels, default=None)


def _pixels(data: bytes) -> int:
    try:
        width, height = probe(data).upright
    except Refusal:
        return 0
    return width * height
