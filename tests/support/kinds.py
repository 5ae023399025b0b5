"""One upload of each kind that the four formats know, and the picture that it must turn out as.

The picture comes first here and is then coded, so that no decoder is the judge of another.
"""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyvips
from PIL import Image, ImageCms

from support.canvas import Layer, gif_of
from support.pictures import encode, photo

WIDTH, HEIGHT = 96, 64
Made = tuple[bytes, Image.Image]

_Array = np.ndarray[Any, Any]

_SRGB_D50: Final = np.array(
    [[0.43607, 0.38506, 0.14308], [0.22250, 0.71688, 0.06062], [0.01393, 0.09710, 0.71417]]
)
WIDE: Final = {
    "Display P3": (
        np.array([[0.5151, 0.2920, 0.1571], [0.2412, 0.6922, 0.0666], [-0.0011, 0.0419, 0.7841]]),
        2.2,
    ),
    "Adobe RGB": (
        np.array(
            [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
        ),
        563 / 256,
    ),
    "linear light": (_SRGB_D50, 1.0),
}
"""Colour spaces: red, green and blue in XYZ under D50, a column each, and the gamma."""


DISPLAY_P3: Final = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
"""White, red, green and blue, x before y."""


def plain() -> Image.Image:
    """The picture that most uploads below show."""
    return photo(WIDTH, HEIGHT)


def clear() -> Image.Image:
    """The same, fading out to the right and with a hole."""
    made = plain().convert("RGBA")
    made.putalpha(Image.linear_gradient("L").rotate(90).resize(made.size))
    made.paste((255, 0, 0, 0), (10, 10, 40, 30))
    return made


def cut_out() -> Image.Image:
    """The same with a hole and no half clear parts, in few colours."""
    made = plain().quantize(60).convert("RGBA")
    made.paste((0, 0, 0, 0), (10, 10, 40, 30))
    return made


def profile(space: str) -> bytes:
    """A matrix profile of a space of WIDE (ICC.1, version 2)."""
    matrix, gamma = WIDE[space]
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + bytes(2)
    name = space.encode() + b"\0"
    tags = {
        b"desc": b"desc" + struct.pack(">II", 0, len(name)) + name + bytes(78),
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": _xyz(np.array([0.9642, 1.0, 0.8249])),
        **{kind: _xyz(matrix[:, band]) for band, kind in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for kind, data in tags.items():
        table += kind + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    length = start + len(body)
    head = struct.pack(">I4xI4s4s4s12x4s", length, 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    light = struct.pack(">iii", 63190, 65536, 54061)
    return (
        head.ljust(68, b"\0") + light.ljust(60, b"\0") + struct.pack(">I", len(tags)) + table + body
    )


def worn(picture: Image.Image, space: str, *, is_as_srgb: bool = False) -> Image.Image:
    """An sRGB picture in the numbers of a space of WIDE, where they look the same.

    With `is_as_srgb` the curve is that of sRGB, instead of the space's gamma.
    """
    matrix, gamma = WIDE[space]
    light = _light(np.asarray(picture.convert("RGB"))) @ (np.linalg.inv(matrix) @ _SRGB_D50).T
    light = np.clip(light, 0, 1)
    levels = _numbers(light) if is_as_srgb else np.round(255 * light ** (1 / gamma))
    return Image.fromarray(levels.astype(np.uint8), "RGB")


def with_chunk(png: bytes, kind: bytes, payload: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    head = 8 + 25
    body = kind + payload
    chunk = struct.pack(">I", len(payload)) + body + struct.pack(">I", zlib.crc32(body))
    return png[:head] + chunk + png[head:]


def in_light(gamma: float) -> Made:
    """A PNG whose numbers are light to the power of `gamma`, and says so."""
    numbers = [round(255 * (level / 255) ** (2.2 * gamma)) for level in range(256)]
    stored = plain().point(numbers * 3)
    light = (np.asarray(stored) / 255) ** (1 / gamma)
    # So near to what screens have that nobody changes it.
    is_screens = abs(2.2 * gamma - 1) < 0.05
    data = with_chunk(encode(stored, "PNG"), b"gAMA", gamma_payload(gamma))
    return data, stored if is_screens else Image.fromarray(_numbers(light), "RGB")


def gamma_payload(gamma: float) -> bytes:
    """What gAMA holds."""
    return struct.pack(">I", round(gamma * 100_000))


def chromaticities_payload(*points: float) -> bytes:
    """What cHRM holds: white, red, green and blue, x before y."""
    return struct.pack(">8I", *(round(point * 100_000) for point in points))


def wide_by_chunks() -> Made:
    """Numbers of Display P3 and a gamma of 2.2, which gAMA and cHRM say."""
    data = encode(worn(plain(), "Display P3"), "PNG")
    data = with_chunk(data, b"cHRM", chromaticities_payload(*DISPLAY_P3))
    return with_chunk(data, b"gAMA", gamma_payload(1 / 2.2)), plain()


def wide_by_code(picture: Image.Image) -> Made:
    """Numbers of Display P3 and the curve of sRGB, which cICP says."""
    stored = worn(picture, "Display P3", is_as_srgb=True)
    if "A" in picture.mode:
        stored.putalpha(picture.getchannel("A"))
    return with_chunk(encode(stored, "PNG"), b"cICP", bytes([12, 13, 0, 1])), picture


def ycck() -> Made:
    """CMYK as Photoshop writes it: three inks as luma and chroma, and all inverted."""
    inks = photo(WIDTH, HEIGHT, 2)
    black = Image.linear_gradient("L").resize(inks.size).point(lambda level: level // 2)
    planes = [*inks.convert("YCbCr").split(), black.point(lambda level: 255 - level)]
    # Pillow inverts what it stores as CMYK, so that it gets it inverted.
    stored = Image.merge("CMYK", [plane.point(lambda level: 255 - level) for plane in planes])
    data = encode(stored, "JPEG", quality=95)
    at = data.index(b"Adobe") + 11
    return data[:at] + b"\x02" + data[at + 1 :], printed(
        Image.merge("CMYK", (*inks.split(), black))
    )


def cmyk() -> Made:
    """CMYK without a profile, as Pillow and most editors store it."""
    inks = Image.merge(
        "CMYK", (*photo(WIDTH, HEIGHT, 2).split(), Image.new("L", (WIDTH, HEIGHT), 40))
    )
    return encode(inks, "JPEG", quality=95), printed(inks)


def printed(inks: Image.Image) -> Image.Image:
    """Inks that each take their share of the light."""
    light = 1 - np.asarray(inks).astype(float) / 255
    return Image.fromarray(np.round(255 * light[..., :3] * light[..., 3:]).astype(np.uint8), "RGB")


def deep(mode: str) -> Made:
    """16 bits a band: grey, grey with alpha, RGB, or RGB with alpha."""
    shown = clear().convert(mode) if mode.endswith("A") else plain().convert(mode)
    pixels = np.asarray(shown).astype(np.uint16) * 257
    kind = "grey16" if mode.startswith("L") else "rgb16"
    image = pyvips.Image.new_from_array(pixels).copy(interpretation=kind)
    return image.pngsave_buffer(bitdepth=16), shown


def interlaced() -> Made:
    """Adam7: seven passes of ever more pixels."""
    image = pyvips.Image.new_from_array(np.asarray(plain())).copy(interpretation="srgb")
    return image.pngsave_buffer(interlace=True), plain()


def moving_still() -> Made:
    """An animated PNG, by its first frame."""
    further = [photo(WIDTH, HEIGHT, seed) for seed in (1, 2)]
    return encode(plain(), "PNG", save_all=True, append_images=further, duration=60_000), plain()


def coded(picture: Image.Image, form: str, **options: Any) -> Made:
    """The picture as a file that Pillow writes."""
    return encode(picture, form, **options), picture


def coloured(form: str, space: str, picture: Image.Image, **options: Any) -> Made:
    """The picture in the numbers of a wide space, with that space's profile."""
    stored = worn(picture, space)
    if "A" in picture.mode:
        stored.putalpha(picture.getchannel("A"))
    return encode(stored, form, icc_profile=profile(space), **options), picture


KINDS: Final[dict[str, Callable[[], Made]]] = {
    "JPEG, progressive": lambda: coded(plain(), "JPEG", quality=95, progressive=True),
    "JPEG, every colour its own": lambda: coded(plain(), "JPEG", quality=95, subsampling=0),
    "JPEG, a colour for two": lambda: coded(plain(), "JPEG", quality=95, subsampling=1),
    "JPEG, RGB as it is": lambda: coded(plain(), "JPEG", quality=95, keep_rgb=True),
    "JPEG, grey": lambda: coded(plain().convert("L"), "JPEG", quality=95),
    "JPEG, restarts": lambda: coded(plain(), "JPEG", quality=95, restart_marker_blocks=2),
    "JPEG, CMYK": cmyk,
    "JPEG, YCCK": ycck,
    "JPEG, Display P3": lambda: coloured("JPEG", "Display P3", plain(), quality=95),
    "JPEG, Adobe RGB": lambda: coloured("JPEG", "Adobe RGB", plain(), quality=95),
    "PNG, Display P3": lambda: coloured("PNG", "Display P3", plain()),
    "PNG, Display P3 with alpha": lambda: coloured("PNG", "Display P3", clear()),
    "PNG, linear light": lambda: coloured("PNG", "linear light", plain()),
    "PNG, Display P3 by cHRM and gAMA": wide_by_chunks,
    "PNG, Display P3 by cICP": lambda: wide_by_code(plain()),
    "PNG, Display P3 by cICP with alpha": lambda: wide_by_code(clear()),
    "PNG, interlaced": interlaced,
    "PNG, 16 bits grey": lambda: deep("L"),
    "PNG, 16 bits grey with alpha": lambda: deep("LA"),
    "PNG, 16 bits": lambda: deep("RGB"),
    "PNG, 16 bits with alpha": lambda: deep("RGBA"),
    "PNG, grey with alpha": lambda: coded(clear().convert("LA"), "PNG"),
    "PNG, 1 bit": lambda: coded(plain().convert("1"), "PNG"),
    "PNG, palette of 2 bits": lambda: coded(plain().quantize(4), "PNG", bits=2),
    "PNG, palette with a clear colour": lambda: coded(cut_out().quantize(64), "PNG"),
    "PNG, gamma of old Macs": lambda: in_light(0.55556),
    "PNG, gamma of light": lambda: in_light(1.0),
    "PNG, gamma of screens": lambda: in_light(0.45455),
    "PNG, animated": moving_still,
    "WebP, lossy": lambda: coded(plain(), "WEBP", quality=95),
    "WebP, lossy with alpha": lambda: coded(clear(), "WEBP", quality=95),
    "WebP, lossless with alpha": lambda: coded(clear(), "WEBP", lossless=True),
    "WebP, Display P3": lambda: coloured("WEBP", "Display P3", plain(), quality=95),
    "GIF": lambda: coded(plain().quantize(64), "GIF"),
    "GIF, interlaced": lambda: coded(plain().quantize(64), "GIF", interlace=True),
    "GIF, with a clear colour": lambda: (
        gif_of((WIDTH, HEIGHT), [Layer(cut_out(), 0, 0)]),
        cut_out(),
    ),
}
"""How to make each upload and its picture."""


def is_profile_read(space: str) -> bool:
    """Whether another library understands the profiles that are built here."""
    return ImageCms.getProfileDescription(io.BytesIO(profile(space))).startswith(space)


def _xyz(values: _Array) -> bytes:
    numbers = struct.pack(">iii", *(round(float(value) * 65536) for value in values))
    return b"XYZ " + bytes(4) + numbers


def _light(levels: _Array) -> _Array:
    """Levels of sRGB as shares of light (IEC 61966-2-1)."""
    shares = levels / 255
    light: _Array = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return light


def _numbers(light: _Array) -> _Array:
    """Shares of light as levels of sRGB."""
    bent = 1.055 * light ** (1 / 2.4) - 0.055
    levels: _Array = np.round(255 * np.where(light <= 0.0031308, light * 12.92, bent))
    return levels.astype(np.uint8)
