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
from PIL import Image, ImageOps

PHOTOGRAPHS: Final = ("astronaut", "chelsea", "coffee", "rocket", "stereo_motorcycle")
"""A face, a cat, a cup, a rocket and a motorcycle: soft and busy pictures both."""

KINDS: Final = ("jpeg-1024x1024", "jpeg-1024x768", "jpeg-512x512", "png-1024x1024")
"""Format, width and height in pixels of the uploads that can be asked for. One is not square, so
that its original is a file like no other; the square ones' is that of their largest size."""

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


def size_of(kind: str) -> tuple[int, int]:
    """Width and height in pixels of the uploads of a kind."""
    width, height = kind.partition("-")[2].split("x")
    return int(width), int(height)


@cache
def uploads(kind: str) -> tuple[Upload, ...]:
    """Every photograph as an upload of `kind`, one of KINDS."""
    return tuple(_upload(name, kind.partition("-")[0], size_of(kind)) for name in PHOTOGRAPHS)


def _upload(photograph: str, form: str, size: tuple[int, int]) -> Upload:
    stream = io.BytesIO()
    picture = photograph_at(photograph, size)
    if form == "png":
        picture.save(stream, "PNG")
    else:
        picture.save(stream, "JPEG", quality=SOURCE_QUALITY)
    data = stream.getvalue()
    cut = _PNG_HEAD_LENGTH if form == "png" else _jfif_length(data)
    return Upload(f"{photograph}.{form}", f"image/{form}", data[:cut], data[cut:])


def _jfif_length(data: bytes) -> int:
    """Where the JFIF header of a JPEG by Pillow ends; comments stand behind it."""
    assert data[2:4] == b"\xff\xe0"
    return 4 + int.from_bytes(data[4:6], "big")


def photograph_at(photograph: str, size: tuple[int, int]) -> Image.Image:
    """The photograph, its middle scaled to `size`, with grain."""
    found = getattr(skimage.data, photograph)()
    pixels = found[0] if isinstance(found, tuple) else found  # A stereo pair gives its left one.
    whole = Image.fromarray(pixels).convert("RGB")
    scaled = np.asarray(ImageOps.fit(whole, size, Image.Resampling.LANCZOS), dtype=np.float32)
    noise = np.random.default_rng(0).standard_normal((*scaled.shape[:2], 1), np.float32)
    grain = GRAIN_SIGMA * noise
    return Image.fromarray(np.clip(scaled + grain, 0, 255).astype(np.uint8))
