"""Files made of one part repeated, for every kind of part that the four formats have, and mixes."""

import struct
import zlib
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Final

from likeness.imaging.formats import ICC_LENGTH_MAX
from likeness.imaging.formats.steps import FREE_LENGTH
from likeness.model import Format
from support import blocks
from support.blocks import (
    gif_control,
    gif_extension,
    gif_frame,
    jpeg_frame,
    jpeg_segment,
    png_chunk,
    webp_chunk,
)
from support.heif_blocks import HVCC, File, Item, aux, avif, box, full_box, icc, irot, ispe

_Whole = Callable[[bytes], bytes]
"""A file around parts, which is whole but for them."""

_Maker = Callable[[int], bytes]
"""A file of so many parts."""

_ENTRY: Final = struct.pack(">HHII", 0x010F, 2, 1, 0)
_EXIF_HEAD: Final = b"MM\0*" + struct.pack(">IH", 8, 0xFFFF)
EXIF: Final = _EXIF_HEAD + _ENTRY * 20
EXIF_CUT: Final = b"Exif\0\0" + _EXIF_HEAD
"""It claims 65 535 entries and holds none."""

PROFILE: Final = b"name\0\0" + zlib.compress(bytes(100))
PROFILE_TOO_LONG: Final = b"name\0\0" + zlib.compress(bytes(ICC_LENGTH_MAX + 1), 9)
PROFILE_CUT: Final = b"name\0\0" + zlib.compress(bytes(ICC_LENGTH_MAX), 9)[:-4]
"""It unpacks to a megabyte before anybody can say that it is broken."""

_PNG: Final = {
    **{
        kind.decode(): png_chunk(kind)
        for kind in (
            *(b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"iCCP", b"eXIf"),
            *(b"tEXt", b"zTXt", b"iTXt", b"tIME", b"pHYs", b"bKGD", b"hIST", b"sPLT", b"cICP"),
            *(b"acTL", b"fcTL", b"fdAT", b"QQQQ", b"qqqq"),
        )
    },
    "IHDR": blocks.png_header(),
    "iCCP, good": png_chunk(b"iCCP", PROFILE),
    "iCCP, too long": png_chunk(b"iCCP", PROFILE_TOO_LONG),
    "iCCP, cut": png_chunk(b"iCCP", PROFILE_CUT),
    "eXIf, entries": png_chunk(b"eXIf", EXIF),
    "eXIf, damaged": png_chunk(b"eXIf", EXIF)[:-1] + b"?",
    "zTXt, packed": png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2**20), 9)),
}
_JPEG: Final = {
    **{
        f"{code:02X}": jpeg_segment(code)
        for code in (*range(0xC0, 0xF1), 0xFE)
        if code not in {0xD8, 0xD9}
    },
    "frame": jpeg_frame(),
    "scan": jpeg_segment(0xDA, bytes(6)) + b"\x12\xff\0\x34",
    "JFIF": jpeg_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
    "EXIF, entries": jpeg_segment(0xE1, b"Exif\0\0" + EXIF),
    "EXIF, cut": jpeg_segment(0xE1, EXIF_CUT),
    "profile": jpeg_segment(0xE2, b"ICC_PROFILE\0\1\1"),
    "Adobe": jpeg_segment(0xEE, b"Adobe\0\x64\0\0\0\0\1"),
    "fill": b"\xff",
    "escape": b"\xff\0",
    "stray": b"?",
}
_GIF: Final = {
    **{f"{label:02X}": gif_extension(label) for label in (0x00, 0x01, 0xF9, 0xFE, 0xFF)},
    "comment": gif_extension(0xFE, *[b"?"] * 9),
    "control": gif_control(1),
    "loop": gif_extension(0xFF, b"NETSCAPE2.0", b"\1\0\0"),
    "frame": gif_frame(),
    "frame of one pixel": gif_frame(width=1, height=1),
    "frame outside": gif_frame(left=9, top=9),
}
_WEBP: Final = {
    **{
        kind.decode(): webp_chunk(kind, b"")
        for kind in (
            *(b"VP8 ", b"VP8L", b"VP8X", b"ICCP", b"ALPH", b"ANIM", b"ANMF", b"EXIF", b"XMP "),
            b"note",
        )
    },
    "EXIF, entries": webp_chunk(b"EXIF", EXIF),
    "EXIF, cut": webp_chunk(b"EXIF", EXIF_CUT),
    "canvas": blocks.webp_canvas(),
    "lossy": blocks.webp_lossy(),
    "lossless": blocks.webp_lossless(),
    "frame": blocks.webp_frame(blocks.webp_lossy()),
    "frame of many": blocks.webp_frame(*[webp_chunk(b"note", b"")] * 9),
}
_BOXES: Final = {
    **{
        kind.decode(): box(kind)
        for kind in (
            *(b"ftyp", b"meta", b"moov", b"mdat", b"free", b"hdlr", b"pitm", b"iloc", b"iinf"),
            *(b"infe", b"iref", b"iprp", b"ipco", b"ipma", b"idat", b"dimg", b"auxl", b"grid"),
        )
    },
    "infe, item": full_box(b"infe", b"\0\1\0\0hvc1\0", version=2),
    "pitm, one": full_box(b"pitm", b"\0\1"),
    "property": HVCC,
    "size": ispe(8, 8),
    "turn": irot(1),
}
PARTS: Final = {
    Format.PNG: _PNG,
    Format.JPEG: _JPEG,
    Format.GIF: _GIF,
    Format.WEBP: _WEBP,
    Format.AVIF: _BOXES,
    Format.HEIC: _BOXES,
}
"""One part of each kind, empty where nothing else is said, by format and name."""

_CANVAS: Final = blocks.webp_canvas(flags=0x02)
_TINY_SUB_BLOCKS: Final = blocks.gif_screen() + gif_frame()[:11]


def _png_behind(parts: bytes, *before: bytes) -> bytes:
    """A PNG with `parts` behind its pixels, and others before them."""
    end = png_chunk(b"IEND")
    return blocks.png_file(*before).removesuffix(end) + parts + end


PLACES: Final[dict[Format, list[tuple[str, _Whole]]]] = {
    Format.PNG: [("before the pixels", blocks.png_file), ("behind the pixels", _png_behind)],
    Format.JPEG: [
        ("before the pixels", blocks.jpeg_file),
        ("behind the pixels", lambda parts: blocks.jpeg_file()[:-2] + parts + b"\xff\xd9"),
    ],
    Format.GIF: [
        ("before the pixels", lambda parts: blocks.gif_screen() + parts + gif_frame() + b";"),
        ("behind the pixels", lambda parts: blocks.gif_screen() + gif_frame() + parts + b";"),
    ],
    Format.WEBP: [
        (
            "before the pixels",
            lambda parts: blocks.webp_file(blocks.webp_canvas(), parts, blocks.webp_lossy()),
        ),
        ("behind the pixels", lambda parts: blocks.webp_file(blocks.webp_lossy(), parts)),
        ("as an animation", lambda parts: blocks.webp_file(_CANVAS, parts)),
    ],
    Format.AVIF: [
        ("behind the pixels", lambda parts: avif() + parts),
        ("in the list of properties", lambda parts: avif(parts) if parts else avif()),
    ],
    Format.HEIC: [
        ("in the description", lambda parts: File(inside=parts).built()),
        ("behind the pixels", lambda parts: File(behind=parts).built()),
    ],
}
"""Where parts can stand in a file of each format."""


def _repeated(part: bytes, whole: _Whole) -> _Maker:
    return lambda count: whole(part * count)


def _mixed(form: Format, whole: _Whole) -> _Maker:
    """Parts of all kinds in turn but for frames, of which no more than a thousand are looked at."""
    kinds = [
        part
        for name, part in PARTS[form].items()
        if len(part) < FREE_LENGTH and not name.startswith(("frame", "ANMF"))
    ]
    return lambda count: whole(b"".join(kinds) * (count // len(kinds) + 1))


def _odd_sub_blocks(count: int) -> bytes:
    """Sub-blocks of one and two bytes, in no order."""
    lengths = Random(0).choices((1, 2), k=count)
    return b"".join(bytes([length]) + bytes(length) for length in lengths)


def _frames_of_many(count: int) -> bytes:
    """A thousand frames of a WebP, `count` empty chunks in front of the pixels in all."""
    notes = webp_chunk(b"note", b"") * (count // 1000)
    return blocks.webp_file(_CANVAS, blocks.webp_frame(notes, blocks.webp_lossy()) * 1000)


_LONG_PROFILE: Final = icc(bytes(2**16))
_MANY_IN_HEIF: Final[dict[str, Callable[[int], File]]] = {
    "items": lambda count: File([Item(said=())] * (count // 4), wide=True),
    "said of an item": lambda count: _said(count, 1),
    "said of items": lambda count: _said(count, 200),
    "extents": lambda count: File(replaced={b"iloc": _iloc(1, min(count, 65_535))}),
    "places": lambda count: File(replaced={b"iloc": _iloc(count // 2, 1)}),
    "references": lambda count: File(links=[(b"auxl", 1, (1,))] * (count // 2)),
    "targets": lambda count: File(links=[(b"thmb", 1, (1,) * min(count, 65_535))]),
    "alphas": lambda count: File(
        [Item(), Item(said=(ispe(8, 8), *[aux(b"?" * 60)] * 200))],
        links=[(b"auxl", 2, (1,))] * (count // 2),
        wide=True,
    ),
}
"""Lists in a HEIC whose entries take so many steps: an item stands in four lists, a reference is a
box and its target, a place has one piece."""


def _heif_of_many(name: str, count: int) -> bytes:
    return _MANY_IN_HEIF[name](count).built()


def _iloc(items: int, extents: int) -> bytes:
    """Places of so many items, each in as many pieces."""
    item = struct.pack(">HHH", 1, 0, extents) + struct.pack(">II", 0, 1) * extents
    return full_box(b"iloc", b"\x44\0", struct.pack(">H", items), item * items)


def _said(count: int, items: int) -> File:
    """One long profile, said `count` times of so many items in all."""
    each = max(1, min(250, count // items))
    entry = [struct.pack(">HB", item, each) + b"\3" * each for item in range(1, items + 1)]
    rounds = max(1, count // (each * items))
    entries = b"".join(entry) * rounds
    ipma = full_box(b"ipma", struct.pack(">I", items * rounds), entries)
    one = full_box(b"ipma", struct.pack(">IHB", 1, 1, 2), b"\1\2")
    ipco = box(b"ipco", HVCC, ispe(8, 8), _LONG_PROFILE)
    return File(replaced={b"iprp": box(b"iprp", ipco, one, ipma)})


def _png_frames(count: int) -> bytes:
    """An animated PNG that announces `count` frames, each in a chunk for its place and one more."""
    begin = png_chunk(b"acTL", struct.pack(">II", count, 0))
    return _png_behind(_png_frame_parts(count), begin)


def _png_frame_of_many(count: int) -> bytes:
    """Two frames, one of them in `count` chunks of no pixels."""
    begin = png_chunk(b"acTL", struct.pack(">II", 2, 0))
    control = struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, 10, 0, 0)
    further = (png_chunk(b"fdAT", struct.pack(">I", number)) for number in range(1, count))
    return _png_behind(png_chunk(b"fcTL", control) + b"".join(further), begin)


def _png_frame_parts(count: int) -> bytes:
    places = (
        (2 * number, struct.pack(">IIIIHHBB", 1, 1, 0, 0, 1, 10, 0, 0)) for number in range(count)
    )
    return b"".join(
        png_chunk(b"fcTL", struct.pack(">I", number) + place)
        + png_chunk(b"fdAT", struct.pack(">I", number + 1) + b"?")
        for number, place in places
    )


def _one_exif(count: int) -> bytes:
    """A PNG with one block of EXIF that holds as many entries as it can say."""
    return blocks.png_file(png_chunk(b"eXIf", _EXIF_HEAD + _ENTRY * count))


FILES: Final[dict[str, _Maker]] = {
    **{
        f"{form.name}, {name}": _repeated(part, whole)
        for form, parts in PARTS.items()
        for name, part in parts.items()
        for _, whole in PLACES[form][:1]
    },
    "WebP, frames": lambda count: blocks.webp_file(_CANVAS, _WEBP["frame"] * count),
    **{
        f"{form.name}, all kinds {place}": _mixed(form, whole)
        for form in PARTS
        for place, whole in PLACES[form]
    },
    "PNG, EXIF entries": _one_exif,
    "PNG, frames": lambda count: _png_frames(count // 2),
    "PNG, a frame of many parts": _png_frame_of_many,
    "PNG, one chunk": lambda count: blocks.png_file(png_chunk(b"IDAT", bytes(count))),
    "PNG, zeros": lambda count: blocks.png_file(bytes(count)),
    "PNG, behind its end": lambda count: blocks.png_file() + png_chunk(b"tEXt") * count,
    "JPEG, behind its end": lambda count: blocks.jpeg_file() + jpeg_segment(0xFE) * count,
    "GIF, sub-blocks of one byte": lambda count: _TINY_SUB_BLOCKS + b"\1\0" * count + b"\0",
    "GIF, odd sub-blocks": lambda count: _TINY_SUB_BLOCKS + _odd_sub_blocks(count) + b"\0",
    "GIF, full sub-blocks": lambda count: _TINY_SUB_BLOCKS + (b"\xff" * 256) * count + b"\0",
    "WebP, frames of many parts": _frames_of_many,
    **{f"HEIC, {name}": partial(_heif_of_many, name) for name in _MANY_IN_HEIF},
    "text": lambda count: b"/home/ada/photo.png " * count,
    "zeros": bytes,
    "markup": lambda count: b"<svg " * count,
    "brands": lambda count: b"\0\xff\0\0ftyp" + b"mif0" * count,
}
"""What makes a file of so many parts, by name."""
