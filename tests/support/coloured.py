"""Files that say in all ways what their colours are: by code, profile, name, gamma, primaries."""

import struct
import zlib
from collections.abc import Iterator
from itertools import product
from typing import Final

import numpy as np
import pyvips
from PIL import Image

from support.heic import said_also
from support.heif_blocks import box, nclx
from support.kinds import (
    DISPLAY_P3,
    chromaticities_payload,
    gamma_payload,
    profile,
    with_chunk,
)
from support.pictures import encode, photo

Chunk = tuple[bytes, bytes]

SQUARE_PX: Final = 20
_LEVELS: Final = (0, 51, 102, 153, 204, 255)
_GREYS: Final = 40
_ACROSS: Final = 16

_D65: Final = (0.3127, 0.3290)
PRIMARIES: Final = {
    "sRGB": (*_D65, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060),
    "P3": DISPLAY_P3,
    "Adobe": (*_D65, 0.640, 0.330, 0.210, 0.710, 0.150, 0.060),
    "BT.2020": (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    "ProPhoto": (0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001),
}
_GAMMAS: Final = (1 / 2.2, 1 / 1.8, 1.0, 0.5)
_CODES: Final = {
    "primaries": (1, 5, 6, 9, 11, 12),
    "sdr": (1, 4, 5, 8, 13, 14),
    "hdr": (16, 18),
}
_UNSPECIFIED: Final = 2
_CODES_END: Final = 16
"""Where primaries and transfer end in an `nclx`; a matrix and a range follow."""

_SRGB: Final[Chunk] = (b"sRGB", b"\0")
_PEAKS: Final = (300, 4000)


def squares() -> Image.Image:
    """Six levels of each band in all combinations, and forty greys, in 16 x 16 squares."""
    colours = [*product(_LEVELS, repeat=3), *((6 * grey,) * 3 for grey in range(_GREYS))]
    small = np.array(colours, np.uint8).reshape(_ACROSS, _ACROSS, 3)
    return Image.fromarray(small.repeat(SQUARE_PX, axis=0).repeat(SQUARE_PX, axis=1), "RGB")


def all_ways() -> dict[str, bytes]:
    """A PNG for each kind of code, gamma and primaries, by a name that says it."""
    plain = encode(squares(), "PNG")
    said = {**dict(_by_code()), **dict(_by_gamma()), **dict(_by_several())}
    made = {name: with_chunks(plain, *chunks) for name, chunks in said.items()}
    return made | dict(_of_other_pixels())


def avifs_by_code() -> dict[str, bytes]:
    """An AVIF for each pair of codes, and for PQ and HLG of some brightness."""
    plain = encode(squares(), "AVIF", quality=100, subsampling="4:4:4", speed=8)
    curves = (*_CODES["sdr"], *_CODES["hdr"], _UNSPECIFIED)
    pairs = product((*_CODES["primaries"], _UNSPECIFIED), curves)
    made = {f"nclx {first}/{second}": by_nclx(plain, first, second) for first, second in pairs}
    for second, nits in product(_CODES["hdr"], _PEAKS):
        light = box(b"clli", struct.pack(">HH", nits, 100))
        made[f"nclx 9/{second}, clli {nits}"] = said_also(by_nclx(plain, 9, second), light)
    return made


def by_nclx(data: bytes, primaries: int, transfer: int) -> bytes:
    """A HEIC or AVIF with these codes in place of those of sRGB."""
    srgb, said = (nclx(*codes)[:_CODES_END] for codes in ((1, 13), (primaries, transfer)))
    assert data.count(srgb) == 1
    return data.replace(srgb, said)


def with_chunks(png: bytes, *chunks: Chunk) -> bytes:
    """A PNG with more chunks behind its header, in this order."""
    for kind, payload in reversed(chunks):
        png = with_chunk(png, kind, payload)
    return png


def code(primaries: int, transfer: int) -> Chunk:
    """cICP, for RGB of full range."""
    return b"cICP", bytes([primaries, transfer, 0, 1])


def gamma(value: float) -> Chunk:
    """GAMA."""
    return b"gAMA", gamma_payload(value)


def primaries(name: str) -> Chunk:
    """cHRM, by a name of PRIMARIES."""
    return b"cHRM", chromaticities_payload(*PRIMARIES[name])


def _by_code() -> Iterator[tuple[str, list[Chunk]]]:
    for first, second in product(_CODES["primaries"], _CODES["sdr"] + _CODES["hdr"]):
        yield f"cICP {first}/{second}", [code(first, second)]
    for second, nits in product(_CODES["hdr"], _PEAKS):
        light = struct.pack(">II", nits * 10_000, 1_000_000)
        screen = bytes(16) + struct.pack(">II", nits * 10_000, 1)
        yield f"cICP 9/{second}, cLLI {nits}", [code(9, second), (b"cLLI", light)]
        yield f"cICP 9/{second}, mDCV {nits}", [code(9, second), (b"mDCV", screen)]


def _by_gamma() -> Iterator[tuple[str, list[Chunk]]]:
    for value in _GAMMAS:
        yield f"gAMA {value:.3f}", [gamma(value)]
        for name in PRIMARIES:
            yield f"gAMA {value:.3f}, cHRM {name}", [gamma(value), primaries(name)]
    for name in PRIMARIES:
        yield f"cHRM {name} alone", [primaries(name)]


def _by_several() -> Iterator[tuple[str, list[Chunk]]]:
    """What is said in two ways and more, so that the order of precedence shows."""
    adobe: Chunk = (b"iCCP", b"x\0\0" + zlib.compress(profile("Adobe RGB")))
    broken: Chunk = (b"iCCP", b"x\0\0no profile")
    light = [gamma(1.0), primaries("BT.2020")]
    heads = {
        "": [],
        "cICP P3": [code(12, 13)],
        "cICP sRGB": [code(1, 13)],
        "cICP PQ": [code(9, 16)],
        "cICP HLG": [code(9, 18)],
        "cICP unknown": [code(2, 2)],
        "cICP not full": [(b"cICP", bytes([12, 13, 0, 0]))],
    }
    profiles = {"": [], "iCCP": [adobe], "iCCP broken": [broken]}
    for (head, first), (name, second) in product(heads.items(), profiles.items()):
        for third, last in product(([], [_SRGB]), ([], light)):
            said = ", ".join(filter(None, [head, name, "sRGB" * bool(third), "light" * bool(last)]))
            yield said or "nothing", [*first, *second, *third, *last]


def _of_other_pixels() -> Iterator[tuple[str, bytes]]:
    """Grey, palettes, alpha, 16 bits and a photograph, each in four ways."""
    clear = squares().convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    deep = pyvips.Image.new_from_array(np.asarray(squares()).astype(np.uint16) * 257)
    pixels = {
        "grey": encode(squares().convert("L"), "PNG"),
        "palette": encode(squares().quantize(200), "PNG"),
        "alpha": encode(clear, "PNG"),
        "grey with alpha": encode(clear.convert("LA"), "PNG"),
        "16 bits": deep.copy(interpretation="rgb16").pngsave_buffer(bitdepth=16),
        "interlaced": deep.copy(interpretation="rgb16").pngsave_buffer(interlace=True),
        "photo": encode(photo(320, 240), "PNG"),
    }
    ways = {
        "cICP P3": [code(12, 13)],
        "cICP PQ": [code(9, 16)],
        "cICP HLG": [code(9, 18)],
        "gAMA, cHRM P3": [gamma(1 / 2.2), primaries("P3")],
    }
    for (kind, png), (way, chunks) in product(pixels.items(), ways.items()):
        yield f"{kind}, {way}", with_chunks(png, *chunks)
