"""Finished pixels into JPEG, PNG and GIF files without any metadata; the settings and their prices.

Prices are CPU on one core of a 2020s server, for a photograph of 1024 pixels a side unless a
comment says otherwise. Which sizes are made is not decided here.
"""

from typing import Final

import pyvips

from likeness.model import Format

JPEG_QUALITY: Final = 85
"""4.4 ms and 180 kB. Quality 90 takes 8 ms and 240 kB for a difference that a portrait hides."""

JPEG_QUALITY_SMALL: Final = 90
"""From 90 on libvips keeps the colours at full resolution, which shows at the size of an icon."""

SMALL_SIDE_PX: Final = 192
"""Up to here a file is so short that more quality costs next to nothing."""

ICON_SIDE_PX: Final = 72
"""Up to here a file is mostly its tables."""

PNG_COMPRESSION: Final = 2
"""46 ms for RGB; level 6 takes 78 ms for 3 % less, level 1 takes 27 ms for 41 % more."""

PNG_FILTER: Final = "up"
"""As good as any single filter on photographs and drawings, and the cheapest: no filter makes
photographs half as large again, choosing one for each row takes as long again for 5 %."""

GIF_EFFORT: Final = 1
"""The palette search; 10 takes a tenth longer and gives the same palette for what was a GIF."""

GIF_DITHER: Final = 0.7
"""Where colours are lost, a little noise hides the steps between those that stay. It takes half as
long again, and nothing is lost where pixels are copied from a GIF, so that it is 0 there."""

GIF_STILL_ENOUGH: Final = 2.0
"""A pixel that changed by at most this much (of 441) since it was last drawn is left as it is."""

_PALETTE: Final = "gif-palette"


def encode(image: pyvips.Image, form: Format) -> bytes:
    """A still picture, sRGB with or without alpha, as a file."""
    data: bytes
    if form is Format.JPEG:
        data = _jpeg(image)
    elif form is Format.PNG:
        data = image.pngsave_buffer(compression=PNG_COMPRESSION, filter=PNG_FILTER, keep="none")
    else:
        data = image.gifsave_buffer(effort=GIF_EFFORT, dither=GIF_DITHER, keep="none")
    return data


def encode_frames(strip: pyvips.Image, *, palette: list[int] | None, dither: float) -> bytes:
    """An animation, its frames below one another with `page-height`, `delay` and `loop` set.

    With `palette` all frames share it, which at 192 pixels halves the time. Equal frames stay
    apart, so that a picture keeps as many frames as it had.
    """
    strip = strip.copy()
    if palette is not None:
        strip.set_type(pyvips.GValue.array_int_type, _PALETTE, palette)
    data: bytes = strip.gifsave_buffer(
        effort=GIF_EFFORT,
        dither=dither,
        reuse=palette is not None,
        interframe_maxerror=GIF_STILL_ENOUGH,
        keep_duplicate_frames=True,
        keep="none",
    )
    return data


def palette_of(sample: pyvips.Image) -> list[int] | None:
    """The best 256 colours for a picture, as libvips notes them; None when it says none."""
    data = sample.gifsave_buffer(
        effort=GIF_EFFORT, dither=0, page_height=sample.height, keep="none"
    )
    return noted_palette(pyvips.Image.gifload_buffer(data))


def noted_palette(image: pyvips.Image) -> list[int] | None:
    """The palette of a GIF that has one for all its frames, else None."""
    return list(image.get(_PALETTE)) if image.get_typeof(_PALETTE) else None


def _jpeg(image: pyvips.Image) -> bytes:
    side = max(image.width, image.height)
    data: bytes = image.jpegsave_buffer(
        Q=JPEG_QUALITY_SMALL if side <= SMALL_SIDE_PX else JPEG_QUALITY,
        # Fitting the tables to the picture costs 7 ms at 1024 pixels for 2 %, but for an icon it
        # takes nothing and a third off the file.
        optimize_coding=side <= ICON_SIDE_PX,
        keep="none",
    )
    return data
