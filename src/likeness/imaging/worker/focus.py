"""Suggests what to crop to: faces, skin, edges and bright colours. Pixels in, a place out."""

from contextlib import suppress
from typing import Final

import pyvips
from PIL import Image

from likeness.imaging.views import FOCUS_WHOLE
from likeness.imaging.worker.decode import LOADERS
from likeness.imaging.worker.geometry import Level
from likeness.model import Format

_SIDE_PX: Final = 256
"""Looking at more takes longer and finds the same."""

_SAMPLES_PX: Final = 2 * _SIDE_PX
"""Of pixels in memory at least so many a side are taken, evenly spread, and each four made one:
9 ms for 12 megapixels, 5 of them for the search."""

_REDUCTION_MAX: Final = 8
"""A JPEG is decoded at an eighth, which takes 20 ms for 12 megapixels."""


def focus(picture: Image.Image) -> tuple[int, int] | None:
    """The focus of a picture in RGB, in thousandths of its width and height, or None."""
    by = max(1, min(picture.size) // _SAMPLES_PX)
    size = (picture.width // by, picture.height // by)
    seen = Level(picture=picture.resize(size, Image.Resampling.NEAREST))
    # No suggestion is worth a refusal.
    with suppress(pyvips.Error):
        return _found(seen.image)
    return None


def focus_of_file(data: bytes, form: Format) -> tuple[int, int] | None:
    """The same of a working copy whose pixels are not at hand.

    Only of a JPEG: what else is decoded whole would take longer than is worth a suggestion.
    """
    if form is not Format.JPEG:
        return None
    with suppress(pyvips.Error):
        return _found(pyvips.Operation.call(LOADERS[form], data, shrink=_shrink(data)))
    return None


def _found(image: pyvips.Image) -> tuple[int, int]:
    seen = image.thumbnail_image(_SIDE_PX, height=_SIDE_PX)
    side = min(seen.width, seen.height)
    _, told = seen.smartcrop(
        side, side, interesting="attention", attention_x=True, attention_y=True
    )
    x, y = told["attention_x"], told["attention_y"]
    return FOCUS_WHOLE * x // seen.width, FOCUS_WHOLE * y // seen.height


def _shrink(data: bytes) -> int:
    """The largest reduction that leaves enough to look at."""
    head = pyvips.Operation.call(LOADERS[Format.JPEG], data)
    enough = min(head.width, head.height) // _SIDE_PX
    return next((by for by in (_REDUCTION_MAX, 4, 2) if by <= enough), 1)
