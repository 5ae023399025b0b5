"""The colour space of a PNG by its chunks (third edition, 4.3 and 11.3.2).

cICP comes before iCCP, that before sRGB, and that before gAMA with cHRM. A chunk of another length
than PNG's is ignored.
"""

import struct
from collections.abc import Mapping
from typing import Final

from likeness.imaging.formats import colours
from likeness.imaging.formats.colours import PEAK_NITS, SRGB_PRIMARIES, Chromaticities, Colours

LENGTHS: Final = {b"cICP": 4, b"cLLI": 8, b"mDCV": 24, b"gAMA": 4, b"cHRM": 32}
"""Bytes of each chunk that is read here."""

_RGB, _FULL_RANGE = 0, 1
"""The only matrix and range of cICP that browsers support in a PNG."""

_GAMMA_UNITS: Final = 100_000
_LUMINANCE_UNITS: Final = 10_000
_MDCV_PEAK: Final = struct.Struct(">16xI4x")

_SCREEN_GAMMA: Final = 2.2
_GAMMA_TOLERANCE: Final = 0.05
"""Nearer to the screen's than this is the screen's, as for libpng and so for browsers."""


def by_codes(said: Mapping[bytes, bytes]) -> Colours | None:
    """The colour space of cICP, by the payloads of chunks; None where it is unknown."""
    if b"cICP" not in said:
        return None
    primaries, transfer, matrix, extent = said[b"cICP"]
    if (matrix, extent) != (_RGB, _FULL_RANGE):
        return None
    return colours.of_codes(primaries, transfer, _peak_nits(said))


def by_gamma(said: Mapping[bytes, bytes]) -> Colours | None:
    """The colour space of gAMA and cHRM; None where it is that of screens.

    With cHRM a gamma of 2.2 is one, and not the curve of sRGB, which is near it: browsers agree.
    """
    gamma = int.from_bytes(said.get(b"gAMA", b""), "big") / _GAMMA_UNITS
    if not gamma:
        return None
    if b"cHRM" in said:
        return colours.of_power(1 / gamma, _primaries(said[b"cHRM"]))
    if abs(_SCREEN_GAMMA * gamma - 1) <= _GAMMA_TOLERANCE:
        return None
    return colours.of_power(1 / gamma, SRGB_PRIMARIES)


def _primaries(payload: bytes) -> Chromaticities:
    a, b, c, d, e, f, g, h = (number / _GAMMA_UNITS for number in struct.unpack(">8I", payload))
    return a, b, c, d, e, f, g, h


def _peak_nits(said: Mapping[bytes, bytes]) -> float:
    """The brightest light of the picture, or else of the screen on which it was made."""
    light = int.from_bytes(said.get(b"cLLI", b"")[:4], "big")
    [screen] = _MDCV_PEAK.unpack(said.get(b"mDCV", bytes(_MDCV_PEAK.size)))
    return (light or screen) / _LUMINANCE_UNITS or PEAK_NITS
