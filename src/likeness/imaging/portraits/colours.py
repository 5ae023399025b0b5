"""Colours by lightness, chroma and hue, as people see them, and the contrast between two. Pure.

Lightness, chroma and hue are those of OKLCH: colours of one lightness look equally light whatever
their hue, which is why everybody's picture is as loud as everybody else's.
"""

import math
from typing import Final

from likeness.imaging.portraits.traits import Traits

Rgb = tuple[int, int, int]
"""Red, green and blue of sRGB, 0 to 255."""

HUES_DEGREES: Final = (8, 28, 48, 68, 86, 126, 144, 162, 182, 204, 226, 248, 270, 292, 316, 342)
"""So many that neighbours can still be told apart. None lies where dark yellow becomes mud."""

WHITE: Final[Rgb] = (255, 255, 255)

_DEPTHS: Final = (0.55, 0.46)
"""Lightness of the plain colours. White letters on the lighter have a contrast of 4.5 or more."""

_PLAIN_CHROMA: Final = 0.14
_CHROMA_STEP: Final = 0.002
_SLACK: Final = 0.001
"""Of linear light; less than a level of a byte."""

_DARK, _SLOPE = 0.04045, 12.92
"""Up to this value sRGB is a straight line, beyond it a power."""


def hue_of(traits: Traits) -> float:
    """Somebody's hue, in turns from 0 to 1. Every style asks for it first: it is theirs in all."""
    return traits.pick(HUES_DEGREES) / 360


def plain_colour(traits: Traits) -> Rgb:
    """Somebody's colour, deep enough for white letters."""
    hue = hue_of(traits)
    return oklch(traits.pick(_DEPTHS), _PLAIN_CHROMA, hue)


def oklch(lightness: float, chroma: float, hue: float) -> Rgb:
    """The colour of a lightness from 0 to 1, a chroma from 0 to about 0.3 and a hue in turns.

    Where a screen cannot show so much chroma, it is lessened until it can.
    """
    while True:
        linear = _linear(lightness, chroma, hue)
        if chroma <= 0 or all(-_SLACK <= part <= 1 + _SLACK for part in linear):
            red, green, blue = (_encoded(min(1.0, max(0.0, part))) for part in linear)
            return red, green, blue
        chroma = max(0.0, chroma - _CHROMA_STEP)


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """Linear light, perhaps out of range; the figures are those that define OKLab."""
    a = chroma * math.cos(hue * math.tau)
    b = chroma * math.sin(hue * math.tau)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _encoded(linear: float) -> int:
    """Linear light from 0 to 1 as a byte of sRGB."""
    value = _SLOPE * linear if linear <= _DARK / _SLOPE else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(255 * value)


def contrast(one: Rgb, other: Rgb) -> float:
    """How well one colour is read on the other by WCAG: from 1, not at all, to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_decoded(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _decoded(value: float) -> float:
    return value / _SLOPE if value <= _DARK else ((value + 0.055) / 1.055) ** 2.4
