"""Test pictures for the benchmarks: real photographs that ship inside scikit-image's wheel.

Nothing is downloaded and nothing is kept: pictures are cut, scaled and encoded when asked for.
"""

import io
import secrets
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import skimage.data
from PIL import Image

PHOTOGRAPHS: Final = ("astronaut", "chelsea", "coffee", "rocket", "stereo_motorcycle")
"""A face, a cat, a cup, a rocket and a motorcycle: soft and busy pictures both."""

KINDS: Final = ("jpeg-1024", "jpeg-512", "png-1024")
"""Format and side in pixels of the uploads that can be asked for."""

GRAIN_SIGMA: Final = 2.0
"""Noise added to each picture, in levels of 255. Most of the originals are enlarged, and would
without it be softer, and so cheaper to code, than what a camera gives."""

SOURCE_QUALITY: Final = 90
COMMENT_LENGTH: Final = 16

_PNG_HEAD_LENGTH: Final = 8 + 25  # The signature and the whole IHDR chunk.


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that can be made new at will: other bytes each time, the same pixels."""

    name: str
    media_type: str
    head: bytes
    tail: bytes

    def fresh(self) -> bytes:
        """The picture with a comment of random text, so that no server has met it before."""
        comment = secrets.token_hex(COMMENT_LENGTH // 2).encode()
        return self.head + self._wrapped(comment) + self.tail

    def _wrapped(self, comment: bytes) -> bytes:
        if self.media_type == "image/jpeg":
            return b"\xff\xfe" + struct.pack(">H", 2 + len(comment)) + comment
        chunk = b"tEXtComment\0" + comment
        return struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))


@cache
def uploads(kind: str) -> tuple[Upload, ...]:
    """Every photograph as a square of `kind`, one of KINDS."""
    name, side = kind.split("-")
    return tuple(_upload(photograph, name, int(side)) for photograph in PHOTOGRAPHS)


def _upload(photograph: str, name: str, side: int) -> Upload:
    stream = io.BytesIO()
    picture = _square(photograph, side)
    if name == "png":
        picture.save(stream, "PNG")
    else:
        picture.save(stream, "JPEG", quality=SOURCE_QUALITY)
    data = stream.getvalue()
    cut = _PNG_HEAD_LENGTH if name == "png" else _jfif_length(data)
    return Upload(f"{photograph}.{name}", f"image/{name}", data[:cut], data[cut:])


def _jfif_length(data: bytes) -> int:
    """Where the JFIF header of a JPEG by Pillow ends; comments stand behind it."""
    assert data[2:4] == b"\xff\xe0"
    return 4 + int.from_bytes(data[4:6], "big")


def _square(photograph: str, side: int) -> Image.Image:
    pixels = getattr(skimage.data, photograph)()
    whole = Image.fromarray(pixels[0] if isinstance(pixels, tuple) else pixels).convert("RGB")
    edge = min(whole.size)
    left, top = (whole.width - edge) // 2, (whole.height - edge) // 2
    square = whole.crop((left, top, left + edge, top + edge))
    scaled = np.asarray(square.resize((side, side), Image.Resampling.LANCZOS), dtype=np.float64)
    grain = np.random.default_rng(side).normal(0, GRAIN_SIGMA, (side, side, 1))
    return Image.fromarray(np.clip(scaled + grain, 0, 255).astype(np.uint8))
