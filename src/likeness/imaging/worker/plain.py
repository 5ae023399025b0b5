"""Decodes what most people upload, an opaque JPEG or WebP in sRGB, by Pillow: it is quicker.

libvips decodes everything else, and could decode these: in twice the time a WebP, with a third more
a JPEG. Nothing but the two decoders named here is ever asked (decision 14).
"""

import io
from typing import Final

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.WebPImagePlugin import WebPImageFile

from likeness.imaging.formats import Probe
from likeness.imaging.worker.decode import contradiction, is_srgb
from likeness.model import Format

_DECODERS: Final[dict[Format, type[ImageFile]]] = {
    Format.JPEG: JpegImageFile,
    Format.WEBP: WebPImageFile,
}
"""Named one by one, so that no other of Pillow's decoders is ever tried."""

PIXELS_MAX: Final = 4096 * 4096
"""Pillow holds a picture whole, a WebP four times over: 290 MB. libvips needs less."""

_RGB, _GREY = "RGB", "L"

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture upright, by its EXIF orientation; Pillow turns against the clock."""


class DamagedError(Exception):
    """The pixels cannot be decoded to the last."""


def plain_picture(data: bytes, source: Probe, reduction: int = 1) -> Image.Image | None:
    """The upright picture in RGB, or None where it is not plain and so for libvips to decode.

    With `reduction` (2, 4 or 8; only for a JPEG) so many pixels a side are decoded into one, the
    last of a row or column from fewer. Raises DamagedError, and BadImage when Pillow sees another
    picture than `source`.
    """
    if not _may_be_plain(source):
        return None
    try:
        picture = _DECODERS[source.format](io.BytesIO(data))
        if picture.size != (source.width, source.height):
            raise contradiction()
        if not _is_plain(picture):
            return None
        if reduction > 1:
            picture.draft(None, (source.width // reduction, source.height // reduction))
        picture.load()
        picture.info.clear()  # Or the encoder would find a comment there.
    except (OSError, EOFError, SyntaxError, ValueError) as error:
        raise DamagedError from error
    turn = _TURNS.get(source.orientation)
    upright = picture.transpose(turn) if turn is not None else _detached(picture)
    return upright if upright.mode == _RGB else upright.convert(_RGB)


def _detached(picture: Image.Image) -> Image.Image:
    """The same pixels, but no picture from a file: to save one asks for the working folder."""
    return picture._new(picture.im)  # noqa: SLF001 - `copy` would take 50 MB for 12 megapixels.


def _may_be_plain(source: Probe) -> bool:
    is_simple = source.frames == source.scans == 1 and not source.has_alpha
    return is_simple and source.format in _DECODERS and source.width * source.height <= PIXELS_MAX


def _is_plain(picture: Image.Image) -> bool:
    profile = picture.info.get("icc_profile")
    if picture.mode == _GREY:
        return not profile
    return picture.mode == _RGB and (not profile or is_srgb(profile))
