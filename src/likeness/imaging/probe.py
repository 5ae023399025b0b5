"""The first look at an upload: which format, how big, how many frames. No decoder has seen it yet.

It decides by content, in Python, in linear time. Whether the picture is too big is `plan.py`'s.
"""

from likeness.errors import BadImage
from likeness.imaging.formats import Probe, foreign, gif, jpeg, png, webp

__all__ = ["Probe", "probe"]


def probe(data: bytes) -> Probe:
    """What the picture in `data` says of itself, its structure followed from start to end.

    raises: BadImage for anything but a whole JPEG, PNG, GIF or WebP, naming what it is instead.
    Bytes after the end are no fault; `strip` cuts them off.
    """
    if data.startswith(jpeg.MAGIC):
        return jpeg.probe(data)
    if data.startswith(png.MAGIC):
        return png.probe(data)
    if data.startswith(gif.MAGICS):
        return gif.probe(data)
    if data.startswith(webp.MAGIC) and data.startswith(webp.FORM, webp.FORM_AT):
        return webp.probe(data)
    raise BadImage(foreign.explanation(data), argument="image")
