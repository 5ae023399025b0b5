"""Declared colour spaces, brought to one form: a curve from number to light, and a matrix.

Worked out here, in plain numbers, so that the worker only has to apply it. Chromaticities are x and
y of CIE 1931; codes are those of ITU-T H.273, which PNG, AVIF and HEIC share.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]

Chromaticities = tuple[float, float, float, float, float, float, float, float]
"""White, red, green and blue, x before y, in the order of PNG's cHRM."""


class Curve(StrEnum):
    """How a number from 0 to 1 becomes light."""

    POWER = "power"
    """To the power of `Colours.exponent`."""
    SRGB = "srgb"
    """IEC 61966-2-1."""
    PQ = "pq"
    """SMPTE ST 2084: 1 is 10 000 cd/m2."""
    HLG = "hlg"
    """ITU-R BT.2100, shown on a screen of 1000 cd/m2."""


HDR_CURVES: Final = {Curve.PQ, Curve.HLG}
"""Curves whose light a screen without HDR cannot show."""

PEAK_NITS: Final = 1000.0
"""Peak brightness of PQ and HLG where a file declares none: that of most of them."""

IDENTITY: Final[Matrix] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Colours:
    """How numbers become light of sRGB's red, green and blue: by `curve`, then by `to_srgb`.

    `peak_nits` is the brightest light of a picture in PQ or HLG, in cd/m2.
    """

    curve: Curve
    to_srgb: Matrix = IDENTITY
    exponent: float = 1.0
    peak_nits: float = PEAK_NITS


SRGB: Final = Colours(Curve.SRGB)
"""Of a picture that needs no change."""

SRGB_PRIMARIES: Final[Chromaticities] = (0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)

_SMPTE: Final[Chromaticities] = (0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)
_PRIMARIES: Final[dict[int, Chromaticities]] = {
    1: SRGB_PRIMARIES,
    5: (0.3127, 0.3290, 0.640, 0.330, 0.290, 0.600, 0.150, 0.060),
    6: _SMPTE,
    7: _SMPTE,
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.3140, 0.3510, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
"""By H.273's code: BT.709 and sRGB, PAL, NTSC (twice), BT.2020, DCI P3, Display P3."""

_VIDEO: Final = 2.4
_EXPONENTS: Final = {1: _VIDEO, 4: 2.2, 5: 2.8, 6: _VIDEO, 8: 1.0, 14: _VIDEO, 15: _VIDEO}
"""Curves that are powers, by H.273's code. Video was made for screens of BT.1886, 2.4, and browsers
show it so, though cameras use another curve."""

_CURVES: Final = {13: Curve.SRGB, 16: Curve.PQ, 18: Curve.HLG}

_BRADFORD: Final[Matrix] = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
"""XYZ to the response of the eye's cones, by which white is adapted (ICC.1, annex E)."""

_FLAT: Final = 1e-9
"""Primaries whose volume is smaller span no colours."""


def of_codes(primaries: int, transfer: int, peak_nits: float = PEAK_NITS) -> Colours | None:
    """Colours by two codes of H.273; None for one that is not known or says "unspecified"."""
    matrix = _to_srgb(_PRIMARIES[primaries]) if primaries in _PRIMARIES else None
    if matrix is None:
        return None
    if transfer in _EXPONENTS:
        return Colours(Curve.POWER, matrix, _EXPONENTS[transfer])
    if transfer in _CURVES:
        return Colours(_CURVES[transfer], matrix, peak_nits=peak_nits)
    return None


def of_power(exponent: float, primaries: Chromaticities = SRGB_PRIMARIES) -> Colours | None:
    """Colours whose light is a power of the number; None for primaries that span no colours."""
    matrix = _to_srgb(primaries)
    return Colours(Curve.POWER, matrix, exponent) if matrix else None


def _to_srgb(primaries: Chromaticities) -> Matrix | None:
    """From light of these primaries to that of sRGB's, white to white."""
    if primaries == SRGB_PRIMARIES:
        return IDENTITY
    ours, srgb = _to_cones(primaries), _to_cones(SRGB_PRIMARIES)
    back = srgb and _inverse(srgb)
    return _product(back, ours) if ours and back else None


def _to_cones(primaries: Chromaticities) -> Matrix | None:
    """From light to the share of white's answer that each of the eye's cones gives."""
    white, *lights = (
        (x, y, 1 - x - y) for x, y in zip(primaries[::2], primaries[1::2], strict=True)
    )
    spanned = _matrix(zip(*lights, strict=True))
    inverse = _inverse(spanned)
    if inverse is None or white[1] <= 0:
        return None
    # So much of each light makes white, which has a luminance of 1.
    amounts = _applied(inverse, white)
    answers = _applied(_BRADFORD, white)
    if min(*amounts, *answers) <= 0:
        return None
    cones = _product(_BRADFORD, spanned)
    return _matrix(
        [value * amount / answer for value, amount in zip(row, amounts, strict=True)]
        for row, answer in zip(cones, answers, strict=True)
    )


def _inverse(m: Matrix) -> Matrix | None:
    """None where there is none."""
    (a, b, c), (d, e, f), (g, h, i) = m
    over = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    volume = a * over[0][0] + b * over[1][0] + c * over[2][0]
    if abs(volume) < _FLAT:
        return None
    return _matrix([value / volume for value in row] for row in over)


def _product(m: Matrix, n: Matrix) -> Matrix:
    columns = [_applied(m, column) for column in _matrix(zip(*n, strict=True))]
    return _matrix(zip(*columns, strict=True))


def _applied(m: Matrix, v: Row) -> Row:
    first, second, third = (sum(a * b for a, b in zip(row, v, strict=True)) for row in m)
    return first, second, third


def _matrix(rows: Iterable[Iterable[float]]) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = rows
    return (a, b, c), (d, e, f), (g, h, i)
