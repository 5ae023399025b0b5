"""Decodes HEIC by libheif and libde265, AVIF by libavif and dav1d, for libvips to go on with.

Both libraries decode into memory at once, on this thread or, libde265, on one more, and open no
file. They are called by the modules that pi-heif and Pillow have for it, since what these put in
front reads metadata and imports modules on the way, which cannot be done behind the walls.
"""

from typing import Any, Final

import _pi_heif
import pyvips
from PIL import _avif

from likeness.imaging.formats import Probe
from likeness.model import Format

CODED_FORMATS: Final = (Format.HEIC, Format.AVIF)

_PROFILE: Final = "icc-profile-data"
_BANDS: Final = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}
_PREMULTIPLIED: Final = "RGBa"
_GREY_BANDS_MAX: Final = 2

_AV1_DECODER: Final = "dav1d"
_AV1_THREADS: Final = 1
_HEVC_DECODER: Final = ""
_HEVC_THREADS: Final = 0
"""Tiles are decoded one after the other; a picture process has one core."""

_YES, _NO = 1, 0


def coded_picture(data: bytes, source: Probe) -> pyvips.Image:
    """The pixels as stored, neither turned nor mirrored, in 8 bits. Raises pyvips.Error if damaged.

    A colour profile comes along.
    """
    try:
        size, mode, profile, pixels = (
            _heic(data) if source.format is Format.HEIC else _avif_picture(data)
        )
    except (OSError, EOFError, RuntimeError, SyntaxError, ValueError) as error:
        raise pyvips.Error(f"{source.format.name}: {error}") from error
    bands = _BANDS.get(mode, 0)
    if not bands or len(pixels) != size[0] * size[1] * bands:
        raise pyvips.Error(f"{source.format.name}: {mode} in {len(pixels)} bytes")
    image = pyvips.Image.new_from_memory(pixels, *size, bands, "uchar")
    image = image.copy(interpretation="b-w" if bands <= _GREY_BANDS_MAX else "srgb")
    if mode == _PREMULTIPLIED:
        image = image.unpremultiply().cast("uchar")
    if profile:
        image.set_type(pyvips.GValue.blob_type, _PROFILE, profile)
    return image


_Pixels = tuple[tuple[int, int], str, bytes, bytes]
"""Width and height, mode as Pillow names it, colour profile or nothing, pixels."""


def _heic(data: bytes) -> _Pixels:
    pictures = _pi_heif.load_file(data, _HEVC_THREADS, _YES, _NO, _YES, _YES, _HEVC_DECODER, _NO)
    picture = next(one for one in pictures if one is not None and one.primary)
    colours: dict[str, Any] = picture.color_profile or {}
    profile = colours["data"] if colours.get("type") in {"prof", "rICC"} else b""
    # A view of memory that ends with `picture`.
    pixels = bytes(picture.data)
    size, mode = picture.size_mode
    return size, mode, profile, pixels


def _avif_picture(data: bytes) -> _Pixels:
    decoder = _avif.AvifDecoder(data, _AV1_DECODER, _AV1_THREADS)
    size, _, mode, profile, *_ = decoder.get_info()
    pixels, *_ = decoder.get_frame(0)
    return size, mode, profile or b"", pixels
