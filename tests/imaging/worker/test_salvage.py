"""Damaged files of which no pixel is missing are accepted, others are refused: one rule for all."""

import struct
import zlib
from typing import Any, Final

import numpy as np
import pytest
import pyvips

from likeness.errors import BadImage
from likeness.imaging.formats import WHOLE_PIXELS
from likeness.imaging.notes import Note
from likeness.imaging.plan import Limits, plan_working_copy
from likeness.imaging.probe import parse, probe
from likeness.imaging.worker.plain import DamagedError
from likeness.imaging.worker.render import prepare, render
from likeness.imaging.worker.salvage import whole_png
from support.developing import BLACK, developed, planned
from support.pictures import encode, photo

TRAILER: Final = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1606604400000" + bytes(40) + b"SEFT"
END_LENGTH: Final = {"JPEG": 2, "PNG": 12, "GIF": 1}
JPEGS: Final[dict[str, dict[str, Any]]] = {
    "baseline": {},
    "full colour": {"subsampling": "4:4:4"},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_rows": 1},
}


def coded(form: str, **options: Any) -> bytes:
    """A picture with something in its last rows."""
    picture = photo(90, 70)
    return encode(picture.quantize(64) if form == "GIF" else picture, form, **options)


def jpeg_of(kind: str) -> bytes:
    """One of the JPEGs."""
    return coded("JPEG", **JPEGS[kind])


def is_refused(data: bytes) -> bool:
    """By the parser or by the worker's steps."""
    try:
        render(parse(data).stripped(), planned(data))
    except BadImage:
        return True
    return False


def with_payload(data: bytes, payload: bytes, checksum: int | None = None) -> bytes:
    """A PNG with other packed pixels."""
    at = data.index(b"IDAT")
    length = int.from_bytes(data[at - 4 : at], "big")
    right = zlib.crc32(payload, zlib.crc32(b"IDAT"))
    said = struct.pack(">I", right if checksum is None else checksum)
    head = data[: at - 4] + struct.pack(">I", len(payload)) + b"IDAT"
    return head + payload + said + data[at + 8 + length :]


def payload_of(data: bytes) -> bytes:
    """The packed pixels of a PNG of one chunk of them."""
    at = data.index(b"IDAT")
    return data[at + 4 : at + 4 + int.from_bytes(data[at - 4 : at], "big")]


@pytest.mark.parametrize("form", END_LENGTH)
def test_a_file_without_its_end_is_accepted(form: str) -> None:
    """Nothing but the end marker is missing; every file is the same."""
    data = coded(form)
    cut = data[: -END_LENGTH[form]]

    assert parse(cut).notes
    assert developed(cut) == developed(data)


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("tail", [b"", b"\xff", bytes(900), TRAILER])
def test_a_jpeg_without_its_end_may_have_a_trailer(kind: str, tail: bytes) -> None:
    """As phones write them, and zeros as file systems do."""
    data = jpeg_of(kind)

    found = parse(data[:-2] + tail)
    assert found.probe.is_damaged
    assert found.notes == (WHOLE_PIXELS,)
    assert developed(data[:-2] + tail) == developed(data)


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("lost", [20, 200, 700])
@pytest.mark.parametrize("tail", [b"", bytes(900)])
def test_a_jpeg_that_lacks_pixels_is_refused(kind: str, lost: int, tail: bytes) -> None:
    """Also where zeros took the place of what was lost."""
    assert is_refused(jpeg_of(kind)[: -2 - lost] + tail)


def test_a_jpeg_whose_thumbnail_ends_is_still_cut() -> None:
    """The end of the picture in its EXIF is not its own."""
    data = coded("JPEG")
    exif = b"Exif\0\0" + encode(photo(8, 8), "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif

    assert developed(data[:2] + segment + data[2:-2]) == developed(data)
    assert is_refused(data[:2] + segment + data[2:-200])


def test_a_progressive_jpeg_that_lacks_whole_scans_is_refused() -> None:
    """It would decode to the last row, though blurred."""
    data = jpeg_of("progressive")
    last = data.rindex(b"\xff\xda")

    with pytest.raises(BadImage, match="it is cut off"):
        parse(data[:last])


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
def test_a_png_is_accepted_with_one_wrong_checksum(mode: str) -> None:
    """By PNG or by zlib: the other one tells that the pixels are right."""
    picture = photo(90, 70).convert("L" if mode == "I;16" else mode)
    data = encode(picture.convert("I;16") if mode == "I;16" else picture, "PNG")
    packed = payload_of(data)
    wrong = packed[:-1] + bytes([packed[-1] ^ 1])

    assert developed(with_payload(data, packed, 1)) == developed(data)
    by_zlib = with_payload(data, wrong)
    assert developed(by_zlib) == developed(data)
    made = render(parse(by_zlib).stripped(), planned(by_zlib))
    assert made.notes == (Note.WRONG_CHECKSUM,)


def test_a_png_with_two_wrong_checksums_is_refused() -> None:
    """Nobody knows whether its pixels are those that were written."""
    data = coded("PNG")
    packed = payload_of(data)

    assert is_refused(with_payload(data, packed[:-1] + bytes([packed[-1] ^ 1]), 1))


@pytest.mark.parametrize("lost", [1, 4, 5, 8])
def test_a_png_cut_in_its_checksums_is_accepted(lost: int) -> None:
    """Every row is there."""
    data = coded("PNG")

    assert developed(data[: -12 - lost]) == developed(data)


def test_a_png_whose_packing_is_broken_is_refused() -> None:
    """There is no row behind the break."""
    data = coded("PNG")
    packed = payload_of(data)

    assert is_refused(with_payload(data, packed[:2] + b"\x07" + packed[3:], 1))


def test_a_gif_cut_behind_its_last_pixel_is_accepted() -> None:
    """The end of its sub-blocks is missing as well."""
    data = coded("GIF")

    assert parse(data[:-2]).notes == (WHOLE_PIXELS,)
    assert developed(data[:-2]) == developed(data)


@pytest.mark.parametrize("lost", [60, 300, 2000])
@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_what_lacks_pixels_is_refused(form: str, lost: int) -> None:
    """As ever."""
    assert is_refused(coded(form)[: -END_LENGTH[form] - lost])


@pytest.mark.parametrize("is_interlaced", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_each_row_is_counted(mode: str, is_interlaced: bool) -> None:
    """Also in the seven passes of an interlaced file: with the last byte the picture goes."""
    image = pyvips.Image.new_from_array(np.asarray(photo(13, 11).convert(mode)))
    data = image.pngsave_buffer(interlace=is_interlaced)
    rows = zlib.decompress(payload_of(data))

    whole = with_payload(data, zlib.compress(rows), 1)
    assert developed(whole) == developed(data)
    assert is_refused(with_payload(data, zlib.compress(rows[:-1]), 1))


def test_what_is_no_png_is_damaged() -> None:
    """Whatever it is."""
    with pytest.raises(DamagedError):
        whole_png(b"BM" + bytes(100))


def test_a_working_copy_is_made_of_whole_pixels_too() -> None:
    """In two steps as in one."""
    limits = Limits(side_px_min=1)
    for data, ends in ((coded("JPEG")[:-2], True), (coded("JPEG")[:-400], False)):
        made = plan_working_copy(probe(data), limits, letterbox_rgb=BLACK)
        if ends:
            assert prepare(parse(data).stripped(), made).files
        else:
            with pytest.raises(BadImage):
                prepare(parse(data).stripped(), made)
