"""Animated PNGs, chunk by chunk: which frames are whole, and what is left of a damaged file."""

import struct
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from likeness.errors import BadImage
from likeness.imaging.formats import FRAMES_COUNTED_MAX, WHOLE_PIXELS, png
from likeness.imaging.formats.steps import Steps
from likeness.imaging.probe import parse, probe
from support.apng import LIES_OVER, UNDONE, WIPED, Shot, apng_of
from support.blocks import png_chunk
from support.pictures import opened

SIZE: Final = (8, 6)
Chunks = list[tuple[bytes, bytes]]
"""Kinds and payloads."""

STANDS_STILL: Final = "the one picture of it that is whole was used"


def shot(left: int = 0, top: int = 0, width: int = 8, height: int = 6, **how: int) -> Shot:
    """An opaque frame of one colour."""
    return Shot(Image.new("RGB", (width, height), (left, 9, top)), left, top, **how)


FOUR: Final = apng_of(SIZE, [shot()] * 4, mode="RGB", plays=3)
OUTSIDE: Final = apng_of(SIZE, [shot()] * 2, mode="RGB", still=Image.new("RGB", SIZE))
# IHDR, acTL, fcTL, IDAT, and three times fcTL, fdAT.
BEGIN, FIRST, PIXELS, SECOND, SECOND_PIXELS, THIRD, THIRD_PIXELS, FOURTH = range(1, 9)


def chunks(data: bytes) -> Chunks:
    """What a PNG consists of."""
    found, at = [], 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += length + 12
    return found


def joined(parts: Chunks) -> bytes:
    """A PNG of these chunks."""
    return png.MAGIC + b"".join(png_chunk(kind, payload) for kind, payload in parts)


def without(*places: int) -> bytes:
    """Four frames without some chunks."""
    return joined([each for place, each in enumerate(chunks(FOUR)) if place not in places])


def changed(place: int, at: int, said: bytes) -> bytes:
    """Four frames, one chunk of which says something else."""
    parts = chunks(FOUR)
    kind, payload = parts[place]
    parts[place] = kind, payload[:at] + said + payload[at + len(said) :]
    return joined(parts)


def damaged(place: int) -> bytes:
    """Four frames, one chunk of which has a wrong checksum."""
    data = bytearray(FOUR)
    end = 8 + sum(len(payload) + 12 for _, payload in chunks(FOUR)[: place + 1])
    data[end - 1] ^= 1
    return bytes(data)


def announcing(count: int, data: bytes = FOUR) -> bytes:
    """A file that says that it has so many frames."""
    parts = chunks(data)
    parts[BEGIN] = b"acTL", struct.pack(">II", count, 0)
    return joined(parts)


def test_frames_are_counted_and_kept() -> None:
    """The file is as it was; nothing has to be said."""
    found = parse(FOUR)

    assert (found.probe.frames, found.probe.has_alpha, found.notes) == (4, False, ())
    assert found.stripped() == FOUR


def test_what_was_said_of_time_and_place_is_known() -> None:
    """And each frame is a PNG of its own."""
    data = apng_of(SIZE, [shot(), shot(3, 2, 4, 3, fate=UNDONE, blend=LIES_OVER)], plays=7)
    found = png.moving(data, Steps())

    assert found
    assert (found.canvas, found.animation.plays) == (SIZE, 7)
    first, second = found.animation.frames
    assert (first.box, first.is_undone, first.lies_over) == ((0, 0, 8, 6), False, False)
    assert (second.box, second.is_undone, second.lies_over) == ((3, 2, 4, 3), True, True)
    assert [opened(each).size for each in found.pictures] == [(8, 6), (4, 3)]


@pytest.mark.parametrize(
    ("delay", "expected_ms"),
    [((7, 100), 70), ((1, 60), 17), ((5, 0), 50), ((0, 1000), 0), ((65535, 1), 65_535_000)],
)
def test_delays_are_rounded(delay: tuple[int, int], expected_ms: int) -> None:
    """To the next millisecond; a hundredth of a second is the unit where none is said."""
    found = png.moving(apng_of(SIZE, [shot()] * 2, delay=delay), Steps())

    assert found
    assert [frame.delay_ms for frame in found.animation.frames] == [expected_ms] * 2


@pytest.mark.parametrize(
    ("shots", "has_alpha"),
    [
        ([shot(), shot(1, 1, 2, 2)], False),
        ([shot(), shot(1, 1, 2, 2, fate=UNDONE), shot()], False),
        ([shot(fate=UNDONE), shot()], True),
        ([shot(), shot(1, 1, 2, 2, fate=WIPED), shot()], True),
    ],
)
def test_there_may_be_holes_where_the_canvas_is_wiped(
    shots: list[Shot], *, has_alpha: bool
) -> None:
    """Or where nothing was drawn before."""
    assert probe(apng_of(SIZE, shots, mode="RGB")).has_alpha is has_alpha


def test_the_picture_for_other_programs_may_be_no_frame() -> None:
    """Then the first frame need not fill the canvas, and the rest of it is clear."""
    assert probe(OUTSIDE).frames == 2
    assert not probe(OUTSIDE).has_alpha
    small = apng_of(SIZE, [shot(1, 1, 2, 2)] * 2, mode="RGB", still=Image.new("RGB", SIZE))
    assert probe(small).has_alpha
    assert parse(OUTSIDE).stripped() == OUTSIDE


@pytest.mark.parametrize(
    ("data", "frames"),
    [
        (announcing(9), 4),
        (without(THIRD_PIXELS), 2),
        (without(FOURTH), 2),
        (damaged(FOURTH), 2),
        (damaged(THIRD_PIXELS), 2),
        (changed(THIRD, 24, b"\7"), 2),
        (changed(THIRD, 25, b"\7"), 2),
        (changed(THIRD, 4, bytes(4)), 2),
        (changed(THIRD, 12, b"\0\0\0\1"), 2),
        (changed(THIRD, 19, b"\1"), 2),
        (FOUR[:-12], 3),
        (FOUR[:-40], 3),
    ],
)
def test_damage_ends_an_animation_before_its_frame(data: bytes, frames: int) -> None:
    """As in browsers: what is left is shown and said. What was lost may have been pixels."""
    found = parse(data)

    assert (found.probe.frames, found.probe.is_damaged) == (frames, False)
    assert found.notes == (f"the file is cut off or damaged; {frames} whole frames were used",)
    again = parse(found.stripped())
    assert (again.probe, again.notes) == (found.probe, ())


@pytest.mark.parametrize(
    "data",
    [
        without(SECOND),
        without(FIRST),
        without(SECOND_PIXELS),
        damaged(SECOND),
        changed(FIRST, 7, b"\7"),
        changed(SECOND_PIXELS, 0, b"\7"),
        joined(
            [
                *chunks(FOUR)[: PIXELS + 1],
                (b"fdAT", struct.pack(">I", 1) + b"?"),
                *chunks(FOUR)[-1:],
            ]
        ),
        joined(
            [*chunks(FOUR)[:FIRST], *chunks(FOUR)[FIRST : FIRST + 1] * 2, *chunks(FOUR)[PIXELS:]]
        ),
        joined([*chunks(FOUR)[:THIRD], chunks(FOUR)[PIXELS], *chunks(FOUR)[THIRD:]]),
        joined(
            [
                chunks(FOUR)[0],
                *chunks(FOUR)[FIRST:THIRD],
                chunks(FOUR)[BEGIN],
                *chunks(FOUR)[THIRD:],
            ]
        ),
    ],
)
def test_what_has_one_whole_picture_stands_still(data: bytes) -> None:
    """The one that other programs show."""
    found = parse(data)

    assert (found.probe.frames, found.notes) == (
        1,
        (f"this animated PNG is cut off or damaged; {STANDS_STILL}",),
    )
    assert next(kind for kind, _ in chunks(found.stripped())) == b"IHDR"
    assert not {b"acTL", b"fcTL", b"fdAT"} & {kind for kind, _ in chunks(found.stripped())}
    assert png.moving(found.stripped(), Steps()) is None


@pytest.mark.parametrize(
    "data",
    [announcing(0), announcing(1), without(BEGIN), damaged(BEGIN), changed(BEGIN, 8, b"?")],
)
def test_an_animation_of_one_frame_loses_nothing(data: bytes) -> None:
    """It stands still everywhere, as does one that is none."""
    found = parse(data)

    assert (found.probe.frames, found.notes) == (1, ())


def test_no_more_frames_are_used_than_were_announced() -> None:
    """As in browsers."""
    found = parse(announcing(2))

    assert (found.probe.frames, found.notes) == (2, ())
    assert len(found.stripped()) < len(FOUR)


def test_the_first_of_several_beginnings_counts() -> None:
    """As in browsers."""
    twice = chunks(FOUR)
    twice.insert(FIRST, (b"acTL", struct.pack(">II", 2, 0)))

    assert probe(joined(twice)).frames == 4


def test_wrong_checksums_of_the_first_frame_are_for_a_decoder() -> None:
    """It is also the picture of a still."""
    found = parse(damaged(PIXELS))

    assert (found.probe.frames, found.probe.is_damaged, found.notes) == (4, True, (WHOLE_PIXELS,))


def test_counting_stops_where_no_more_may_be_allowed() -> None:
    """Two frames more than that are one more."""
    data = apng_of((1, 1), [shot(0, 0, 1, 1)] * (FRAMES_COUNTED_MAX + 2), mode="RGB")

    assert probe(data).frames == FRAMES_COUNTED_MAX
    assert parse(data).notes == ()


def test_pixels_in_several_chunks_are_put_together() -> None:
    """Encoders write as many as they like."""
    parts = chunks(FOUR)
    kind, payload = parts[SECOND_PIXELS]
    numbers = iter(range(20))
    parts[SECOND_PIXELS : SECOND_PIXELS + 1] = [
        (kind, bytes(4) + payload[4:9]),
        (kind, bytes(4) + payload[9:]),
    ]
    data = joined(
        [
            (kind, struct.pack(">I", next(numbers)) + said[4:])
            if kind in {b"fcTL", b"fdAT"}
            else (kind, said)
            for kind, said in parts
        ]
    )
    found = png.moving(data, Steps())

    assert found
    assert len({opened(each).tobytes() for each in found.pictures}) == 1


@given(st.data())
def test_whatever_is_done_to_a_file(draw: st.DataObject) -> None:
    """Each frame that is used lies on the canvas and is a PNG; the stripped file says the same."""
    parts = chunks(draw.draw(st.sampled_from([FOUR, OUTSIDE])))
    edits: list[Callable[[int], Chunks]] = [
        lambda at: parts[:at] + parts[at + 1 :],
        lambda at: parts[:at] + parts[at : at + 1] * 2 + parts[at + 1 :],
        lambda at: [*parts[:at], (parts[at][0], _bitten(draw, parts[at][1])), *parts[at + 1 :]],
    ]
    for _ in range(draw.draw(st.integers(1, 4))):
        parts = draw.draw(st.sampled_from(edits))(draw.draw(st.integers(1, len(parts) - 1)))
    data = joined(parts)[: draw.draw(st.one_of(st.none(), st.integers(40, 600)))]
    try:
        found = parse(data)
    except BadImage:
        return
    again = parse(found.stripped())
    assert (again.probe.frames, again.stripped()) == (found.probe.frames, found.stripped())
    moving = png.moving(found.stripped(), Steps())
    assert (len(moving.animation.frames) if moving else 1) == found.probe.frames
    for frame, picture in (
        zip(moving.animation.frames, moving.pictures, strict=True) if moving else ()
    ):
        left, top, width, height = frame.box
        assert 0 <= left < left + width <= found.probe.width
        assert 0 <= top < top + height <= found.probe.height
        assert (probe(picture).width, probe(picture).height) == (width, height)


def _bitten(draw: st.DataObject, payload: bytes) -> bytes:
    at = draw.draw(st.integers(0, len(payload)))
    return (
        payload[:at]
        + draw.draw(st.binary(max_size=4))
        + payload[at + draw.draw(st.integers(0, 4)) :]
    )
