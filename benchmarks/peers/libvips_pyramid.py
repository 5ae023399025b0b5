"""The floor: the same eight files by libvips alone, as somebody who knows it well writes it.

One decode, each level from the one above, the small sizes from 192 pixels, metadata dropped. No
checks, no worker, no HTTP, no storage; the original of a square picture is its largest size.
Animations are for the engine's benchmark only, which has them square and no larger than 1024.
"""

import pyvips

SIZES = (1024, 512, 192, 72, 48, 32, 24)
LEVEL_SIDE_MIN = 192


def render(data: bytes, jpeg_quality: int, png_compression: int) -> list[bytes]:
    """All files of a still picture, letterboxed in black, or of a GIF with all its frames."""
    if data.startswith(b"GIF"):
        return _moving(data)
    source = pyvips.Image.new_from_buffer(data, "", access="sequential", fail_on="error")
    is_png = source.get("vips-loader").startswith("png")
    whole = source.autorot().colourspace("srgb").copy_memory()

    def encode(image: pyvips.Image) -> bytes:
        if is_png:
            options = {"compression": png_compression, "filter": "up"}
            return bytes(image.pngsave_buffer(keep="none", **options))
        return bytes(image.jpegsave_buffer(keep="none", Q=jpeg_quality))

    side = max(whole.width, whole.height)
    is_square = whole.width == whole.height
    level = whole if is_square else whole.gravity("centre", side, side)
    files = [] if is_square and side in SIZES else [encode(whole)]
    for size in (size for size in SIZES if size <= side):
        image = level if size == level.width else level.resize(size / level.width)
        if size >= LEVEL_SIDE_MIN and image is not level:
            level = image = image.copy_memory()
        files.append(encode(image))
    return files


def _moving(data: bytes) -> list[bytes]:
    level = pyvips.Image.gifload_buffer(data, n=-1, access="sequential").copy_memory()
    files = []
    for size in (size for size in SIZES if size <= level.width):
        image = level
        if size != level.width:
            image = level.thumbnail_image(size, height=size).copy_memory()
        level = image if size >= LEVEL_SIDE_MIN else level
        files.append(bytes(image.gifsave_buffer(effort=1, keep="none")))
    return files
