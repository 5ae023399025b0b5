"""Animated PNGs built frame by frame, and what a browser paints of them."""

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyvips
from PIL import Image

from support.blocks import png_chunk

KEPT, WIPED, UNDONE = range(3)
"""What happens to a frame after its time (PNG, third edition, 11.3.6.2)."""

REPLACES, LIES_OVER = range(2)

DELAY_MS: Final = 70
_CLEAR: Final = (0, 0, 0, 0)
_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_DEEP: Final = {"RGB;16": "rgb16", "RGBA;16": "rgb16"}


class Shot(NamedTuple):
    """A frame: its pixels, its place, what it does to what is there, and what becomes of it."""

    picture: Image.Image
    left: int = 0
    top: int = 0
    fate: int = KEPT
    blend: int = REPLACES


def apng_of(
    size: tuple[int, int],
    shots: Sequence[Shot],
    *,
    mode: str = "RGBA",
    still: Image.Image | None = None,
    plays: int = 0,
    delay: tuple[int, int] = (DELAY_MS, 1000),
    heads: bytes = b"",
) -> bytes:
    """An animated PNG of pictures in `mode`: of Pillow, or RGB;16 and RGBA;16.

    With `still` that is the picture for other programs, and no frame; else the first shot is.
    """
    files = [_chunks(_coded(shot.picture, mode)) for shot in shots]
    default = _chunks(_coded(still, mode)) if still else files[0]
    header = struct.pack(">II", *size) + default[b"IHDR"][8:]
    tables = [png_chunk(kind, default[kind]) for kind in (b"PLTE", b"tRNS") if kind in default]
    begin = png_chunk(b"acTL", struct.pack(">II", len(shots), plays))
    parts = [_MAGIC, png_chunk(b"IHDR", header), begin, heads, *tables]
    numbers = iter(range(2 * len(shots)))
    if still:
        parts.append(png_chunk(b"IDAT", default[b"IDAT"]))
    for place, (shot, file) in enumerate(zip(shots, files, strict=True)):
        parts.append(_control(next(numbers), shot, delay))
        if place or still:
            payload = struct.pack(">I", next(numbers)) + file[b"IDAT"]
            parts.append(png_chunk(b"fdAT", payload))
        else:
            parts.append(png_chunk(b"IDAT", file[b"IDAT"]))
    return b"".join((*parts, png_chunk(b"IEND")))


def painted(size: tuple[int, int], shots: Sequence[Shot]) -> Iterator[Image.Image]:
    """What is seen in turn; where nothing was drawn, or what was is wiped, the canvas is clear."""
    canvas = Image.new("RGBA", size, _CLEAR)
    for place, shot in enumerate(shots):
        before = canvas.copy()
        drawn = shot.picture.convert("RGBA")
        box = (shot.left, shot.top, shot.left + drawn.width, shot.top + drawn.height)
        canvas.paste(_over(canvas.crop(box), drawn) if shot.blend == LIES_OVER else drawn, box)
        yield canvas.copy()
        if shot.fate == WIPED or (shot.fate == UNDONE and not place):
            canvas.paste(_CLEAR, box)
        elif shot.fate == UNDONE:
            canvas = before


def _over(below: Image.Image, above: Image.Image) -> Image.Image:
    """One picture on another, by the formula of the standard (13.16)."""
    one, two = (np.asarray(each).astype(float) / 255 for each in (above, below))
    share = two[..., 3:] * (1 - one[..., 3:])
    alpha = one[..., 3:] + share
    colours = (one[..., :3] * one[..., 3:] + two[..., :3] * share) / np.maximum(alpha, 1e-9)
    pixels = np.concatenate([colours, alpha], axis=2)
    return Image.fromarray(np.round(255 * pixels).astype(np.uint8), "RGBA")


def _control(number: int, shot: Shot, delay: tuple[int, int]) -> bytes:
    box = (*shot.picture.size, shot.left, shot.top)
    said = struct.pack(">IIIIIHHBB", number, *box, *delay, shot.fate, shot.blend)
    return png_chunk(b"fcTL", said)


def _coded(picture: Image.Image, mode: str) -> bytes:
    """A still PNG of that kind."""
    if mode in _DEEP:
        pixels = np.asarray(picture.convert(mode.partition(";")[0])).astype(np.uint16) * 257
        image = pyvips.Image.new_from_array(pixels).copy(interpretation=_DEEP[mode])
        data: bytes = image.pngsave_buffer(bitdepth=16)
        return data
    stream = io.BytesIO()
    (picture if picture.mode == mode else picture.convert(mode)).save(stream, "PNG")
    return stream.getvalue()


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """The payloads by their kind, pixels in one."""
    found = dict[bytes, bytes]()
    at = len(_MAGIC)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found[kind] = found.get(kind, b"") + data[at + 8 : at + 8 + length]
        at += length + 12
    return found
