"""Pillow as one uses it who knows it well: each size from the one above, halved before scaling."""

import io

from PIL import Image, ImageOps, ImageSequence

from peers.pillow_naive import SIZES, animation, still

LEVEL_SIDE_MIN = 192


def render(data: bytes, jpeg_quality: int, png_compression: int) -> list[bytes]:
    """All files; the original of a square picture is its largest size."""
    source = Image.open(io.BytesIO(data))
    if getattr(source, "n_frames", 1) > 1:
        return _moving([frame.convert("RGB") for frame in ImageSequence.Iterator(source)])
    whole = ImageOps.exif_transpose(source)
    side = max(whole.size)
    is_square = whole.width == whole.height
    level = whole if is_square else ImageOps.pad(whole, (side, side))
    pictures = [] if is_square and side in SIZES else [whole]
    for size in (size for size in SIZES if size <= side):
        picture = _resized(level, size)
        level = picture if size >= LEVEL_SIDE_MIN else level
        pictures.append(picture)
    return [still(picture, source.format, jpeg_quality, png_compression) for picture in pictures]


def _moving(level: list[Image.Image]) -> list[bytes]:
    files = []
    for size in (size for size in SIZES if size <= level[0].width):
        frames = [_resized(frame, size) for frame in level]
        level = frames if size >= LEVEL_SIDE_MIN else level
        files.append(animation(frames))
    return files


def _resized(picture: Image.Image, size: int) -> Image.Image:
    if picture.width == size:
        return picture
    if picture.width == 2 * size:
        return picture.reduce(2)
    return picture.resize((size, size), Image.Resampling.LANCZOS, reducing_gap=2.0)
