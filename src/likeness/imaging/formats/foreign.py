"""What an upload is that is no accepted picture, in words that help its sender. Guesses only."""

import codecs
import re
from typing import Final

_ACCEPTED: Final = "send a JPEG, PNG, GIF or WebP file"
_LOOKED_AT_LENGTH: Final = 1024

_MAGICS: Final = (
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"II+\0", "a TIFF picture"),
    (b"MM\0+", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"8BPS", "a Photoshop (PSD) file"),
    (b"%PDF-", "a PDF document"),
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (b"\0\0\1\0", "an icon (ICO) file"),
    (b"\0\0\2\0", "a cursor (CUR) file"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"PK\3\4", "a ZIP archive"),
    (b"PK\5\6", "a ZIP archive"),
)
_BRANDS: Final = (
    (re.compile(rb"avi[fs]"), "an AVIF picture"),
    (re.compile(rb"he[iv][cxms]|m[is]f1"), "a HEIC picture"),
)
"""Marks of the ISO base media format's pictures, the surer one first: AVIF may say `mif1` too."""

_MARKUP: Final = (
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "an SVG drawing"),
    (re.compile(rb"<!doctype html|<html|<head|<body", re.IGNORECASE), "an HTML page"),
    (re.compile(rb"\A\s*<"), "an XML document"),
)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")


def explanation(data: bytes) -> str:
    """One sentence on what was found and what to send instead."""
    if not data:
        return f"no picture: the image is empty; {_ACCEPTED}"
    start = data[:_LOOKED_AT_LENGTH]
    name = _by_magic(start) or _by_brand(start)
    if name is None and _is_text(start):
        name = _by_markup(start)
        if name is None:
            return "image holds text, such as a path; send the bytes of the file itself"
    return f"image holds {name or 'no picture that we know'}; {_ACCEPTED}"


def _by_magic(start: bytes) -> str | None:
    return next((name for magic, name in _MAGICS if start.startswith(magic)), None)


def _by_brand(start: bytes) -> str | None:
    """HEIC and AVIF: a box called `ftyp` that lists the brands of the file."""
    if start[4:8] != b"ftyp":
        return None
    brands = start[8 : int.from_bytes(start[:4], "big")]
    return next((name for brand, name in _BRANDS if brand.search(brands)), "a video or sound file")


def _by_markup(text: bytes) -> str | None:
    return next((name for mark, name in _MARKUP if mark.search(text)), None)


def _is_text(start: bytes) -> bool:
    """Whether this is UTF-8, perhaps cut within a character, and free of control characters."""
    try:
        codecs.utf_8_decode(start, "strict", False)  # noqa: FBT003 - the codec takes it by place only
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(start) is None
