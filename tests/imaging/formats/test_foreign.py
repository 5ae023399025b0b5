"""What the sender of something else is told."""

import struct
from base64 import b64encode, encodebytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging.formats.foreign import explanation
from support.pictures import encode, photo


def box(*brands: bytes) -> bytes:
    """The first box of an ISO base media file."""
    body = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return (len(body) + 4).to_bytes(4, "big") + body + b"\0\0\0\x08mdat"


def tga(kind: int, palette: int = 0, depth: int = 24, width: int = 8) -> bytes:
    """A header of 18 bytes, and some pixels."""
    numbers = struct.pack("<HHBHHHHBB", 0, 0, 0, 0, 0, width, 8, depth, 0)
    return bytes([0, palette, kind]) + numbers + bytes(64)


@pytest.mark.parametrize(
    ("data", "name", "way_out"),
    [
        (encode(photo(8, 8), "TIFF"), "a TIFF picture", "as a JPEG"),
        (b"MM\0*" + bytes(20), "a TIFF picture", "as a JPEG"),
        (encode(photo(8, 8), "BMP"), "a BMP picture", "as a PNG"),
        (encode(photo(16, 16), "ICO"), "an icon (ICO) file", "as a PNG"),
        (b"\0\0\2\0\1\0\x20\x20" + bytes(64), "a cursor (CUR) file", "as a PNG"),
        (encode(photo(8, 8), "TGA"), "a TGA picture", "as a PNG"),
        (encode(photo(8, 8).convert("P"), "TGA"), "a TGA picture", "as a PNG"),
        (tga(2), "a TGA picture", "as a PNG"),
        (tga(10, depth=32), "a TGA picture", "as a PNG"),
        (encode(photo(8, 8), "PDF"), "a PDF document", "export the page as a PNG or JPEG"),
        (encode(photo(8, 8), "EPS"), "a PostScript file", "export the page"),
        (b"8BPS\0\1", "a Photoshop (PSD) file", "as a JPEG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture", "as a JPEG"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture", "as a JPEG"),
        (b"\xff\x0a\x00\x10", "a JPEG XL picture", "as a JPEG"),
        (b"PK\3\4\x14\0", "a ZIP archive", "unpack it"),
        (box(b"isom", b"mp42"), "a video or sound file", "JPEG, PNG, GIF"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x"/>', "an SVG drawing", "as a PNG of 1024 pixels"),
        (b"<!DOCTYPE html><title>Sign in</title>", "an HTML page", "JPEG, PNG, GIF"),
        (b'<?xml version="1.0"?><plist/>', "an XML document", "JPEG, PNG, GIF"),
        (b"data:image/png;base64,iVBORw0KGgo=", "a data URI", "what follows its comma"),
        (b64encode(encode(photo(8, 8), "JPEG")), "base64 text of a picture", "decode it"),
        (encodebytes(encode(photo(90, 9), "PNG")), "base64 text of a picture", "decode it"),
        (b64encode(encode(photo(8, 8), "GIF")), "base64 text of a picture", "decode it"),
        (b64encode(encode(photo(8, 8), "WEBP")), "base64 text of a picture", "decode it"),
    ],
)
def test_a_known_format_is_named_with_the_way_out(data: bytes, name: str, way_out: str) -> None:
    """So that the sender knows what it was and what to do."""
    found, _, advice = explanation(data).partition("; ")

    assert found == f"image holds {name}"
    assert way_out in advice


@pytest.mark.parametrize(
    "data",
    [tga(0), tga(2, width=0), tga(2, depth=7), tga(2, palette=1), tga(2)[:16], b"\0\0\2\0" * 3],
)
def test_a_header_that_cannot_be_is_not_named(data: bytes) -> None:
    """TGA has no magic; what is implausible is called nothing."""
    assert explanation(data).startswith("image holds no picture that we know")


@pytest.mark.parametrize(
    "text",
    [
        b"/home/ada/photo.png",
        "C:\\Users\\Zo\u00eb\\photo.png".encode(),
        b'{"fd":null,"path":"/tmp/photo.png","flags":"r"}',
        b"/9j/photo.png",
        ("\u00e9" * 600).encode()[1:].lstrip(b"\xa9"),
    ],
    ids=["path", "path with an accent", "stream of Node", "path like base64", "long"],
)
def test_text_gets_the_hint_to_send_bytes(text: bytes) -> None:
    """Clients that are handed a name instead of a file send that name."""
    expected = "image holds text, such as a path; send the file itself"

    assert explanation(text) == expected


def test_nothing_at_all_is_called_no_picture() -> None:
    """The words of the contract for a missing image."""
    assert explanation(b"").startswith("no picture")


@pytest.mark.parametrize("data", [bytes(64), b"\x89PN", "caf\u00e9s".encode("latin-1")])
def test_the_rest_is_not_named(data: bytes) -> None:
    """Neither a known start nor text."""
    assert explanation(data).startswith("image holds no picture that we know")


@given(st.binary(max_size=100))
def test_any_bytes_get_a_sentence(data: bytes) -> None:
    """No input raises."""
    assert explanation(data)
