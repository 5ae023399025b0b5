"""HEIC by libheif and libde265, AVIF by libavif and dav1d: pixels in the hands of libvips.

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

_TO_SRGB_LIGHT: Final[dict[int, list[list[float]]]] = {
    9: [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    12: [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]],
}
"""From the light of other primaries to that of sRGB's, all with the white D65: BT.2020 and Display
P3, by their numbers in ITU H.273. sRGB and BT.709 are number 1."""


def coded_picture(data: bytes, source: Probe) -> pyvips.Image:
    """The pixels as stored, neither turned nor mirrored, in 8 bits. Raises pyvips.Error if damaged.

    A colour profile comes along; colours by number are turned into sRGB.
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
    return _with_primaries(image, source.primaries)


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


def _with_primaries(image: pyvips.Image, primaries: int) -> pyvips.Image:
    """The same colours as numbers of sRGB; the curve of all these spaces is taken for sRGB's."""
    matrix = _TO_SRGB_LIGHT.get(primaries)
    if matrix is None or image.bands <= _GREY_BANDS_MAX:
        return image
    light = image[:3].copy(interpretation="srgb").colourspace("scrgb").recomb(matrix)
    colours = light.copy(interpretation="scrgb").colourspace("srgb")
    if image.bands == _BANDS["RGB"]:
        return colours
    return colours.bandjoin(image[3]).copy(interpretation="srgb")
