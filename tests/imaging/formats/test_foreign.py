"""What the sender of something else is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging.formats.foreign import explanation
from support.pictures import encode, photo


def box(*brands: bytes) -> bytes:
    """The first box of an ISO base media file."""
    body = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return (len(body) + 4).to_bytes(4, "big") + body + b"\0\0\0\x08mdat"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (encode(photo(8, 8), "TIFF"), "a TIFF picture"),
        (b"MM\0*" + bytes(20), "a TIFF picture"),
        (encode(photo(8, 8), "BMP"), "a BMP picture"),
        (encode(photo(16, 16), "ICO"), "an icon (ICO) file"),
        (encode(photo(8, 8), "PDF"), "a PDF document"),
        (encode(photo(8, 8), "EPS"), "a PostScript file"),
        (b"8BPS\0\1", "a Photoshop (PSD) file"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"\xff\x0a\x00\x10", "a JPEG XL picture"),
        (b"PK\3\4\x14\0", "a ZIP archive"),
        (box(b"avif", b"mif1", b"miaf"), "an AVIF picture"),
        (box(b"mif1", b"avif"), "an AVIF picture"),
        (box(b"heic", b"mif1"), "a HEIC picture"),
        (box(b"mif1", b"heic"), "a HEIC picture"),
        (box(b"isom", b"mp42"), "a video or sound file"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"<!DOCTYPE html><title>Sign in</title>", "an HTML page"),
        (b'<?xml version="1.0"?><plist/>', "an XML document"),
    ],
)
def test_a_known_format_is_named(data: bytes, name: str) -> None:
    """So that the sender knows what to convert."""
    assert explanation(data) == f"image holds {name}; send a JPEG, PNG, GIF or WebP file"


@pytest.mark.parametrize(
    "text",
    [
        b"/home/ada/photo.png",
        "C:\\Users\\Zo\u00eb\\photo.png".encode(),
        b'{"fd":null,"path":"/tmp/photo.png","flags":"r"}',
        b"data:image/png;base64,iVBORw0KGgo=",
        ("\u00e9" * 600).encode()[1:].lstrip(b"\xa9"),
    ],
    ids=["path", "path with an accent", "stream of Node", "data URL", "long"],
)
def test_text_gets_the_hint_to_send_bytes(text: bytes) -> None:
    """Clients that are handed a name instead of a file send that name."""
    expected = "image holds text, such as a path; send the bytes of the file itself"

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
