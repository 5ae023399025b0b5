"""What is accepted, how a crop box is put right, where bars go, which sizes are made."""

from dataclasses import astuple
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import BadImage, InvalidArguments, Refusal, TooLarge, TooManyFrames
from likeness.imaging.formats import Probe
from likeness.imaging.plan import (
    SCANS_MAX,
    Limits,
    Output,
    Plan,
    check_length,
    plan,
    plan_working_copy,
)
from likeness.model import SIZES, Crop, Format, Rendition, Window

BLACK: Final = (0, 0, 0)
LENIENT: Final = Limits(side_px_min=1)
sides = st.integers(1, 1024)
corners = st.integers(-50, 1100)


def planned(probe: Probe, crop: Crop | None = None, limits: Limits = LENIENT) -> Plan:
    """A plan with black bars."""
    return plan(probe, crop, limits, letterbox_rgb=BLACK)


def refused(probe: Probe, crop: Crop | None = None, limits: Limits | None = None) -> Refusal:
    """The refusal that a picture gets under the default limits."""
    with pytest.raises(Refusal) as caught:
        planned(probe, crop, limits or Limits())
    return caught.value


@given(width=sides, height=sides, x=corners, y=corners, w=corners)
def test_the_window_is_inside_or_the_box_was_outside(
    width: int, height: int, x: int, y: int, w: int
) -> None:
    """Whatever the box, either it is refused or what is cut lies inside the picture."""
    probe = Probe(Format.JPEG, width, height)
    try:
        made = planned(probe, Crop(x, y, w))
    except InvalidArguments:
        assert x >= width or y >= height
        return

    window = made.window
    assert 0 <= window.x
    assert window.x + window.w <= width
    assert 0 <= window.y
    assert window.y + window.h <= height
    if w > 0:
        assert window.w == window.h == min(w, width, height)
        assert made.place == Window(0, 0, window.w, window.h)


@given(width=sides, height=sides)
def test_bars_differ_by_one_pixel_at_most_and_the_odd_one_is_right_or_below(
    width: int, height: int
) -> None:
    """Without a crop box the whole picture stands in the middle of a square."""
    made = planned(Probe(Format.JPEG, width, height))
    place = made.place
    right = made.side - place.x - place.w
    below = made.side - place.y - place.h

    assert made.window == Window(0, 0, width, height)
    assert made.side == max(width, height)
    assert (place.w, place.h) == (width, height)
    assert right - place.x in {0, 1}
    assert below - place.y in {0, 1}
    assert 0 in {place.x + right, place.y + below}


@given(width=sides, height=sides)
def test_no_size_is_above_the_square_and_no_pixel_is_thrown_away(width: int, height: int) -> None:
    """Never upscale, never waste: the square at its own side is a size, at most 1024."""
    made = planned(Probe(Format.PNG, width, height))

    largest = min(made.side, 1024)
    assert max(made.sizes) == largest
    assert [size for size in SIZES if size < largest] == list(made.sizes[:-1])


@pytest.mark.parametrize(
    ("crop", "expected"),
    [
        (None, Window(0, 0, 800, 600)),
        (Crop(0, 0, 0), Window(0, 0, 800, 600)),
        (Crop(10, 20, -1), Window(0, 0, 800, 600)),
        (Crop(10, 20, 100), Window(10, 20, 100, 100)),
        (Crop(-1, -1, 100), Window(0, 0, 100, 100)),
        (Crop(200, 0, 600), Window(200, 0, 600, 600)),
    ],
)
def test_a_box_inside_is_used_as_it_is(crop: Crop | None, expected: Window) -> None:
    """Zero and negative widths mean no box, negative corners mean 0; none of that is a note."""
    made = planned(Probe(Format.JPEG, 800, 600), crop)

    assert expected == made.window
    assert made.notes == ()


@pytest.mark.parametrize(
    ("crop", "expected"),
    [
        (Crop(750, 0, 100), Window(700, 0, 100, 100)),
        (Crop(0, 599, 100), Window(0, 500, 100, 100)),
        (Crop(5, 5, 5000), Window(5, 0, 600, 600)),
    ],
)
def test_a_box_partly_outside_is_slid_or_shrunk_and_the_caller_is_told(
    crop: Crop, expected: Window
) -> None:
    """The note names the picture's size and the box used."""
    made = planned(Probe(Format.JPEG, 800, 600), crop)

    assert expected == made.window
    used = f"crop_x={expected.x} crop_y={expected.y} crop_w={expected.w}"
    assert made.notes == (f"crop box reached beyond the 800x600 picture; used {used}",)


@pytest.mark.parametrize(("crop", "argument"), [((800, 0), "crop_x"), ((0, 600), "crop_y")])
def test_a_box_wholly_outside_names_the_argument(crop: tuple[int, int], argument: str) -> None:
    """What was found, and what is allowed."""
    refusal = refused(Probe(Format.JPEG, 800, 600), Crop(*crop, 10))

    assert isinstance(refusal, InvalidArguments)
    assert argument == refusal.argument
    assert refusal.message.endswith(f"{argument} must be 0 to {max(crop) - 1}")


def test_a_box_is_in_pixels_of_the_upright_picture() -> None:
    """A phone's picture lying on its side is 600 wide and 800 high to its owner."""
    made = planned(Probe(Format.JPEG, 800, 600, orientation=6), Crop(0, 700, 100))

    assert Window(0, 700, 100, 100) == made.window


@pytest.mark.parametrize(
    ("width", "height", "kind"),
    [
        (1025, 1024, TooLarge),
        (1024, 1025, TooLarge),
        (511, 512, BadImage),
        (300, 200, BadImage),
        (2000, 100, TooLarge),
    ],
)
def test_sides_out_of_bounds_say_what_was_found_and_allowed(
    width: int, height: int, kind: type[Refusal]
) -> None:
    """Too large is told before too small, and the sentence is the same."""
    refusal = refused(Probe(Format.JPEG, width, height))

    assert kind is type(refusal)
    message = f"picture is {width}x{height} pixels; both sides must be 512 to 1024"
    assert message == refusal.message
    assert refusal.details == {"dims": f"{width}x{height}"}


def test_a_picture_exactly_at_the_limits_is_accepted() -> None:
    """512 and 1024 pixels, 100 frames."""
    assert planned(Probe(Format.GIF, 512, 1024, frames=100), None, Limits()).side == 1024


@pytest.mark.parametrize(
    ("probe", "limits", "found"),
    [
        (Probe(Format.GIF, 512, 512, frames=101), Limits(), "has 101 frames; at most 100"),
        (
            Probe(Format.WEBP, 600, 600, frames=3),
            Limits(animation_pixels_max=1_000_000),
            "has 3 frames of 600x600, 1080000 pixels in all; at most 1000000",
        ),
    ],
)
def test_too_many_frames_or_too_many_pixels_in_them(
    probe: Probe, limits: Limits, found: str
) -> None:
    """Both are the refusal of frames."""
    refusal = refused(probe, None, limits)

    assert isinstance(refusal, TooManyFrames)
    assert found in refusal.message


def test_a_picture_of_too_many_pixels_is_too_large() -> None:
    """Where long sides are allowed, the product is still bounded."""
    refusal = refused(Probe(Format.PNG, 9000, 9000), None, Limits(side_px_max=16_000))

    assert isinstance(refusal, TooLarge)
    assert "81000000 in all; at most 50331648" in refusal.message


def test_size_is_told_before_frames() -> None:
    """Contract § 2.1: dimensions, then frames."""
    assert isinstance(refused(Probe(Format.GIF, 2000, 2000, frames=500)), TooLarge)


def test_a_jpeg_of_too_many_scans_is_refused() -> None:
    """After its size, since a picture that is too large needs scaling, not another encoder."""
    planned(Probe(Format.JPEG, 600, 600, scans=SCANS_MAX))

    refusal = refused(Probe(Format.JPEG, 600, 600, scans=SCANS_MAX + 1))

    assert isinstance(refusal, BadImage)
    assert "101 scans; at most 100" in refusal.message
    assert isinstance(refused(Probe(Format.JPEG, 8000, 8000, scans=5000)), TooLarge)


def test_a_file_of_too_many_bytes_is_too_large() -> None:
    """The limit itself is allowed."""
    check_length(1024, Limits(length_max=1024))

    with pytest.raises(TooLarge, match="1025 bytes; at most 1024"):
        check_length(1025, Limits(length_max=1024))


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        (Probe(Format.JPEG, 9, 9), Format.JPEG),
        (Probe(Format.PNG, 9, 9), Format.PNG),
        (Probe(Format.GIF, 9, 9), Format.GIF),
        (Probe(Format.WEBP, 9, 9), Format.JPEG),
        (Probe(Format.WEBP, 9, 9, has_alpha=True), Format.PNG),
        (Probe(Format.WEBP, 9, 9, is_lossless=True), Format.PNG),
        (Probe(Format.WEBP, 9, 9, frames=2, has_alpha=True), Format.GIF),
    ],
)
def test_each_format_has_its_output(probe: Probe, expected: Format) -> None:
    """Contract § 5.2."""
    assert expected is planned(probe).format


def test_bars_are_clear_where_the_picture_has_alpha() -> None:
    """Contract § 4.6."""
    assert planned(Probe(Format.PNG, 9, 8)).background == BLACK
    assert planned(Probe(Format.PNG, 9, 8, has_alpha=True)).background is None


def test_an_animation_has_a_still_twin_of_every_size() -> None:
    """The outputs say what each file must be."""
    made = planned(Probe(Format.GIF, 30, 40, frames=2))

    assert made.outputs == (
        Output("original", Format.GIF, 30, 40, 2),
        Output("24", Format.GIF, 24, 24, 2),
        Output("32", Format.GIF, 32, 32, 2),
        Output("40", Format.GIF, 40, 40, 2),
        Output("24_still", Format.PNG, 24, 24),
        Output("32_still", Format.PNG, 32, 32),
        Output("40_still", Format.PNG, 40, 40),
    )


@pytest.mark.parametrize(
    ("probe", "crop", "twin"),
    [
        (Probe(Format.JPEG, 512, 512), None, 512),
        (Probe(Format.JPEG, 512, 512), Crop(0, 0, 512), 512),
        (Probe(Format.JPEG, 512, 512), Crop(0, 0, 511), None),
        (Probe(Format.JPEG, 512, 511), None, None),
        (Probe(Format.JPEG, 600, 600), None, 600),
        (Probe(Format.JPEG, 513, 1024), None, None),
    ],
)
def test_only_an_uncut_square_of_some_size_is_the_original(
    probe: Probe, crop: Crop | None, twin: int | None
) -> None:
    """That file is made once, sent once, and given twice."""
    made = planned(probe, crop)
    names = [out.name for out in made.outputs]
    files = tuple(Rendition(name, Format.JPEG, name.encode()) for name in names)
    given = {each.name: each.data for each in made.complete(files, b"source")}

    assert made.twin == twin
    assert ("original" in names) == (twin is None)
    assert list(given) == ["original", *map(str, made.sizes)]
    assert given["original"] == (str(twin).encode() if twin else b"original")


@given(width=sides, height=sides, size=st.sampled_from(SIZES))
def test_a_scaled_window_stands_where_it_stood(width: int, height: int, size: int) -> None:
    """In proportion to the last pixel, or it is not said where."""
    made = planned(Probe(Format.JPEG, width, height))
    place = made.scaled(size)

    if place is not None:
        found = tuple(length * made.side for length in astuple(place))
        assert found == tuple(length * size for length in astuple(made.place))
    assert (made.scaled(made.side), made.scaled(made.side * 2)) != (None, None)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (4096, 4096, (4096, 4096)),
        (800, 600, (800, 600)),
        (8192, 6000, (4096, 3000)),
        (5000, 9999, (2048, 4096)),
    ],
)
def test_a_working_copy_fits_into_its_side(
    width: int, height: int, expected: tuple[int, int]
) -> None:
    """Scaled in proportion, never up."""
    limits = Limits(side_px_max=4096)
    made = plan_working_copy(Probe(Format.JPEG, width, height), limits, letterbox_rgb=BLACK)

    assert expected == (made.width, made.height)
    assert [out.name for out in made.outputs] == ["working"]


@given(width=st.integers(512, 20_000), height=st.integers(512, 20_000), turn=st.integers(1, 8))
def test_a_working_copy_can_always_be_cropped_from(width: int, height: int, turn: int) -> None:
    """What `prepare` accepts, `develop` accepts with the same limits."""
    limits = Limits(side_px_max=4096)
    probe = Probe(Format.JPEG, width, height, orientation=turn)
    try:
        made = plan_working_copy(probe, limits, letterbox_rgb=BLACK)
    except (TooLarge, BadImage):
        return

    copy = Probe(Format.JPEG, made.width, made.height)
    assert planned(copy, None, limits).side <= 4096
    assert sorted(made.stored) == sorted((made.width, made.height))


@pytest.mark.parametrize(
    ("probe", "kind"),
    [
        (Probe(Format.JPEG, 10_000, 5034), TooLarge),
        (Probe(Format.PNG, 8192, 6145), TooLarge),
        (Probe(Format.JPEG, 20_000, 600), BadImage),
        (Probe(Format.JPEG, 400, 400), BadImage),
        (Probe(Format.GIF, 600, 600, frames=101), TooManyFrames),
        (Probe(Format.JPEG, 600, 600, scans=101), BadImage),
    ],
)
def test_a_picture_that_makes_no_working_copy(probe: Probe, kind: type[Refusal]) -> None:
    """Too many pixels, a side too short once it is scaled, too many frames or scans."""
    with pytest.raises(kind):
        plan_working_copy(probe, Limits(side_px_max=4096), letterbox_rgb=BLACK)


@pytest.mark.parametrize(
    ("width", "height", "words"),
    [
        (300, 200, "picture is 300x200 pixels; both sides must have 512 or more"),
        (
            20_000,
            600,
            "picture is 20000x600 pixels, 4096x123 once it is scaled down; both",
        ),
    ],
)
def test_a_side_that_is_or_becomes_too_short_is_told_apart(
    width: int, height: int, words: str
) -> None:
    """What was found, what would become of it, and what is allowed."""
    probe = Probe(Format.JPEG, width, height)

    with pytest.raises(BadImage) as refusal:
        plan_working_copy(probe, Limits(side_px_max=4096), letterbox_rgb=BLACK)

    assert refusal.value.message.startswith(words)


def test_a_file_may_be_longer_than_its_raw_pixels_but_not_by_much() -> None:
    """The parent reads no more than this from a worker."""
    output = Output("512", Format.PNG, 512, 512)

    assert 512 * 512 * 4 < output.length_max < 2 * 512 * 512 * 4
