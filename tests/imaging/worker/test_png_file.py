"""PNGs of our own: the same pixels to two other decoders, as short as libvips' own, read once."""

import numpy as np
import pytest
import pyvips
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from likeness.imaging.probe import probe
from likeness.imaging.worker import png_file
from likeness.imaging.worker.png_file import STRIP_LENGTH, png
from support.pictures import encode, opened, photo

Pixels = NDArray[np.uint8]

SEVERAL_STRIPS = (700, STRIP_LENGTH // 700 + 5)
"""Columns and rows of RGB that take four strips, of which the last is short."""


def in_libvips(picture: Pixels) -> pyvips.Image:
    """Rows, columns and bands as libvips has them."""
    return pyvips.Image.new_from_array(picture).copy(interpretation="srgb")


def noise(width: int, height: int, bands: int) -> Pixels:
    """Bytes that nothing can be foretold of."""
    return np.random.default_rng(0).integers(0, 256, (height, width, bands), np.uint8)


@given(width=st.integers(1, 70), height=st.integers(1, 70), bands=st.sampled_from([3, 4]))
@settings(deadline=None)
def test_two_decoders_see_the_same_pixels(width: int, height: int, bands: int) -> None:
    """Pillow and libvips, at any size, with and without alpha."""
    pixels = noise(width, height, bands)

    data = png(in_libvips(pixels))

    assert np.array_equal(pixels, np.asarray(opened(data)))
    assert np.array_equal(pixels, pyvips.Image.pngload_buffer(data, fail_on="warning").numpy())


def test_a_row_may_be_longer_than_a_strip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then each is worked on by itself."""
    monkeypatch.setattr(png_file, "STRIP_LENGTH", 10)
    pixels = noise(20, 5, 4)

    assert np.array_equal(pixels, np.asarray(opened(png(in_libvips(pixels)))))


def test_strips_are_one_picture() -> None:
    """The first row of each is what differs from the last row of the one before."""
    pixels = np.asarray(photo(*SEVERAL_STRIPS))

    assert pixels.nbytes > 3 * STRIP_LENGTH
    assert np.array_equal(pixels, np.asarray(opened(png(in_libvips(pixels)))))


def test_the_probe_finds_it_whole() -> None:
    """It follows the checksums, and knows what is in the header."""
    seen = probe(png(in_libvips(noise(30, 20, 4))))

    assert (seen.width, seen.height, seen.has_alpha) == (30, 20, True)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_as_short_as_libvips_makes_it_in_twice_the_time(seed: int) -> None:
    """Within a twentieth, at the level of zlib that Likeness had before."""
    image = in_libvips(np.asarray(photo(600, 600, seed)))

    assert len(png(image)) < 1.05 * len(image.pngsave_buffer(compression=2, filter="up"))


def test_pixels_are_asked_for_once_and_from_top_to_bottom() -> None:
    """A picture that comes from a decoder has no second time."""
    picture = photo(*SEVERAL_STRIPS)
    once = pyvips.Image.pngload_buffer(encode(picture, "PNG"), access="sequential")

    assert np.array_equal(np.asarray(picture), np.asarray(opened(png(once))))


def test_damage_shows_as_what_it_is() -> None:
    """Half of the pixels are no picture."""
    data = encode(photo(*SEVERAL_STRIPS), "PNG")
    cut = pyvips.Image.pngload_buffer(data[: len(data) // 2], access="sequential", fail_on="error")

    with pytest.raises(pyvips.Error):
        png(cut)
