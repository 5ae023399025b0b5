"""Converts pixels of any declared colour space to 8 bits of sRGB.

`formats/colours.py` has worked out by which curve and matrix; here they meet pixels. Light beyond
what sRGB can show is cut off, as browsers do, and brightness beyond a screen's is mapped.
"""

import math
from typing import Any, Final

import pyvips

from likeness.imaging.formats.colours import HDR_CURVES, IDENTITY, Colours, Curve, Matrix

_BANDS: Final = 3
_LEVELS_8, _LEVELS_16 = 255, 65_535

_SRGB_EXPONENT: Final = 2.4
_SRGB_SLOPE: Final = 12.92
_SRGB_BEND: Final = 0.0031308
"""The light up to which the curve of sRGB is straight (IEC 61966-2-1)."""

_HLG_BEND: Final = 0.5
"""The number up to which HLG's light is its square."""

_WHITE_NITS: Final = 203
"""What white paper has in PQ and HLG (ITU-R BT.2408); it is 1.0 of light here."""

_PQ_PEAK: Final = 10_000 / _WHITE_NITS
_HLG_PEAK: Final = 1000 / _WHITE_NITS
_HLG_SYSTEM_GAMMA: Final = 1.2
"""From the light of a scene to that of a screen of 1000 cd/m2 (BT.2100)."""

_SRGB_LUMINANCE: Final = [[0.2126, 0.7152, 0.0722]]
_SRGB_TO_BT2020: Final = [
    [0.6274, 0.3293, 0.0433],
    [0.0691, 0.9195, 0.0114],
    [0.0164, 0.0880, 0.8956],
]

_STEPS_PER_WHITE: Final = 1_000
"""How finely brightness is looked up, for up to 65 times white."""

_KNEE: Final = 0.65
"""How sharply the tone map's curve bends above white (SMPTE ST 2094-50, its kappa)."""


def in_srgb(image: pyvips.Image, colours: Colours) -> pyvips.Image:
    """An image of 8 or 16 bits, grey or RGB, perhaps with alpha, as sRGB of 8 bits.

    As lazy as `image`, but for PQ and HLG, which are read now.
    """
    count = image.bands - 1 if image.hasalpha() else image.bands
    numbers = image.extract_band(0, n=count)
    if count < _BANDS:
        numbers = numbers.bandjoin([numbers, numbers])
    shown = _shown(numbers, colours).copy(interpretation="srgb")
    if image.hasalpha():
        alpha = image[count]
        # The upper byte, as libvips has it for any picture of 16 bits.
        shown = shown.bandjoin(alpha >> 8 if image.format == "ushort" else alpha).cast("uchar")
    # Each pixel of a tone map is made of one pixel in several ways, and scaling asks for it often:
    # 18 s instead of 1 for 12 megapixels.
    return shown.copy_memory() if colours.curve in HDR_CURVES else shown


def _shown(numbers: pyvips.Image, colours: Colours) -> pyvips.Image:
    """Three bands of numbers as levels of sRGB."""
    table = _to_light(colours, is_deep=numbers.format == "ushort")
    if colours.to_srgb == IDENTITY and colours.curve not in HDR_CURVES:
        return numbers.maplut(_levels(table))
    light = _mixed(numbers.maplut(table), colours.to_srgb)
    if colours.curve is Curve.HLG:
        light = _as_screens_show_hlg(light)
    if colours.curve in HDR_CURVES:
        light = _tone_mapped(light, colours.peak_nits / _WHITE_NITS)
    return _levels(light)


def _levels(light: pyvips.Image) -> pyvips.Image:
    """Light of sRGB's primaries as levels; what a screen cannot show is cut off."""
    return _looked_up(light, _LEVELS_16, _from_light())


def _to_light(colours: Colours, *, is_deep: bool) -> pyvips.Image:
    """A table from each number to its light."""
    number = pyvips.Image.identity(ushort=is_deep) / (_LEVELS_16 if is_deep else _LEVELS_8)
    match colours.curve:
        case Curve.POWER:
            light = number**colours.exponent
        case Curve.SRGB:
            bent = ((number + 0.055) / 1.055) ** _SRGB_EXPONENT
            light = (number <= _SRGB_BEND * _SRGB_SLOPE).ifthenelse(number / _SRGB_SLOPE, bent)
        case Curve.PQ:
            light = _pq_light(number)
        case Curve.HLG:
            light = _hlg_light(number)
    return light.cast("float")


def _pq_light(number: Any) -> Any:
    """SMPTE ST 2084, whose constants these are; light is in shares of white."""
    root = number ** (32 / 2523)
    above = root - 0.8359375
    share = (above > 0).ifthenelse(above, 0) / (root * -18.6875 + 18.8515625)
    return share ** (16384 / 2610) * _PQ_PEAK


def _hlg_light(number: Any) -> Any:
    """The light of the scene by ITU-R BT.2100, whose constants these are; its brightest is 1."""
    bright = (((number - 0.55991073) / 0.17883277).exp() + 0.28466892) / 12
    return (number <= _HLG_BEND).ifthenelse(number**2 / 3, bright)


def _from_light() -> pyvips.Image:
    """A table from 65 536 steps of light to levels of sRGB (IEC 61966-2-1)."""
    light = pyvips.Image.identity(ushort=True) / _LEVELS_16
    bent = light ** (1 / _SRGB_EXPONENT) * 1.055 - 0.055
    number = (light <= _SRGB_BEND).ifthenelse(light * _SRGB_SLOPE, bent)
    return (number * _LEVELS_8).rint().cast("uchar")


def _mixed(light: pyvips.Image, matrix: Matrix | list[list[float]]) -> pyvips.Image:
    return light.recomb(pyvips.Image.new_from_array([list(row) for row in matrix]))


def _looked_up(image: pyvips.Image, steps: int, table: pyvips.Image) -> pyvips.Image:
    """Look numbers up in a table of `steps` entries a unit; those outside take its ends."""
    return (image * steps + 0.5).cast("ushort").maplut(table)


def _as_screens_show_hlg(light: pyvips.Image) -> pyvips.Image:
    """From the light of the scene to that of a screen, by its luminance (BT.2100's OOTF)."""
    share = pyvips.Image.identity(ushort=True) / _LEVELS_16
    gain = (share ** (_HLG_SYSTEM_GAMMA - 1) * _HLG_PEAK).cast("float")
    return light * _looked_up(_mixed(light, _SRGB_LUMINANCE), _LEVELS_16, gain)


def _tone_mapped(light: pyvips.Image, peak: float) -> pyvips.Image:
    """Light up to `peak` times white brought below 1, each colour's shares kept.

    The reference white tone mapping operator of SMPTE ST 2094-50: the brightest of red, green and
    blue of BT.2020 says how much less light there is of all three.
    """
    if peak <= 1:
        return light
    wide = _mixed(light, _SRGB_TO_BT2020)
    brightest = wide[0].bandrank([wide[1], wide[2]], index=_BANDS - 1)
    return light * _looked_up(brightest, _STEPS_PER_WHITE, _gain(min(peak, _PQ_PEAK)))


def _gain(peak: float) -> pyvips.Image:
    """A table of the share of light that is left, by its brightness: the same up to white.

    Above white the curve is Bezier's over three points: white, one between, and the peak, which
    becomes 1.
    """
    white = 1 - 0.5 * min(math.log(peak) / math.log(_HLG_PEAK), 1)
    # Twice the way from white to the point between, and what is then missing to the peak.
    x_first, y_first = 2 * _KNEE * (1 / white - 1), 2 * _KNEE * (1 - white)
    x_second, y_second = peak - 1 - x_first, 1 - white - y_first
    bright = pyvips.Image.identity(ushort=True) / _STEPS_PER_WHITE
    way = ((bright - 1) * (4 * x_second) + x_first**2) ** 0.5
    way = (way - x_first) / (2 * x_second)
    bent = ((way * y_second + y_first) * way + white) / bright
    gain = (bright >= peak).ifthenelse(1 / bright, bent)
    return (bright <= 1).ifthenelse(white, gain).cast("float")
