"""Generated test pictures: small to make, distinct, and not flat, so that bugs show.

The files that many tests ask for alike are kept, since to make one takes longer than most tests.
"""

import io
from functools import lru_cache
from typing import Any, Final

import numpy as np
from PIL import Image

FILES_KEPT_MAX: Final = 64
"""Up to 300 kB each, in every process of the tests."""


def photo(width: int = 512, height: int = 512, seed: int = 0) -> Image.Image:
    """A smooth RGB picture with some noise; no two corners look alike."""
    x = np.linspace(0, 1, width, dtype=np.float32)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    # In single precision and in place, which takes a fifth of the time.
    pixels = np.random.default_rng(seed).standard_normal((height, width, 3), np.float32)
    pixels *= 6
    pixels += 20
    for band, light in enumerate((x, y, (1 - x) * (1 - y))):
        pixels[..., band] += light * 200
    return Image.fromarray(np.clip(pixels, 0, 255, out=pixels).astype(np.uint8), "RGB")


def encode(picture: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    """The picture as the bytes of a file."""
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


@lru_cache(FILES_KEPT_MAX)
def jpeg(width: int = 512, height: int = 512, seed: int = 0) -> bytes:
    """A JPEG photograph, distinct for each seed."""
    return encode(photo(width, height, seed), "JPEG", quality=88)


@lru_cache(FILES_KEPT_MAX)
def png(width: int = 512, height: int = 512, seed: int = 0) -> bytes:
    """An opaque PNG, distinct for each seed."""
    few = photo(width, height, seed).quantize(64, Image.Quantize.FASTOCTREE)
    return encode(few, "PNG", compress_level=1)


@lru_cache(FILES_KEPT_MAX)
def gif(width: int = 512, height: int = 512, frames: int = 3) -> bytes:
    """An animated GIF, each frame of another hue."""
    pictures = [
        Image.new("RGB", (width, height), (index * 251 % 256, 80, 255 - index * 97 % 256))
        for index in range(frames)
    ]
    return encode(
        pictures[0], "GIF", save_all=True, append_images=pictures[1:], duration=80, loop=0
    )


def opened(data: bytes) -> Image.Image:
    """The picture in the bytes, decoded to its end."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture
