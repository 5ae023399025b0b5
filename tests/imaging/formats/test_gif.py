"""GIF files, block by block: how many frames are whole, and what survives stripping."""

import pytest

from likeness.errors import BadImage
from likeness.imaging.formats import FRAMES_COUNTED_MAX, WHOLE_PIXELS, Probe, gif
from likeness.imaging.formats.steps import STEPS_MAX, Steps
from likeness.imaging.probe import parse, probe
from likeness.model import Format
from support import pictures
from support.blocks import gif_control, gif_extension, gif_frame, gif_screen

SCREEN = gif_screen()
FRAME = gif_frame()
WIPED, UNDONE = 2 << 2, 3 << 2
TINY = gif_frame(width=1, height=1)
LOOP = gif_extension(0xFF, b"NETSCAPE2.0", b"\1\0\0")


def refusal(data: bytes) -> str:
    """What the caller is told about a GIF that is refused."""
    with pytest.raises(BadImage) as caught:
        probe(data)
    return caught.value.message


def test_frames_are_counted() -> None:
    """Of an animation as encoders write it."""
    assert probe(pictures.gif(40, 30, 5)) == Probe(Format.GIF, 40, 30, 5)


def test_the_built_frames_of_these_tests_are_right() -> None:
    """Another decoder reads them."""
    assert pictures.opened(SCREEN + FRAME + b"\x3b").size == (8, 8)


def test_a_frame_may_bring_its_own_colours() -> None:
    """A local colour table lies between the frame's header and its pixels."""
    own = FRAME[:9] + b"\x80" + bytes(6) + FRAME[10:]

    assert probe(SCREEN + own + FRAME + b"\x3b").frames == 2


def test_the_screen_may_have_no_colours() -> None:
    """Then each frame brings its own."""
    screen = SCREEN[:10] + b"\0\0\0"

    assert probe(screen + FRAME + b"\x3b") == Probe(Format.GIF, 8, 8)


@pytest.mark.parametrize(
    ("blocks", "has_alpha"),
    [
        (FRAME, False),
        (gif_control(0) + FRAME, False),
        (gif_control(1) + FRAME, True),
        (FRAME + gif_control(1) + FRAME, False),
        (gif_control(1) + gif_extension(0xFE) + FRAME, True),
        (gif_extension(0xF9) + FRAME, False),
        (gif_control(WIPED) + FRAME + FRAME, False),
        (gif_control(WIPED) + FRAME + TINY, True),
        (gif_control(UNDONE) + FRAME + TINY, True),
        (FRAME + gif_control(UNDONE) + FRAME + TINY, False),
        (gif_frame(left=1, width=7), True),
        (gif_frame(height=7) + FRAME, True),
        (FRAME + TINY, False),
    ],
)
def test_alpha_is_where_the_canvas_stays_empty(blocks: bytes, has_alpha: bool) -> None:
    """Transparent or small frames leave holes at first and after a wipe, else they change less."""
    assert probe(SCREEN + blocks + b"\x3b").has_alpha is has_alpha


def test_layers_say_where_frames_lie_and_what_becomes_of_them() -> None:
    """A control is for the next frame only; of two the last one counts."""
    data = gif_screen() + gif_frame() + gif_control(4) + gif_control(9) + gif_frame(3, 4, 5, 2)
    data += gif_extension(0xFE, b"hello") + gif_frame(1, 0, 2, 2) + gif_control(12) + gif_frame()

    drawn = [(layer[:4], *layer[4:]) for layer in gif.layers(data + b";")]

    assert [
        ((0, 0, 8, 8), False, False, False),
        ((3, 4, 5, 2), True, True, False),
        ((1, 0, 2, 2), False, False, False),
        ((0, 0, 8, 8), False, False, True),
    ] == drawn


def test_the_canvas_holds_the_screen_and_every_frame() -> None:
    """Whichever is larger, so that no decoder is surprised."""
    data = SCREEN + gif_frame(left=2, top=0) + gif_frame(left=0, top=5)

    assert probe(data) == Probe(Format.GIF, 10, 13, 2, has_alpha=True)


def test_a_canvas_without_pixels_is_refused() -> None:
    """Neither the screen nor a frame has a size."""
    assert "0x0 pixels" in refusal(gif_screen(0, 0) + gif_frame(width=0, height=0))


PIXELS_AT = len(SCREEN) + 11


@pytest.mark.parametrize("length", range(PIXELS_AT + 1, len(SCREEN + FRAME)))
def test_a_file_cut_in_its_first_pixels_is_for_a_decoder_to_look_at(length: int) -> None:
    """Closed where it is cut, it is a GIF again."""
    found = parse((SCREEN + FRAME)[:length])

    assert found.probe == Probe(Format.GIF, 8, 8, is_damaged=True)
    assert found.notes == (WHOLE_PIXELS,)
    assert probe(found.stripped()) == Probe(Format.GIF, 8, 8)


@pytest.mark.parametrize("length", range(6, PIXELS_AT + 1))
def test_a_file_cut_within_its_first_frame_is_refused(length: int) -> None:
    """Nothing of it can be shown before its first pixel."""
    found = refusal((SCREEN + FRAME)[:length])

    assert "it is cut off" in found or "no whole frame" in found


@pytest.mark.parametrize("kept", range(len(gif_control(1) + FRAME)))
def test_a_file_cut_later_keeps_its_whole_frames(kept: int) -> None:
    """With or without a piece of the next one, of its control, or of the trailer."""
    cut = (gif_control(1) + gif_frame(width=9))[:kept]

    assert probe(SCREEN + FRAME * 2 + cut) == Probe(Format.GIF, 8, 8, 2)
    assert parse(SCREEN + FRAME * 2 + cut).stripped() == SCREEN + FRAME * 2 + b"\x3b"


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (FRAME + b"\x3b", ()),
        (FRAME * 2 + b"\x3b" + FRAME, ()),
        (FRAME * 3, ("the file is cut off or damaged; 3 whole frames were used",)),
        (FRAME * 3 + FRAME[:-1], ("the file is cut off or damaged; 3 whole frames were used",)),
        (FRAME + b"\0\x3b", ("the file is cut off or damaged; 1 whole frame was used",)),
        (FRAME + gif_control(1), ("the file is cut off or damaged; 1 whole frame was used",)),
        (FRAME * (FRAMES_COUNTED_MAX + 1) + b"\x3b", ()),
    ],
)
def test_what_a_cut_leaves_is_told(data: bytes, notes: tuple[str, ...]) -> None:
    """Of a file that does not end with its end marker; one of too many frames is refused anyway."""
    assert parse(SCREEN + data).notes == notes


def test_a_byte_that_begins_no_block_ends_the_file() -> None:
    """What follows cannot be understood."""
    assert probe(SCREEN + FRAME + b"\0" + FRAME).frames == 1
    assert "no whole frame" in refusal(SCREEN + b"\0" + FRAME)


def test_a_frame_with_an_impossible_code_length_is_not_whole() -> None:
    """LZW codes have 2 to 12 bits."""
    broken = FRAME[:10] + b"\x0c" + FRAME[11:]

    assert probe(SCREEN + FRAME + broken).frames == 1


def test_counting_ends_above_every_setting() -> None:
    """A flood of frames is counted far enough to be refused, and walked no further."""
    flood = SCREEN + (gif_control() + TINY) * (FRAMES_COUNTED_MAX + 500)

    assert probe(flood).frames == FRAMES_COUNTED_MAX


def test_a_block_is_a_step() -> None:
    """With the first sixteen of its sub-blocks, and each sixteen short ones more."""
    for data, expected in (
        (gif_extension(0xFE) * 100 + FRAME, 101),
        (FRAME[:11] + b"\1\0" * 160 + b"\0", 1 + 10),
        (FRAME[:11] + (b"\x20" + bytes(32)) * 160 + b"\0", 1),
    ):
        steps = Steps()
        parse(SCREEN + data, steps)
        assert steps.taken == expected


def test_pixels_may_come_in_any_number_of_full_sub_blocks() -> None:
    """32 MiB have 131 072 of them."""
    data = SCREEN + FRAME[:11] + (b"\xff" + bytes(255)) * 2**17 + b"\0\x3b"

    assert parse(data).stripped() == data


def test_pixels_in_tiny_portions_are_refused() -> None:
    """Those of one byte take long to walk."""
    tiny = FRAME[:11] + b"\1\0" * (STEPS_MAX * 16) + b"\0"

    assert "parts" in refusal(SCREEN + tiny)


def test_layers_have_a_budget_of_their_own() -> None:
    """Who draws the frames asks again, for the stripped file."""
    with pytest.raises(BadImage, match="parts"):
        gif.layers(SCREEN + gif_extension(0xFE) * STEPS_MAX + FRAME)


@pytest.mark.parametrize(
    "block",
    [
        gif_extension(0xFE, b"secret"),
        gif_extension(0x01, bytes(12), b"secret"),
        gif_extension(0xFF, b"XMP DataXMP", b"secret"),
        gif_extension(0xFF, b"ICCRGBG1012", b"secret"),
    ],
    ids=["comment", "plain text", "XMP", "profile"],
)
def test_what_no_pixel_needs_is_stripped(block: bytes) -> None:
    """Wherever it stands, and what follows the end."""
    data = SCREEN + block + FRAME + block + FRAME + block + b"\x3b" + b"secret"

    assert parse(data).stripped() == SCREEN + FRAME * 2 + b"\x3b"


def test_delays_and_repeats_are_kept() -> None:
    """They are part of what an animation shows."""
    data = SCREEN + LOOP + (gif_control(1) + FRAME) * 2 + b"\x3b"

    assert parse(data).stripped() == data
