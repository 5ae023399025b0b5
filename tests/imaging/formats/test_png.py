"""PNG files, chunk by chunk: which are whole, what they say, and what survives stripping."""

import struct
import zlib

import pytest
import pyvips
from PIL import Image

from likeness.errors import BadImage
from likeness.imaging.formats import ICC_LENGTH_MAX, WHOLE_PIXELS, Probe, png
from likeness.imaging.formats.colours import Colours, of_codes, of_power
from likeness.imaging.formats.png import packed_pixels
from likeness.imaging.formats.steps import Steps
from likeness.imaging.probe import parse, probe
from likeness.model import Format
from support.blocks import exif, png_chunk, png_file, png_header
from support.kinds import DISPLAY_P3, chromaticities_payload
from support.pictures import encode, opened, photo

WRONG_CHECKSUM = b"\0\0\0\0"


def profile(length: int) -> bytes:
    """An iCCP chunk whose profile unpacks to `length` bytes."""
    return icc(zlib.compress(bytes(length)))


def icc(packed: bytes) -> bytes:
    """An iCCP chunk with a packed profile."""
    return png_chunk(b"iCCP", b"name\0\0" + packed)


def gamma(hundred_thousandths: int) -> bytes:
    """A gAMA chunk."""
    return png_chunk(b"gAMA", hundred_thousandths.to_bytes(4, "big"))


def refusal(data: bytes) -> str:
    """What the caller is told about a PNG that is refused."""
    with pytest.raises(BadImage) as caught:
        probe(data)
    return caught.value.message


def test_the_header_is_read() -> None:
    """Width before height."""
    assert probe(encode(photo(40, 30), "PNG")) == Probe(Format.PNG, 40, 30)


@pytest.mark.parametrize(
    ("mode", "has_alpha"),
    [("1", False), ("L", False), ("P", False), ("RGB", False), ("LA", True), ("RGBA", True)],
)
def test_alpha_follows_from_the_colour_type(mode: str, has_alpha: bool) -> None:
    """Types 4 and 6 have an alpha channel."""
    assert probe(encode(photo(8, 8).convert(mode), "PNG")).has_alpha is has_alpha


def test_a_transparent_colour_counts_as_alpha() -> None:
    """A tRNS chunk."""
    assert probe(png_file(png_chunk(b"tRNS", b"\0\7"))).has_alpha


def test_the_orientation_comes_from_exif() -> None:
    """An eXIf chunk."""
    assert probe(png_file(png_chunk(b"eXIf", exif(8)))).orientation == 8


LIGHT, OLD_MAC = of_power(1.0), of_power(1 / 0.55556)
PRIMARIES = png_chunk(b"cHRM", chromaticities_payload(*DISPLAY_P3))
STANDARD = png_chunk(b"sRGB", b"\0")


def code(*values: int) -> bytes:
    """A cICP chunk."""
    return png_chunk(b"cICP", bytes(values))


P3_CODE, P3 = code(12, 13, 0, 1), of_codes(12, 13)


@pytest.mark.parametrize(
    ("chunks", "colours"),
    [
        ([], None),
        ([gamma(45455)], None),
        ([gamma(55556)], OLD_MAC),
        ([gamma(100_000), gamma(55556)], LIGHT),
        ([gamma(100_000), STANDARD], None),
        ([gamma(100_000), PRIMARIES, STANDARD], None),
        ([gamma(100_000), PRIMARIES], of_power(1.0, DISPLAY_P3)),
        ([PRIMARIES], None),
        ([profile(100), gamma(100_000)], None),
        ([icc(b"broken"), gamma(100_000)], LIGHT),
        ([gamma(0)], None),
        ([png_chunk(b"gAMA", bytes(3))], None),
        ([png_chunk(b"gAMA", b"\xff" * 4000)], None),
        ([png_chunk(b"gAMA", bytes(3)), gamma(100_000)], LIGHT),
        ([P3_CODE], P3),
        ([P3_CODE, profile(100), STANDARD, gamma(100_000)], P3),
        ([gamma(100_000), STANDARD, profile(100), P3_CODE], P3),
        ([code(1, 13, 0, 1), gamma(100_000)], None),
        ([code(2, 2, 0, 1), gamma(100_000)], LIGHT),
        ([code(12, 13, 0), gamma(100_000)], LIGHT),
        ([code(12, 13, 0, 1, 0), gamma(100_000)], LIGHT),
        ([P3_CODE[:-4] + WRONG_CHECKSUM, gamma(100_000)], LIGHT),
    ],
)
def test_what_is_said_best_of_the_colours_counts(
    chunks: list[bytes], colours: Colours | None
) -> None:
    """cICP, then a profile that can be read, then sRGB, then gAMA with cHRM; the first of each."""
    assert colours == probe(png_file(*chunks)).colours


@pytest.mark.parametrize("late", [gamma(100_000), P3_CODE])
def test_colours_behind_the_pixels_come_too_late(late: bytes) -> None:
    """Decoders have shown them by then."""
    end = png_chunk(b"IEND")
    data = png_file().removesuffix(end) + late + end

    assert probe(data).colours is None


def test_a_profile_below_a_code_is_stripped() -> None:
    """No decoder shall apply both. The code is in the plan by then; a profile above none stays."""
    assert parse(png_file(profile(100), P3_CODE)).stripped() == png_file()
    ignored = png_file(profile(100), code(2, 2, 0, 1))
    assert parse(ignored).stripped() == png_file(profile(100))


def test_an_animated_png_moves() -> None:
    """What is read of it, `test_apng.py` has."""
    data = encode(photo(8, 8), "PNG", save_all=True, append_images=[photo(8, 8, 1)])

    assert b"acTL" in data
    assert parse(data).probe == Probe(Format.PNG, 8, 8, frames=2)
    assert parse(data).notes == ()


def test_bytes_after_the_end_are_no_fault() -> None:
    """They are not looked at."""
    assert probe(png_file() + b"PK\3\4") == Probe(Format.PNG, 8, 8)


PIXELS_AT = png_file().index(b"IDAT")


@pytest.mark.parametrize("length", range(8, PIXELS_AT + 4))
def test_a_file_cut_before_its_pixels_is_refused(length: int) -> None:
    """There is nothing to be shown."""
    assert "it is cut off" in refusal(png_file()[:length])


@pytest.mark.parametrize("length", range(PIXELS_AT + 4, len(png_file())))
def test_a_file_cut_behind_is_for_a_decoder_to_look_at(length: int) -> None:
    """Closed where it is cut, it is a PNG again."""
    found = parse(png_file()[:length])

    assert found.probe == Probe(Format.PNG, 8, 8, is_damaged=True)
    assert found.notes == (WHOLE_PIXELS,)
    assert probe(found.stripped()) == Probe(Format.PNG, 8, 8)


@pytest.mark.parametrize("kind", [b"IDAT", b"IEND"])
def test_a_wrong_checksum_of_pixels_or_of_the_end_is_too(kind: bytes) -> None:
    """Pixels have another checksum by zlib, the end has nothing in it."""
    data = png_file()
    end = (
        data.index(kind) + 4 + int.from_bytes(data[data.index(kind) - 4 : data.index(kind)], "big")
    )
    found = parse(data[:end] + WRONG_CHECKSUM + data[end + 4 :])

    assert found.probe.is_damaged
    assert found.notes == (WHOLE_PIXELS,)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (8, 8), (13, 2)])
def test_rows_are_as_long_as_they_are(mode: str, size: tuple[int, int]) -> None:
    """Whatever the depth."""
    packed = packed_pixels(encode(Image.new(mode, size), "PNG"), Steps())

    assert packed.length == len(zlib.decompress(packed.data))


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (8, 8), (13, 2)])
def test_interlaced_rows_are_those_of_seven_pictures(size: tuple[int, int]) -> None:
    """Some of which have no column."""
    data = pyvips.Image.black(*size, bands=3).pngsave_buffer(interlace=True)
    packed = packed_pixels(data, Steps())

    assert packed.length == len(zlib.decompress(packed.data))


def test_pixels_can_be_packed_anew() -> None:
    """Everything around them stays."""
    data = encode(photo(8, 8).quantize(16), "PNG", transparency=3)
    packed = packed_pixels(data, Steps())

    again = packed.replaced(zlib.compress(zlib.decompress(packed.data), 0))
    assert opened(again).convert("RGBA").tobytes() == opened(data).convert("RGBA").tobytes()


def test_a_file_without_pixels_has_none_to_pack() -> None:
    """Nor has one that is none."""
    with pytest.raises(BadImage):
        packed_pixels(png_file()[: PIXELS_AT - 4] + png_file()[-12:], Steps())


@pytest.mark.parametrize("size", [(0, 8), (8, 0), (2**31, 8), (8, 2**32 - 1)])
def test_impossible_sizes_are_refused(size: tuple[int, int]) -> None:
    """A side has 1 to 2^31 - 1 pixels."""
    assert f"{size[0]}x{size[1]} pixels" in refusal(png_file(header=png_header(*size)))


@pytest.mark.parametrize(
    "header",
    [
        png_header(depth=3),
        png_header(depth=4, colour=2),
        png_header(colour=5),
        *(
            png_chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, *last))
            for last in [(1, 0, 0), (0, 1, 0), (0, 0, 2)]
        ),
    ],
)
def test_kinds_of_png_that_do_not_exist_are_refused(header: bytes) -> None:
    """Colour type, depth, packing, filters and interlace have few legal values."""
    assert "no kind of PNG that exists" in refusal(png_file(header=header))


@pytest.mark.parametrize("header", [b"", png_chunk(b"IHDR", bytes(12)), png_chunk(b"IDAT")])
def test_the_header_has_to_come_first(header: bytes) -> None:
    """And it has to be whole."""
    assert "does not begin with its header" in refusal(png_file(header=header))


def test_the_variant_in_apples_apps_is_named() -> None:
    """It starts with a chunk of its own, and no browser shows it."""
    data = png_file(header=png_chunk(b"CgBI", bytes(4)) + png_header())

    assert "(CgBI) in Apple's apps" in refusal(data)


def test_a_png_without_pixels_is_refused() -> None:
    """No IDAT chunk."""
    data = png.MAGIC + png_header() + png_chunk(b"IEND")

    assert "no pixels" in refusal(data)


def test_a_png_that_lost_its_palette_is_refused() -> None:
    """Colour type 3 without PLTE."""
    palette = png_chunk(b"PLTE", bytes(6))

    assert "palette is missing" in refusal(png_file(header=png_header(colour=3)))
    assert probe(png_file(palette, header=png_header(colour=3))).width == 8


def test_a_wrong_checksum_in_a_needed_chunk_is_refused() -> None:
    """Its first letter is a capital."""
    broken = png_chunk(b"PLTE", bytes(6))[:-4] + WRONG_CHECKSUM

    assert "checksum" in refusal(png_file(broken))


def test_a_damaged_chunk_that_could_be_missing_counts_as_missing() -> None:
    """As in libpng, so that both see the same picture."""
    broken = png_chunk(b"tRNS", b"\0\7")[:-4] + WRONG_CHECKSUM

    assert not probe(png_file(broken)).has_alpha
    assert parse(png_file(broken)).stripped() == png_file()


def test_a_chunk_is_a_step() -> None:
    """Header, pixels and end count too; of what follows the end nothing is looked at."""
    steps = Steps()

    parse(png_file(png_chunk(b"tEXt") * 100) + png_chunk(b"tEXt") * 100, steps)

    assert steps.taken == 103


def test_pixels_may_come_in_any_number_of_chunks_that_encoders_write() -> None:
    """32 MiB in chunks of half a kilobyte; libpng writes 8 KiB."""
    data = png_file(png_chunk(b"IDAT", bytes(512)) * 2**16)

    assert parse(data).stripped() == data


@pytest.mark.parametrize(
    "kind", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"acTL", b"fdAT", b"cICP"]
)
def test_what_no_pixel_needs_is_stripped(kind: bytes) -> None:
    """Text, EXIF, times, further frames; and what follows the end."""
    data = png_file(png_chunk(kind, b"secret")) + b"secret"

    assert parse(data).stripped() == png_file()


def test_what_gives_colours_their_meaning_is_kept() -> None:
    """One chunk of each kind, and every chunk that a decoder has to understand."""
    kinds = [b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"tRNS", b"PLTE"]
    data = png_file(*(png_chunk(kind, b"\1\2\3") for kind in kinds))
    twice = png_file(*(png_chunk(kind, b"\1\2\3") for kind in [*kinds, b"gAMA"]))

    assert parse(data).stripped() == data
    assert parse(twice).stripped() == data


def test_a_colour_profile_is_kept_up_to_the_limit() -> None:
    """What counts is its length when unpacked."""
    good = png_file(profile(ICC_LENGTH_MAX))

    assert parse(good).stripped() == good
    assert parse(png_file(profile(ICC_LENGTH_MAX + 1))).stripped() == png_file()


def test_only_the_first_colour_profile_is_looked_at() -> None:
    """A thousand of them would cost seconds: each unpacks to a megabyte before it is refused."""
    data = png_file(profile(2**21), profile(1), gamma(100_000))

    assert parse(data).stripped() == png_file(gamma(100_000))
    assert probe(data).colours == LIGHT


def test_unpacking_a_colour_profile_takes_steps() -> None:
    """Good or bad, once; a longer one is not unpacked, nor are those after the first."""
    for profiles, unpackings in (
        ([profile(1)], 1),
        ([profile(2**21), profile(1), icc(b"broken")], 1),
        ([icc(bytes(ICC_LENGTH_MAX))], 0),
    ):
        steps = Steps()
        parse(png_file(*profiles), steps)
        expected = 2048 * unpackings + 3 + sum(len(chunk) < 512 for chunk in profiles)
        assert steps.taken == expected


def test_a_long_colour_profile_is_dropped_unread() -> None:
    """What unpacks to nothing takes long to unpack: 80 ms for a megabyte of empty blocks."""
    packed = zlib.compress(bytes(100))
    filling = b"\0\0\0\xff\xff" * (ICC_LENGTH_MAX // 5)
    good, long = (packed[:2] + blocks + packed[2:] for blocks in (filling[:5], filling))

    assert zlib.decompress(long) == bytes(100)
    assert parse(png_file(icc(good))).stripped() == png_file(icc(good))
    assert parse(png_file(icc(long))).stripped() == png_file()


@pytest.mark.parametrize("payload", [b"", b"name", b"name\0", b"name\0\0not packed"])
def test_a_broken_colour_profile_is_stripped(payload: bytes) -> None:
    """No decoder shall meet it."""
    assert parse(png_file(png_chunk(b"iCCP", payload))).stripped() == png_file()
