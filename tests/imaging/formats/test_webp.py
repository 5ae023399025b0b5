"""WebP files, chunk by chunk: which are whole, what they say, and what survives stripping."""

import pytest

from likeness.errors import BadImage
from likeness.imaging.formats import FRAMES_COUNTED_MAX, ICC_LENGTH_MAX, Probe
from likeness.imaging.formats.steps import Steps
from likeness.imaging.probe import parse, probe
from likeness.model import Format
from support import blocks
from support.blocks import webp_canvas, webp_chunk, webp_file, webp_frame
from support.pictures import encode, photo

LOSSY = blocks.webp_lossy()
LOSSLESS = blocks.webp_lossless()
ANIM = webp_chunk(b"ANIM", bytes(6))
PROFILE, ALPHA, EXIF, XMP, ANIMATION = 0x20, 0x10, 0x08, 0x04, 0x02
WIPED = 0x01


def refusal(data: bytes) -> str:
    """What the caller is told about a WebP that is refused."""
    with pytest.raises(BadImage) as caught:
        probe(data)
    return caught.value.message


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_still_is_read(mode: str, lossless: bool) -> None:
    """Of all four kinds that encoders write."""
    picture = photo(40, 30).convert(mode)
    if mode == "RGBA":
        picture.putalpha(100)

    data = encode(picture, "WEBP", lossless=lossless)

    may_be_clear = lossless or mode == "RGBA"
    assert probe(data) == Probe(Format.WEBP, 40, 30, has_alpha=may_be_clear, is_lossless=lossless)


def test_an_animation_is_read() -> None:
    """As an encoder writes it."""
    pictures = [photo(40, 30, seed) for seed in range(3)]
    data = encode(pictures[0], "WEBP", save_all=True, append_images=pictures[1:])

    assert probe(data) == Probe(Format.WEBP, 40, 30, 3)


def test_the_orientation_comes_from_exif() -> None:
    """A chunk that the extended kind may have."""
    data = encode(photo(40, 30), "WEBP", exif=b"Exif\0\0" + blocks.exif(5))

    assert probe(data) == Probe(Format.WEBP, 40, 30, orientation=5)


@pytest.mark.parametrize(
    ("chunks", "has_alpha"),
    [
        ([LOSSY], False),
        ([LOSSLESS], True),
        ([blocks.webp_lossless(has_alpha=True)], True),
        ([webp_canvas(flags=ALPHA), LOSSY], False),
        ([webp_canvas(flags=ALPHA), webp_chunk(b"ALPH", b"\0"), LOSSY], True),
        ([webp_canvas(), webp_chunk(b"ALPH", b"\0"), LOSSY], True),
        ([webp_canvas(), LOSSLESS], True),
        ([webp_canvas(flags=ALPHA | ANIMATION), ANIM, webp_frame(LOSSY)], True),
        ([webp_canvas(flags=ANIMATION), ANIM, webp_frame(LOSSLESS)], True),
        ([webp_canvas(flags=ANIMATION), ANIM, webp_frame(LOSSY)], False),
        ([webp_canvas(9, 8, flags=ANIMATION), ANIM, webp_frame(LOSSY)], True),
        ([webp_canvas(flags=ANIMATION), ANIM, webp_frame(LOSSY, flags=WIPED)], True),
    ],
)
def test_what_may_be_clear(chunks: list[bytes], has_alpha: bool) -> None:
    """Lossless pixels, whatever their hint says; alpha beside lossy ones; a canvas with holes."""
    found = parse(webp_file(*chunks))

    assert found.probe.has_alpha is has_alpha
    assert parse(found.stripped()).probe.has_alpha is has_alpha


def test_lossless_pixels_are_made_to_say_that_they_have_alpha() -> None:
    """Or libvips would drop what is there."""
    assert parse(webp_file(LOSSLESS)).stripped() == webp_file(blocks.webp_lossless(has_alpha=True))


@pytest.mark.parametrize(
    ("chunks", "is_lossless"),
    [
        ([LOSSY], False),
        ([LOSSLESS], True),
        ([webp_canvas(flags=ANIMATION), ANIM, webp_frame(LOSSLESS), webp_frame(LOSSY)], False),
    ],
)
def test_lossless_is_what_has_no_lossy_frame(chunks: list[bytes], is_lossless: bool) -> None:
    """So that what lost nothing so far loses nothing here."""
    assert probe(webp_file(*chunks)).is_lossless is is_lossless


def test_bytes_after_the_end_are_no_fault() -> None:
    """The RIFF says how long it is."""
    assert probe(webp_file(LOSSY) + b"tail") == Probe(Format.WEBP, 8, 8)


def test_the_last_pad_byte_may_be_missing() -> None:
    """Some writers forget it."""
    data = webp_file(LOSSY, b"note\1\0\0\0x")

    assert probe(data) == Probe(Format.WEBP, 8, 8)


@pytest.mark.parametrize("length", range(12, len(webp_file(LOSSY))))
def test_a_cut_file_is_refused_wherever_it_is_cut(length: int) -> None:
    """The RIFF says how long it should be."""
    assert "it is cut off" in refusal(webp_file(LOSSY)[:length])


@pytest.mark.parametrize(
    ("chunks", "found"),
    [
        ([], "no pixels"),
        ([b"VP8"], "longer than the whole"),
        ([b"VP8 \xff\0\0\0"], "longer than the whole"),
        ([webp_chunk(b"ICCP", b"")], "no pixels"),
        ([webp_chunk(b"VP8 ", b"")], "begin wrongly"),
        ([webp_chunk(b"VP8 ", b"\1\0\0\x9d\x01\x2a\x08\0\x08\0")], "begin wrongly"),
        ([blocks.webp_lossy(0, 8)], "0x8"),
        ([blocks.webp_lossy(8, 0)], "8x0"),
        ([webp_chunk(b"VP8L", b"")], "begin wrongly"),
        ([webp_chunk(b"VP8L", b"\x2f\0\0\0\xff")], "begin wrongly"),
        ([webp_chunk(b"VP8X", bytes(9)), LOSSY], "its header is cut off"),
        ([webp_canvas()], "no pixels"),
        ([webp_canvas(9, 8), LOSSY], "differ in size"),
        ([webp_canvas(flags=ANIMATION), ANIM, LOSSY], "without frames"),
        ([webp_canvas(flags=ANIMATION), ANIM, webp_frame()], "no pixels"),
        ([webp_canvas(flags=ANIMATION), ANIM, webp_chunk(b"ANMF", b"")], "no pixels"),
        ([webp_canvas(flags=ANIMATION), ANIM, webp_frame(LOSSY, width=9)], "does not fit"),
        ([webp_canvas(flags=ANIMATION), ANIM, webp_frame(LOSSY, left=2)], "does not fit"),
        ([webp_canvas(flags=ANIMATION), ANIM, webp_frame(LOSSY, top=2)], "does not fit"),
    ],
)
def test_what_no_decoder_accepts_is_refused(chunks: list[bytes], found: str) -> None:
    """Wrong lengths, pixels that begin wrongly, sizes that contradict each other."""
    assert found in refusal(webp_file(*chunks))


def test_pixels_come_first_or_second_in_a_frame() -> None:
    """After alpha at most; a long list before them would take long to walk."""
    canvas = webp_canvas(flags=ANIMATION)
    other = webp_chunk(b"note", b"")

    assert probe(webp_file(canvas, ANIM, webp_frame(other, LOSSY, other))).frames == 1
    assert "no pixels" in refusal(webp_file(canvas, ANIM, webp_frame(other, other, LOSSY)))


def test_counting_ends_above_every_setting() -> None:
    """A flood of frames is counted far enough to be refused, and walked no further."""
    flood = [webp_frame(LOSSY)] * (FRAMES_COUNTED_MAX + 500)
    data = webp_file(webp_canvas(flags=ANIMATION), ANIM, *flood)

    assert probe(data).frames == FRAMES_COUNTED_MAX


def test_a_chunk_is_a_step() -> None:
    """The picture counts too, and the two of a frame that are looked at."""
    other = webp_chunk(b"note", b"")
    frame = webp_frame(other, LOSSY, other, other)
    animation = [webp_canvas(flags=ANIMATION), ANIM, frame * 10]
    for chunks, expected in (([LOSSY, other * 100], 101), (animation, 2 + 10 * 3)):
        steps = Steps()
        parse(webp_file(*chunks), steps)
        assert steps.taken == expected


def test_only_the_first_exif_is_looked_at() -> None:
    """As in every format."""
    camera = [webp_chunk(b"EXIF", blocks.exif(turn)) for turn in (6, 3)]
    steps = Steps()

    assert parse(webp_file(webp_canvas(), LOSSY, *camera), steps).probe.orientation == 6
    assert steps.taken == 2 + 2 + 2, "chunks, and entries as far as the second"


def test_what_no_pixel_needs_is_stripped_and_no_longer_announced() -> None:
    """EXIF, XMP, unknown chunks; and what follows the end."""
    secrets = [webp_chunk(kind, b"secret") for kind in (b"EXIF", b"XMP ", b"note")]
    data = webp_file(webp_canvas(flags=ALPHA | EXIF | XMP), LOSSY, *secrets) + b"secret"

    assert parse(data).stripped() == webp_file(webp_canvas(), LOSSY)


@pytest.mark.parametrize(
    "data",
    [
        webp_file(LOSSY),
        webp_file(blocks.webp_lossless(has_alpha=True)),
        webp_file(webp_canvas(flags=ALPHA), webp_chunk(b"ALPH", b"\0"), LOSSY),
        webp_file(webp_canvas(flags=PROFILE), webp_chunk(b"ICCP", bytes(100)), LOSSY),
        webp_file(webp_canvas(flags=ANIMATION), ANIM, webp_frame(LOSSY), webp_frame(LOSSY)),
        webp_file(webp_canvas(flags=ANIMATION | ALPHA), ANIM, webp_frame(LOSSLESS)),
    ],
)
def test_what_pixels_and_colours_need_is_kept(data: bytes) -> None:
    """Nothing to strip, nothing changed."""
    assert parse(data).stripped() == data


def test_a_colour_profile_above_the_limit_is_stripped() -> None:
    """And no longer announced."""
    profile = webp_chunk(b"ICCP", bytes(ICC_LENGTH_MAX + 1))
    data = webp_file(webp_canvas(flags=PROFILE), profile, LOSSY)

    assert parse(data).stripped() == webp_file(webp_canvas(), LOSSY)
