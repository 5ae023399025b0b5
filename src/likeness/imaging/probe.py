"""The first look at an upload: which format, how big, how many frames, and what of it is needed.

It decides by content, in Python, in linear time and within a budget of steps; no decoder has seen
the file yet. Whether the picture is too big is `plan.py`'s.
"""

from likeness.errors import BadImage
from likeness.imaging.formats import Parsed, Probe, foreign, gif, heif, jpeg, png, webp
from likeness.imaging.formats.steps import Steps

__all__ = ["Parsed", "Probe", "parse", "probe"]


def parse(data: bytes, steps: Steps | None = None) -> Parsed:
    """The picture in `data`, its structure followed once, from start to end.

    Give `steps` to count them; a full budget is taken otherwise. Bytes after the end are no fault.
    raises: BadImage for anything but a whole JPEG, PNG, GIF, WebP, AVIF or HEIC, naming what it is
    instead, and for one of too many short parts.
    """
    steps = Steps() if steps is None else steps
    if data.startswith(jpeg.MAGIC):
        return jpeg.parse(data, steps)
    if data.startswith(png.MAGIC):
        return png.parse(data, steps)
    if data.startswith(gif.MAGICS):
        return gif.parse(data, steps)
    if data.startswith(webp.MAGIC) and data.startswith(webp.FORM, webp.FORM_AT):
        return webp.parse(data, steps)
    if heif.is_heif(data):
        return heif.parse(data, steps)
    raise BadImage(foreign.explanation(data), argument="image")


def probe(data: bytes) -> Probe:
    """Read format, size and frames of the picture in `data`. Raises BadImage, see `parse`."""
    return parse(data).probe
