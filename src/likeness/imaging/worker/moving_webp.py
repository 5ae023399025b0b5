"""Iterates over the frames of an animated WebP by Pillow, in a third of libvips' time.

The decoder is the one that decision 14 lets read a still WebP. What has another profile than that
of sRGB is left to libvips, which applies it.
"""

from collections.abc import Iterator
from typing import Final

from PIL import Image, _webp

from likeness.imaging.formats import Probe
from likeness.imaging.worker.decode import contradiction, is_srgb
from likeness.imaging.worker.frames import Frame, Frames
from likeness.imaging.worker.geometry import Level
from likeness.imaging.worker.plain import DamagedError

_RGB, _RGBA = "RGB", "RGBA"
_WITHOUT_ALPHA: Final = "RGBX"
"""How pixels lie in memory of which the fourth byte says nothing."""


def frames_of_webp(data: bytes, source: Probe) -> Frames | None:
    """The frames of a WebP in sRGB, else None. Raises BadImage when it is not `source`.

    To ask for a frame raises DamagedError when it cannot be decoded.
    """
    try:
        decoder = _webp.WebPAnimDecoder(data)
    except (OSError, ValueError) as error:
        raise DamagedError from error
    size, loop, _, count, _ = decoder.get_info()
    if (*size, count) != (source.width, source.height, source.frames):
        raise contradiction()
    profile = decoder.get_chunk("ICCP")
    if profile and not is_srgb(profile):
        return None
    return Frames(loop, _shown(decoder, source))


def _shown(decoder: "_webp.WebPAnimDecoder", source: Probe) -> Iterator[Frame]:
    mode, layout = (_RGBA, _RGBA) if source.has_alpha else (_RGB, _WITHOUT_ALPHA)
    begin_ms = 0
    for _ in range(source.frames):
        pixels, end_ms = _next(decoder)
        size = source.width, source.height
        picture = Image.frombytes(mode, size, pixels, "raw", layout)
        yield Frame(Level(picture=picture), end_ms - begin_ms)
        begin_ms = end_ms


def _next(decoder: "_webp.WebPAnimDecoder") -> tuple[bytes, int]:
    """The pixels of a frame, and the ms at which it ends."""
    try:
        found: tuple[bytes, int] | None = decoder.get_next()
    except (OSError, ValueError, MemoryError) as error:
        raise DamagedError from error
    if found is None:
        raise DamagedError
    return found
