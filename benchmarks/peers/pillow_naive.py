"""Pillow as most people use it: one decode, every size by Lanczos from the whole picture."""

import io

from PIL import Image, ImageOps, ImageSequence

SIZES = (1024, 512, 192, 72, 48, 32, 24)


def render(data: bytes, jpeg_quality: int, png_compression: int) -> list[bytes]:
    """The original and all sizes, letterboxed in black; an animation keeps its frames."""
    source = Image.open(io.BytesIO(data))
    if getattr(source, "n_frames", 1) > 1:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(source)]
        sizes = [size for size in SIZES if size <= source.width]
        scaled = ([_resized(frame, size) for frame in frames] for size in sizes)
        return [animation(frames), *(animation(one) for one in scaled)]
    upright = ImageOps.exif_transpose(source)
    side = max(upright.size)
    square = upright if upright.width == upright.height else ImageOps.pad(upright, (side, side))
    pictures = [upright, *(_resized(square, size) for size in SIZES if size <= side)]
    return [still(picture, source.format, jpeg_quality, png_compression) for picture in pictures]


def animation(frames: list[Image.Image]) -> bytes:
    """Frames as a GIF."""
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:], duration=50, loop=0)
    return stream.getvalue()


def still(picture: Image.Image, form: str | None, quality: int, compression: int) -> bytes:
    """A picture as a PNG, or as a JPEG whatever else it was."""
    stream = io.BytesIO()
    if form == "PNG":
        picture.save(stream, "PNG", compress_level=compression)
    else:
        picture.convert("RGB").save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def _resized(picture: Image.Image, size: int) -> Image.Image:
    return picture.resize((size, size), Image.Resampling.LANCZOS)
