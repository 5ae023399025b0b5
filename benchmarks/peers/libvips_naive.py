"""libvips as its manual shows it first: `thumbnail_buffer` once for each size, from the upload.

Fast for a large JPEG, of which it decodes only an eighth where that is enough.
"""

import pyvips

SIZES = (1024, 512, 192, 72, 48, 32, 24)


def render(data: bytes, jpeg_quality: int, png_compression: int) -> list[bytes]:
    """The original and all sizes, letterboxed in black; an animation keeps its frames."""
    source = pyvips.Image.new_from_buffer(data, "")
    is_moving = source.get_typeof("n-pages") != 0 and source.get("n-pages") > 1
    options = "n=-1" if is_moving else ""

    def encode(image: pyvips.Image) -> bytes:
        if is_moving:
            return bytes(image.gifsave_buffer(keep="none"))
        if source.get("vips-loader").startswith("png"):
            return bytes(image.pngsave_buffer(compression=png_compression, keep="none"))
        return bytes(image.jpegsave_buffer(Q=jpeg_quality, keep="none"))

    files = [encode(pyvips.Image.new_from_buffer(data, options).autorot())]
    for size in (size for size in SIZES if size <= max(source.width, source.height)):
        image = pyvips.Image.thumbnail_buffer(data, size, height=size, option_string=options)
        if not is_moving:
            image = image.gravity("centre", size, size)
        files.append(encode(image))
    return files
