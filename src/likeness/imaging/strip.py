"""The same picture with only what decoding needs, so that no decoder meets the rest.

Metadata is where old and new decoder faults hide, and where people's secrets are. The orientation
goes too: it has been read by `probe.py`, and `plan.py` turns the picture.
"""

from typing import Final

from likeness.imaging.formats import Probe, gif, jpeg, png, webp
from likeness.model import Format

_STRIPPERS: Final = {
    Format.JPEG: jpeg.strip,
    Format.PNG: png.strip,
    Format.GIF: gif.strip,
    Format.WEBP: webp.strip,
}


def strip(data: bytes, probe: Probe) -> bytes:
    """`data` without metadata and without what follows its end. `probe` must be that of `data`."""
    return _STRIPPERS[probe.format](data)
