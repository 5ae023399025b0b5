"""How alike two pictures look, and what Pillow shows of an upload: a second opinion on pixels."""

import io
from typing import Any, Final

import numpy as np
from PIL import Image, ImageCms, ImageFilter, ImageOps

SEEN_PX_MAX: Final = 320
"""Larger pictures are averaged down to about this; finer grain is nothing that an eye follows."""

TILES: Final = 8
"""Rows and columns of the grid whose worst field is judged beside the whole."""

BLUR_PX: Final = 1.0
"""What an eye blends at arm's length, so that neither dots of dither nor one row's shift counts."""

_SRGB: Final = ImageCms.createProfile("sRGB")
_XYZ_OF_WHITE: Final = np.array(
    [
        [0.4124564 / 0.95047, 0.2126729, 0.0193339 / 1.08883],
        [0.3575761 / 0.95047, 0.7151522, 0.1191920 / 1.08883],
        [0.1804375 / 0.95047, 0.0721750, 0.9503041 / 1.08883],
    ],
    np.float32,
)
"""Linear sRGB to XYZ in shares of the white point D65 (IEC 61966-2-1)."""

SRGB: Final = (0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
"""White, red, green and blue, x before y."""

GAMMA_TOLERANCE: Final = 0.05
"""Nearer to the gamma of screens than this is that, to browsers."""

_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
"""XYZ to what the eye's cones answer."""

_LEVELS: Final = np.arange(256) / 255
_LINEAR: Final = np.where(
    _LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4
).astype(np.float32)

_Array = np.ndarray[Any, Any]


def distance_de(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """The mean distance of two pictures of one size, and that of their worst tile, in delta E.

    CIE 1976 delta E in L*a*b*: about 2.3 is the least that people notice side by side. Where one
    has alpha both are laid on white and on black, so that a difference of alpha shows on either.
    """
    assert one.size == other.size
    has_alpha = "A" in one.mode + other.mode
    found = [_on_paper(one, other, grey) for grey in ((255, 0) if has_alpha else (255,))]
    return max(mean for mean, _ in found), max(worst for _, worst in found)


def picture(data: bytes) -> Image.Image:
    """The first picture in a file as Pillow shows it: upright, sRGB, with alpha if there is any."""
    stored = Image.open(io.BytesIO(data))
    stored.load()
    profile = stored.info.get("icc_profile")
    upright = ImageOps.exif_transpose(stored)
    if profile:
        return _in_srgb(upright, profile)
    is_deep = upright.mode.startswith("I")
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    shown = _sixteen_bits(upright) if is_deep else upright.convert(mode)
    if "gamma" not in stored.info or "srgb" in stored.info:
        return shown
    return _on_screen(shown, stored.info["gamma"], stored.info.get("chromaticity"))


def square(whole: Image.Image, side: int) -> Image.Image:
    """A picture in the middle of a square with black or clear bars, scaled down to `side`.

    Bars are clear beside a picture of which some pixel is, whatever its format could have.
    """
    if "A" in whole.getbands() and whole.getchannel("A").getextrema() == (255, 255):
        whole = whole.convert("RGB")
    across = max(whole.size)
    padded = Image.new(whole.mode, (across, across), (0,) * len(whole.getbands()))
    padded.paste(whole, ((across - whole.width) // 2, (across - whole.height) // 2))
    return padded.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=3)


def _on_paper(one: Image.Image, other: Image.Image, grey: int) -> tuple[float, float]:
    difference = _lab(one, grey) - _lab(other, grey)
    distance = np.sqrt((difference**2).sum(axis=2))
    tiles = [
        float(tile.mean())
        for row in np.array_split(distance, min(TILES, distance.shape[0]), axis=0)
        for tile in np.array_split(row, min(TILES, distance.shape[1]), axis=1)
    ]
    return float(distance.mean()), max(tiles)


def _lab(seen: Image.Image, grey: int) -> _Array:
    """A picture on paper, as L*, a* and b* (CIE 15)."""
    if "A" in seen.mode:
        paper = Image.new("RGBA", seen.size, (grey, grey, grey, 255))
        seen = Image.alpha_composite(paper, seen.convert("RGBA"))
    seen = seen.convert("RGB")
    seen = seen.reduce(max(1, -(-max(seen.size) // SEEN_PX_MAX)))
    linear = _LINEAR[np.asarray(seen.filter(ImageFilter.GaussianBlur(BLUR_PX)))]
    xyz = linear @ _XYZ_OF_WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = (f[..., band] for band in range(3))
    return np.stack([116 * y, 500 * (x - y), 200 * (y - z)], axis=2)


def _sixteen_bits(deep: Image.Image) -> Image.Image:
    """Pillow leaves grey of 16 bits, and its one transparent value, to whoever shows it."""
    values = np.asarray(deep).astype(np.uint32)
    grey = Image.fromarray(np.round(values / 257).astype(np.uint8))
    clear = deep.info.get("transparency")
    if clear is None:
        return grey.convert("RGB")
    shown = grey.convert("RGBA")
    shown.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
    return shown


def _on_screen(
    shown: Image.Image, gamma: float, chromaticity: tuple[float, ...] | None
) -> Image.Image:
    """The numbers of a PNG with gAMA, as Pillow hands them on, as browsers show them.

    Its primaries are changed where it names them, and white stays white.
    """
    if chromaticity is None and abs(2.2 * gamma - 1) < GAMMA_TOLERANCE:
        return shown
    light = (np.asarray(shown.convert("RGB")) / 255) ** (1 / gamma)
    if chromaticity:
        light = light @ (np.linalg.inv(_white_shares(SRGB)) @ _white_shares(chromaticity)).T
    light = np.clip(light, 0, 1)
    bent = 1.055 * light ** (1 / 2.4) - 0.055
    levels = np.round(255 * np.where(light <= 0.0031308, light * 12.92, bent)).astype(np.uint8)
    bands = [*Image.fromarray(levels, "RGB").split(), *shown.split()[3:]]
    return Image.merge(shown.mode, bands)


def _white_shares(chromaticity: tuple[float, ...]) -> _Array:
    """From light of these primaries to shares of what the eye's cones answer to their white."""
    xyz = np.array([(x, y, 1 - x - y) for x, y in zip(*[iter(chromaticity)] * 2, strict=True)]).T
    cones = _BRADFORD @ xyz
    white, lights = cones[:, 0], cones[:, 1:]
    shares: _Array = lights * np.linalg.solve(lights, white) / white[:, None]
    return shares


def _in_srgb(wide: Image.Image, profile: bytes) -> Image.Image:
    """The colours that a profile means; a profile that is none of this picture's is passed over."""
    alpha = wide.convert("RGBA").getchannel("A") if wide.has_transparency_data else None
    wide = wide.convert("RGB") if wide.mode in {"P", "PA", "RGBA", "1"} else wide
    wide = wide.convert("L") if wide.mode == "LA" else wide
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        shown = ImageCms.profileToProfile(wide, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        shown = None
    shown = shown or wide.convert("RGB")
    if alpha:
        shown.putalpha(alpha)
    return shown
