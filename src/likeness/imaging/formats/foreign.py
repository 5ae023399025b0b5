"""Guesses which format an upload has that is not accepted, for a helpful refusal."""

import codecs
import re
import struct
from typing import Final

_ACCEPTED: Final = "send a JPEG, PNG, GIF, WebP, AVIF or HEIC file"
_AS_JPEG: Final = "save it as a JPEG and send that"
_AS_PNG: Final = "save it as a PNG and send that"
_DRAWN: Final = "export it as a PNG of 1024 pixels a side and send that"
_PAGE: Final = "export the page as a PNG or JPEG and send that"
"""The remedies for files of a kind."""

_LOOKED_AT_LENGTH: Final = 1024

_MAGICS: Final = (
    (b"II*\0", "a TIFF picture", _AS_JPEG),
    (b"MM\0*", "a TIFF picture", _AS_JPEG),
    (b"II+\0", "a TIFF picture", _AS_JPEG),
    (b"MM\0+", "a TIFF picture", _AS_JPEG),
    (b"BM", "a BMP picture", _AS_PNG),
    (b"8BPS", "a Photoshop (PSD) file", _AS_JPEG),
    (b"%PDF-", "a PDF document", _PAGE),
    (b"%!PS", "a PostScript file", _PAGE),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file", _PAGE),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", _AS_JPEG),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture", _AS_JPEG),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture", _AS_JPEG),
    (b"\xff\x0a", "a JPEG XL picture", _AS_JPEG),
    (b"PK\3\4", "a ZIP archive", "unpack it and send the picture in it"),
    (b"PK\5\6", "a ZIP archive", "unpack it and send the picture in it"),
)
"""The first bytes of a file, its format, and the remedy."""

_ICON: Final = struct.Struct("<HHH")
_ICON_KINDS: Final = {1: "an icon (ICO) file", 2: "a cursor (CUR) file"}
"""A zero, the kind, and how many pictures there are: never none."""

_TGA: Final = struct.Struct("<xBBHHBHHHHB")
_TGA_KINDS: Final = {1: {1, 9}, 0: {2, 3, 10, 11}}
"""Kinds of pixels, with and without a palette; packed ones are 8 higher."""

_TGA_DEPTHS: Final = {8, 15, 16, 24, 32}
"""Bits of a pixel. TGA has no magic, so that any plausible header counts."""

_MARKUP: Final = (
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "an SVG drawing", _DRAWN),
    (re.compile(rb"<!doctype html|<html|<head|<body", re.IGNORECASE), "an HTML page", _ACCEPTED),
    (re.compile(rb"\A\s*<"), "an XML document", _ACCEPTED),
)
_DATA_URI: Final = re.compile(rb"\A\s*data:[^,]{0,200},", re.IGNORECASE)
_BASE64: Final = re.compile(rb"\A\s*(?:/9j/|iVBORw0KGgo|R0lGOD|UklGR)[A-Za-z0-9+/=\s]*\Z")
"""How a JPEG, PNG, GIF and WebP begin in base64."""

_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")


def explanation(data: bytes) -> str:
    """One sentence with the format that was found and the remedy."""
    if not data:
        return f"no picture: the image is empty; {_ACCEPTED}"
    start = data[:_LOOKED_AT_LENGTH]
    found = _by_magic(start) or _by_brand(start) or _by_header(start)
    if found is None and _is_text(start):
        found = _by_text(start)
    name, way_out = found or ("no picture that we know", _ACCEPTED)
    return f"image holds {name}; {way_out}"


def _by_magic(start: bytes) -> tuple[str, str] | None:
    for magic, name, way_out in _MAGICS:
        if start.startswith(magic):
            return name, way_out
    return None


def _by_brand(start: bytes) -> tuple[str, str] | None:
    """A box called `ftyp` that lists the brands of a file, none of them HEIC or AVIF."""
    return ("a video or sound file", _ACCEPTED) if start[4:8] == b"ftyp" else None


def _by_header(start: bytes) -> tuple[str, str] | None:
    """Formats without magic but with a header of small numbers: icons, cursors, TGA."""
    if len(start) < _TGA.size:
        return None
    reserved, kind, count = _ICON.unpack_from(start)
    if reserved == 0 and count and kind in _ICON_KINDS:
        return _ICON_KINDS[kind], _AS_PNG
    palette, pixels, *_, width, height, depth = _TGA.unpack_from(start)
    if pixels in _TGA_KINDS.get(palette, ()) and width and height and depth in _TGA_DEPTHS:
        return "a TGA picture", _AS_PNG
    return None


def _by_text(text: bytes) -> tuple[str, str]:
    for mark, name, way_out in _MARKUP:
        if mark.search(text):
            return name, way_out
    if _DATA_URI.search(text):
        return "a data URI", "decode what follows its comma and send those bytes"
    if _BASE64.search(text):
        return "base64 text of a picture", "decode it and send those bytes"
    return "text, such as a path", "send the file itself"


def _is_text(start: bytes) -> bool:
    """Whether this is UTF-8, perhaps cut within a character, and free of control characters."""
    try:
        codecs.utf_8_decode(start, "strict", False)  # noqa: FBT003 - the codec takes it by place only
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(start) is None
