"""Decodes an upload into sRGB pixels. Strict: damaged pixels are refused, never mended.

The result has three bands, or four with alpha, of 8 bits each in sRGB, for any profile of the
upload. Turning it upright, cutting and scaling are `render.py`'s.
"""

from typing import Any, Final

import pyvips

from likeness.errors import BadImage
from likeness.imaging.formats import Probe, gif
from likeness.imaging.plan import Colour
from likeness.imaging.worker.coded import CODED_FORMATS, coded_picture
from likeness.imaging.worker.colours import in_srgb
from likeness.model import Format

LOADERS: Final[dict[Format, str]] = {
    Format.JPEG: "jpegload_buffer",
    Format.PNG: "pngload_buffer",
    Format.GIF: "gifload_buffer",
    Format.WEBP: "webpload_buffer",
}
"""Named one by one: libvips' own choice for many a phone's JPEG is its Ultra HDR reader."""

_FRAMED: Final = (Format.GIF, Format.WEBP)
_PROFILE: Final = "icc-profile-data"
_SRGB_NAMES: Final = tuple(
    name.encode(coding)
    for name in ("sRGB IEC61966-2.1", "sRGB built-in", "GIMP built-in sRGB")
    for coding in ("ascii", "utf-16-be")
)
"""How most cameras and editors call the space that we convert to; v4 profiles write UTF-16."""

_WHITE = _OPAQUE = 255


def decode(
    data: bytes, source: Probe, background: Colour | None, reduction: int = 1
) -> pyvips.Image:
    """The pixels as stored; frames of an animation stand below one another.

    Lazy: a pixel is decoded when it is first asked for, from top to bottom and only once, and
    damage shows as `pyvips.Error` then. With `background` transparent parts take its colour,
    without it there is alpha. With `reduction` (2, 4 or 8; only for a JPEG) so many pixels a side
    are decoded into one, and what is left over at the right and at the bottom is left out. Raises
    BadImage when libvips sees another picture than `source`.
    """
    if source.format in CODED_FORMATS:
        image = coded_picture(data, source)
    else:
        image = _load(data, source, reduction)
    seen = (image.width, image.height, _field(image, "n-pages", 1))
    width, height = source.width // reduction, source.height // reduction
    if seen != (width, height * source.frames, source.frames):
        raise contradiction()
    image = in_srgb(image, source.colours) if source.colours else _to_srgb(image)
    if background is not None:
        return image.flatten(background=list(background)) if image.hasalpha() else image
    if source.format is Format.GIF and not image.hasalpha():
        return image.bandjoin(_drawn(data, source))
    return image if image.hasalpha() else image.addalpha()


def contradiction() -> BadImage:
    """The refusal of a picture that is another one to the decoder than to the probe."""
    return BadImage(
        "this picture contradicts itself about its size or its frames; export it again",
        argument="image",
    )


def is_srgb(profile: bytes) -> bool:
    """Whether a conversion would change nothing: most profiles are that of sRGB itself."""
    return any(name in profile for name in _SRGB_NAMES)


def _load(data: bytes, source: Probe, reduction: int) -> pyvips.Image:
    options: dict[str, Any] = {"access": "sequential", "fail_on": "error"}
    if reduction > 1:
        options["shrink"] = reduction
    if source.format in _FRAMED:
        options["n"] = -1
    return pyvips.Operation.call(LOADERS[source.format], data, **options)


def _field(image: pyvips.Image, name: str, default: int) -> int:
    """A number that libvips notes beside the pixels.

    Not `get_n_pages`: that answers 1 from 10 000 frames on.
    """
    return int(image.get(name)) if image.get_typeof(name) else default


def _to_srgb(image: pyvips.Image) -> pyvips.Image:
    """8 bits of sRGB, and alpha if there was any, from any colour space."""
    if image.get_typeof(_PROFILE) and not _has_srgb(image):
        image = image.icc_transform("srgb", embedded=True, intent="relative")
    if image.interpretation == "cmyk":
        image = _without_ink(image)
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    return image.cast("uchar") if image.format != "uchar" else image


def _without_ink(image: pyvips.Image) -> pyvips.Image:
    """CMYK of no known press: each ink takes its share of the light, as browsers have it.

    libvips would guess a press, and people would not get what their browser showed them before.
    """
    light = image.invert()
    return (light[:3] * light[3] / _WHITE).rint().cast("uchar").copy(interpretation="srgb")


def _has_srgb(image: pyvips.Image) -> bool:
    return image.interpretation == "srgb" and is_srgb(bytes(image.get(_PROFILE)))


def _drawn(data: bytes, source: Probe) -> pyvips.Image:
    """The alpha of a GIF without clear colours: 255 where the frames so far have drawn.

    libvips has black there, browsers what is behind the picture.
    """
    canvas, seen = pyvips.Image.black(source.width, source.height), []
    for layer in gif.layers(data):
        box = (layer.left, layer.top, layer.width, layer.height)
        drawn = canvas.draw_rect(_OPAQUE, *box, fill=True)
        seen.append(drawn)
        if layer.is_wiped:
            canvas = drawn.draw_rect(0, *box, fill=True)
        elif not layer.is_undone:
            canvas = drawn
    return pyvips.Image.arrayjoin(seen, across=1)
