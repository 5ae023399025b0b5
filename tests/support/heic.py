"""HEIC files by an encoder that only tests have, and what it cannot write: grids and turns."""

import io
from typing import Any

import pillow_heif
from PIL import Image

from likeness.imaging.formats.boxes import boxes
from likeness.imaging.formats.steps import Steps
from likeness.imaging.probe import parse
from likeness.model import Format
from support.heif_blocks import File, Item, grid, ispe


def heic(picture: Any, **options: Any) -> bytes:
    """The picture, by Pillow or by pillow-heif itself, as HEIC."""
    shown = pillow_heif.from_pillow(picture) if isinstance(picture, Image.Image) else picture
    buffer = io.BytesIO()
    shown.save(buffer, **options)
    return buffer.getvalue()


def heic_grid(picture: Image.Image, side: int, size: tuple[int, int]) -> bytes:
    """The picture in square tiles, of which `size` pixels are shown."""
    rows, columns = picture.height // side, picture.width // side
    corners = [(x * side, y * side) for y in range(rows) for x in range(columns)]
    tiles = [
        item_of(heic(picture.crop((x, y, x + side, y + side)), quality=95, chroma=444))
        for x, y in corners
    ]
    whole = Item(b"grid", (ispe(*size),), grid(rows, columns, *size))
    links = [(b"dimg", 1, tuple(range(2, 2 + len(tiles))))]
    return File((whole, *tiles), links=links).built()


def said_also(data: bytes, *said: bytes, exif: bytes = b"") -> bytes:
    """A HEIC or AVIF of one item with more said of it, and with a block of EXIF."""
    block = Item(b"Exif", (), bytes(4) + exif)
    brands = data[8 : data.index(b"meta") - 4]
    return File((item_of(data, *said), block), [(b"cdsc", 2, (1,))], brands).built()


def item_of(data: bytes, *more: bytes) -> Item:
    """The only item of a file, with what is said of it and `more`."""
    clean, steps = parse(data).stripped(), Steps()

    def inside(start: int, end: int, kind: bytes) -> tuple[int, int]:
        found = {box.kind: box for box in boxes(clean, start, end, Format.HEIC, steps)}
        return found[kind].start, found[kind].end

    meta, pixels = (inside(0, len(clean), kind) for kind in (b"meta", b"mdat"))
    ipco = inside(*inside(meta[0] + 4, meta[1], b"iprp"), b"ipco")
    said = [clean[box.start - 8 : box.end] for box in boxes(clean, *ipco, Format.HEIC, steps)]
    kind = b"av01" if b"av01" in clean else b"hvc1"
    return Item(kind, (*said, *more), clean[slice(*pixels)])
