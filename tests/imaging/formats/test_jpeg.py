"""JPEG files, segment by segment: which are whole, what they say, and what survives stripping."""

import pytest

from likeness.errors import BadImage
from likeness.imaging.formats import ICC_LENGTH_MAX, WHOLE_PIXELS, Probe
from likeness.imaging.formats.steps import STEPS_MAX, Steps
from likeness.imaging.probe import parse, probe
from likeness.model import Format
from support.blocks import exif, jpeg_file, jpeg_frame, jpeg_segment
from support.pictures import encode, photo

PROFILE = b"ICC_PROFILE\0\1\1"


def refusal(data: bytes) -> str:
    """What the caller is told about a JPEG that is refused."""
    with pytest.raises(BadImage) as caught:
        probe(data)
    return caught.value.message


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_the_frame_header_is_read(mode: str, progressive: bool) -> None:
    """Width before height, though the file has them the other way round."""
    data = encode(photo(40, 30).convert(mode), "JPEG", progressive=progressive)

    seen = probe(data)
    assert (seen.format, seen.width, seen.height) == (Format.JPEG, 40, 30)
    assert (seen.scans > 1) == progressive


def test_the_orientation_comes_from_exif() -> None:
    """The first APP1 segment that is EXIF and not, say, XMP."""
    xmp = jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")
    first, second = (jpeg_segment(0xE1, b"Exif\0\0" + exif(turn)) for turn in (6, 3))

    assert probe(jpeg_file(xmp, first, second)).orientation == 6


def test_only_the_first_exif_is_looked_at() -> None:
    """Twenty thousand of them in one file cost seconds when each was read."""
    upright, turned = (jpeg_segment(0xE1, b"Exif\0\0" + exif(turn)) for turn in (1, 6))
    broken = jpeg_segment(0xE1, b"Exif\0\0")
    steps = Steps()

    assert probe(jpeg_file(upright, turned)).orientation == 1
    assert parse(jpeg_file(broken, turned * 100), steps).probe.orientation == 1
    assert steps.taken == 1 + 100 + 2, "no entry of theirs"


def test_fill_stray_bytes_and_bytes_after_the_end_are_no_fault() -> None:
    """Decoders look for the next marker too."""
    data = jpeg_file(b"\xff\xff\xff", jpeg_segment(0xFE, b"comment"), b"stray") + b"\xff\xd8 tail"

    assert probe(data) == Probe(Format.JPEG, 8, 8)


@pytest.mark.parametrize("length", range(3, len(jpeg_file())))
def test_a_cut_file_is_refused_wherever_it_is_cut(length: int) -> None:
    """The end marker is missing."""
    assert "it is cut off" in refusal(jpeg_file()[:length])


@pytest.mark.parametrize("head", [b"", b"\0", b"\1\0\0", b"\1\0\0\0\0\0", b"\1\0\0\0\x3f\1"])
def test_a_cut_file_lacks_what_no_scan_brings(head: bytes) -> None:
    """A scan of nothing, of too few coefficients, or without their last bits."""
    scan = jpeg_segment(0xDA, head) + b"\x12"

    assert "it is cut off" in refusal(b"\xff\xd8" + jpeg_frame() + scan)


def test_a_cut_file_with_all_scans_is_for_a_decoder_to_look_at() -> None:
    """Zeros behind the pixels are left out, but for one that belongs to a byte of value 255."""
    scan = jpeg_segment(0xDA, b"\1\0\0\0\x3f\0")
    for pixels, kept in ((b"\x12", b"\x12"), (b"\x12\0\0", b"\x12"), (b"\xff\0\0", b"\xff\0")):
        found = parse(b"\xff\xd8" + jpeg_frame() + scan + pixels)

        assert found.probe == Probe(Format.JPEG, 8, 8, is_damaged=True)
        assert found.notes == (WHOLE_PIXELS,)
        assert found.stripped() == b"\xff\xd8" + jpeg_frame() + scan + kept + b"\xff\xd9"


@pytest.mark.parametrize("stray", [b"\xff\xfe\0\1", b"\xff\xfe\0\0", b"\xff\xd8\xff\xe0\0\2"])
def test_a_length_that_cannot_be_is_refused(stray: bytes) -> None:
    """Shorter than itself, or a second start before the end."""
    assert "one of its lengths is wrong" in refusal(jpeg_file(stray))


def test_a_segment_that_runs_past_the_end_is_refused() -> None:
    """The file is shorter than it claims."""
    assert "it is cut off" in refusal(jpeg_file(b"\xff\xfe\x7f\xff"))


@pytest.mark.parametrize("code", [0xC3, 0xC5, 0xC9, 0xCA])
def test_kinds_that_hardly_anything_reads_are_refused(code: int) -> None:
    """Lossless, hierarchical and arithmetic-coded JPEG."""
    assert "lossless or arithmetic-coded" in refusal(jpeg_file(frame=jpeg_frame(code=code)))


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (jpeg_frame(depth=12), "1 components of 12 bits"),
        (jpeg_frame(components=2), "2 components of 8 bits"),
        (jpeg_frame(0, 8), "0x8 pixels"),
        (jpeg_frame(8, 0), "8x0 pixels"),
        (jpeg_segment(0xC0, b"\x08\0\x08\0\x08\1"), "8x8 pixels"),
        (jpeg_segment(0xC0, b"\x08"), "its header is cut off"),
        (jpeg_frame(depth=31, components=127), "its header is damaged"),
        (jpeg_frame(code=0xC9, depth=31), "its header is damaged"),
        (jpeg_segment(0xC9, b"\x08\0\x08\0\x08\1"), "its header is damaged"),
    ],
)
def test_a_frame_header_that_no_decoder_accepts_is_refused(frame: bytes, found: str) -> None:
    """Depth, components, sides and length."""
    assert found in refusal(jpeg_file(frame=frame))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (jpeg_file(frame=b""), "0 pictures in 1 scans"),
        (jpeg_file(scans=0), "1 pictures in 0 scans"),
        (jpeg_file(jpeg_frame()), "2 pictures in 1 scans"),
        (jpeg_file(scans=1, frame=jpeg_frame() + jpeg_frame(code=0xC9)), "it is damaged"),
    ],
)
def test_there_is_one_picture_with_pixels(data: bytes, found: str) -> None:
    """One frame header and a scan or more."""
    assert found in refusal(data)


@pytest.mark.parametrize("scans", [1, 20, 5000])
def test_scans_are_counted(scans: int) -> None:
    """Each costs a pass over all pixels; how many are too many is the plan's to say."""
    assert probe(jpeg_file(scans=scans)).scans == scans


def test_a_segment_is_a_step() -> None:
    """Header and scan count too."""
    steps = Steps()

    parse(jpeg_file(jpeg_segment(0xFE) * 1024), steps)

    assert steps.taken == 1024 + 2


@pytest.mark.parametrize(("length", "expected"), [(100 * 1024, 2), (300 * 1024, 2 + 1200)])
def test_bytes_at_which_a_search_stops_are_steps_in_a_long_file(length: int, expected: int) -> None:
    """128 of value 255 are one; the shortest files that are counted cost a millisecond."""
    steps = Steps()

    parse(jpeg_file(jpeg_segment(0xDA, bytes(6)) + b"\xff\x00" * (length // 2)), steps)

    assert steps.taken == expected


def test_pixels_may_come_in_any_number_of_scans_that_are_not_short() -> None:
    """How many are too many is the plan's to say."""
    scan = jpeg_segment(0xDA, bytes(6)) + bytes(512)
    steps = Steps()

    assert parse(jpeg_file(scan * 1000), steps).probe.scans == 1001
    assert steps.taken < 20


def test_restart_markers_without_measure_are_refused() -> None:
    """A storm of them takes long to walk; after the end they are nobody's business."""
    storm = b"\xff\xd0" * (STEPS_MAX * 128)
    densest = b"\xff\xd0" * 781_250

    assert "parts" in refusal(jpeg_file()[:-2] + storm + b"\xff\xd9")
    assert probe(jpeg_file() + storm).width == 8
    assert probe(jpeg_file()[:-2] + densest + b"\xff\xd9").width == 8, "50 megapixels, a block each"


@pytest.mark.parametrize(
    "segment",
    [
        jpeg_segment(0xFE, b"secret"),
        jpeg_segment(0xE0, b"JFXX\0 secret"),
        jpeg_segment(0xE1, b"Exif\0\0secret"),
        jpeg_segment(0xE2, b"MPF\0secret"),
        jpeg_segment(0xED, b"Photoshop 3.0\0secret"),
        jpeg_segment(0xFE) + b"secret",
    ],
)
def test_what_no_pixel_needs_is_stripped(segment: bytes) -> None:
    """Comments, EXIF, lists of further pictures; and what follows the end."""
    assert parse(jpeg_file(segment) + b"secret").stripped() == jpeg_file()


def test_what_gives_colours_their_meaning_is_kept() -> None:
    """JFIF and Adobe's segment say how colours are coded; tables, restarts and all scans stay."""
    data = jpeg_file(
        jpeg_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        jpeg_segment(0xEE, b"Adobe\0\x64\0\0\0\0\1"),
        jpeg_segment(0xDB, bytes(65)),
        jpeg_segment(0xC4, bytes(17)),
        jpeg_segment(0xDD, b"\0\4"),
        scans=3,
    )

    assert parse(data).stripped() == data


def test_a_colour_profile_is_kept_up_to_the_limit() -> None:
    """It comes in parts, of which a segment holds one."""
    part = jpeg_segment(0xE2, PROFILE + bytes(ICC_LENGTH_MAX // 32 - len(PROFILE)))
    good = jpeg_file(part * 32)

    assert parse(good).stripped() == good
    assert parse(jpeg_file(part * 33)).stripped() == jpeg_file()
