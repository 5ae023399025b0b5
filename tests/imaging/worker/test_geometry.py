"""Turning, cutting, padding and scaling, judged by Pillow and by exact pixels."""

import numpy as np
import pytest
import pyvips
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from likeness.imaging.formats import Probe
from likeness.imaging.plan import Limits, plan
from likeness.imaging.worker.geometry import Level, ladder, scaled, squared, turned
from likeness.model import SIZES, Crop, Format
from support.pictures import photo


def vips(picture: Image.Image) -> pyvips.Image:
    """The same pixels in libvips."""
    return pyvips.Image.new_from_array(np.asarray(picture)).copy(interpretation="srgb")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_as_pillow_turns_it(orientation: int) -> None:
    """Pixel by pixel."""
    picture = photo(7, 5)
    picture.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(picture))

    assert np.array_equal(expected, turned(vips(picture), orientation).numpy())


@pytest.mark.parametrize(
    ("width", "height", "left", "top"), [(8, 5, 0, 1), (5, 8, 1, 0), (6, 6, 0, 0)]
)
def test_bars_have_the_colour_and_the_odd_pixel_is_right_or_below(
    width: int, height: int, left: int, top: int
) -> None:
    """The picture stands unchanged between them."""
    picture = photo(width, height)
    limits = Limits(side_px_min=1)
    made = plan(Probe(Format.JPEG, width, height), None, limits, letterbox_rgb=(9, 8, 7))
    expected = np.full((max(width, height), max(width, height), 3), (9, 8, 7), np.uint8)
    expected[top : top + height, left : left + width] = np.asarray(picture)

    assert np.array_equal(expected, squared(vips(picture), made, made.side).numpy())


def test_a_crop_cuts_exactly_its_box() -> None:
    """Nothing is scaled or padded."""
    picture = photo(20, 10)
    limits = Limits(side_px_min=1)
    made = plan(Probe(Format.JPEG, 20, 10), Crop(3, 2, 6), limits, letterbox_rgb=(0, 0, 0))

    assert np.array_equal(
        np.asarray(picture)[2:8, 3:9], squared(vips(picture), made, made.side).numpy()
    )


@settings(max_examples=60, deadline=None)
@given(base=st.integers(1, 300), share=st.floats(0, 1))
def test_a_scaled_picture_has_exactly_the_size_asked_for(base: int, share: float) -> None:
    """Whatever rounding happens inside."""
    size = max(1, round(base * share))
    image = scaled(pyvips.Image.black(base, base, bands=3), size, size)

    assert (size, size) == (image.width, image.height)


@pytest.mark.parametrize("size", [60, 30, 24])
def test_invisible_colours_do_not_bleed(size: int) -> None:
    """A red square on invisible green keeps red edges."""
    pixels = np.zeros((60, 60, 4), np.uint8)
    pixels[:, :] = (0, 255, 0, 0)
    pixels[13:47, 13:47] = (255, 0, 0, 255)

    small = scaled(vips(Image.fromarray(pixels, "RGBA")), size, size).numpy()
    visible = small[small[..., 3] > 16]
    assert len(visible)
    assert visible[:, 1].max() <= 2 or size == 60


def test_the_ladder_steps_down_from_the_nearest_large_level() -> None:
    """1024 to 512 to 192, and the small ones all from 192."""
    assert list(ladder(1024, SIZES)) == [
        (1024, 1024),
        (512, 1024),
        (192, 512),
        (72, 192),
        (48, 192),
        (32, 192),
        (24, 192),
    ]
    assert list(ladder(100, (24, 32, 48, 72)))[-1] == (24, 100)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("side", [64, 32, 24])
def test_a_level_is_the_same_to_both_libraries(mode: str, side: int) -> None:
    """Whichever of them made it, and as libvips alone would have, but for rounding."""
    whole = vips(photo(64, 64).convert(mode))
    level = Level.kept(whole).scaled(side)

    assert np.array_equal(level.image.numpy(), np.asarray(level.picture))
    alone = scaled(whole, side, side).numpy().astype(int)
    assert np.abs(alone - level.image.numpy()).max() <= 1


def test_a_square_picture_is_its_own_level() -> None:
    """Nothing is copied, whichever library holds it."""
    picture = photo(512, 512)
    todo = plan(Probe(Format.JPEG, 512, 512), None, Limits(), letterbox_rgb=(0, 0, 0))

    for level in (Level.kept(vips(picture)), Level(picture=picture)):
        assert level.square(todo) is level
        assert level.scaled(512) is level


@pytest.mark.parametrize(
    ("width", "height", "crop"),
    [
        (40, 30, None),
        (192, 41, None),
        (90, 80, Crop(7, 3, 72)),
        (1280, 960, None),
        (1200, 805, None),
    ],
)
def test_both_libraries_cut_and_pad_to_the_same_square(
    width: int, height: int, crop: Crop | None
) -> None:
    """No larger than the largest size; some are scaled, before or after they are padded."""
    picture = photo(width, height)
    limits = Limits(side_px_min=1, side_px_max=2048)
    made = plan(Probe(Format.JPEG, width, height), crop, limits, letterbox_rgb=(9, 8, 7))
    levels = [Level.kept(vips(picture)).square(made), Level(picture=picture).square(made)]

    first, second = (np.asarray(level.picture).astype(int) for level in levels)
    side = min(made.side, 1024)
    assert first.shape == (side, side, 3)
    assert np.array_equal(first, second)


def test_a_picture_that_is_scaled_before_it_is_padded_looks_the_same() -> None:
    """But for the pixels beside the bars, which the bars no longer darken."""
    picture = photo(96, 72)
    limits = Limits(side_px_min=1)
    made = plan(Probe(Format.JPEG, 96, 72), None, limits, letterbox_rgb=(0, 0, 0))
    padded = np.zeros((96, 96, 3), np.uint8)
    padded[12:84] = np.asarray(picture)
    expected = scaled(vips(Image.fromarray(padded)), 48, 48).numpy().astype(int)

    found = squared(vips(picture), made, 48).numpy().astype(int)

    assert (found[[0, 5, 42, 47]] == 0).all()
    assert np.abs(expected - found)[9:39].max() <= 1
