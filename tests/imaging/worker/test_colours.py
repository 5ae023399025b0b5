"""Pixels of other colours than sRGB's, against what Chromium paints of the same numbers.

The numbers on the right were read from screenshots of Chromium 156, so that this test needs none;
`tests/browser/test_colours_as_chromium_shows.py` asks the one that is installed.
"""

import numpy as np
import pytest
import pyvips

from likeness.imaging.formats.colours import Colours, of_codes, of_power
from likeness.imaging.worker.colours import in_srgb

ADOBE = (0.3127, 0.3290, 0.640, 0.330, 0.210, 0.710, 0.150, 0.060)
PROPHOTO = (0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)
P3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)

Level = tuple[int, int, int]
RED, GREEN, DARK, MIDDLE = (204, 51, 51), (51, 204, 102), (60, 60, 60), (126, 126, 126)


def shown(colours: Colours | None, *levels: tuple[int, ...], deep: bool = False) -> list[list[int]]:
    """The pixels of one row, changed."""
    assert colours
    row = np.array([levels], np.uint16 if deep else np.uint8)
    interpretation = {1: "b-w", 2: "b-w", 3: "srgb", 4: "srgb"}[row.shape[2]]
    deep_name = {"b-w": "grey16", "srgb": "rgb16"}[interpretation]
    image = pyvips.Image.new_from_array(row)
    image = image.copy(interpretation=deep_name if deep else interpretation)
    made = in_srgb(image, colours)
    assert (made.interpretation, made.format) == ("srgb", "uchar")
    found: list[list[int]] = made.numpy()[0].tolist()
    return found


@pytest.mark.parametrize(
    ("colours", "expected"),
    [
        (of_codes(12, 13), [(222, 24, 41), (0, 208, 88), DARK, MIDDLE]),
        (of_codes(9, 13), [(253, 0, 42), (0, 215, 83), DARK, MIDDLE]),
        (of_codes(9, 14), [(250, 0, 27), (0, 212, 72), (49, 49, 49), (119, 119, 119)]),
        (of_codes(1, 1), [(201, 40, 40), (40, 201, 94), (49, 49, 49), (119, 119, 119)]),
        (of_codes(1, 8), [(231, 124, 124), (124, 231, 170), (133, 133, 133), (187, 187, 187)]),
        (of_codes(11, 13), [(217, 25, 42), (0, 208, 88), DARK, MIDDLE]),
        (of_codes(6, 13), [(199, 59, 50), (71, 201, 101), DARK, MIDDLE]),
        (of_codes(5, 13), [(208, 51, 51), (22, 204, 104), DARK, MIDDLE]),
        (of_power(2.2), [(205, 48, 48), (47, 205, 102), (57, 57, 57), (127, 127, 127)]),
        (of_power(2.2, P3), [(224, 14, 36), (0, 209, 88), (57, 57, 57), (127, 127, 127)]),
        (of_power(2.2, ADOBE), [(237, 48, 48), (0, 205, 94), (57, 57, 57), (127, 127, 127)]),
        (of_power(1.8, PROPHOTO), [(255, 0, 63), (0, 233, 97), (77, 77, 77), (145, 145, 145)]),
        (of_codes(9, 16), [(255, 0, 0), (0, 255, 0), (26, 26, 26), (127, 127, 127)]),
        (of_codes(1, 16), [(255, 8, 8), (6, 255, 41), (26, 26, 26), (127, 127, 127)]),
        (of_codes(9, 18), [(239, 0, 28), (0, 214, 59), (39, 39, 39), (98, 98, 98)]),
        (of_codes(1, 18), [(190, 39, 39), (43, 206, 88), (39, 39, 39), (98, 98, 98)]),
        (of_codes(9, 16, 300), [(255, 0, 0), (0, 255, 0), (36, 36, 36), (165, 165, 165)]),
        (of_codes(9, 16, 100), [(255, 0, 0), (0, 255, 0), (39, 39, 39), (175, 175, 175)]),
        (of_codes(9, 18, 300), [(255, 0, 38), (0, 255, 75), (53, 53, 53), (127, 127, 127)]),
    ],
)
def test_numbers_become_what_chromium_paints(colours: Colours, expected: list[Level]) -> None:
    """To a level of 255."""
    found = np.array(shown(colours, RED, GREEN, DARK, MIDDLE))

    assert np.abs(found - np.array(expected)).max() <= 1


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((9, 16), [0, 1, 4, 13, 26, 42, 61, 85, 114, 150, 193, 221, 242, 255, 255, 255, 255, 255]),
        ((9, 18), [0, 2, 13, 26, 39, 52, 66, 79, 92, 106, 122, 142, 166, 194, 214, 229, 243, 255]),
    ],
)
def test_brightness_is_mapped_as_in_chromium(codes: tuple[int, int], expected: list[int]) -> None:
    """Every fifteenth grey: what is white in print becomes 188, and 1000 cd/m2 become 255."""
    greys = [(level, level, level) for level in range(0, 256, 15)]

    found = [red for red, _, _ in shown(of_codes(*codes), *greys)]

    assert max(abs(one - other) for one, other in zip(found, expected, strict=True)) <= 1


@pytest.mark.parametrize("codes", [(12, 13), (9, 16), (9, 18), (1, 8)])
def test_grey_becomes_three_bands_and_alpha_stays(codes: tuple[int, int]) -> None:
    """For one band, two, three and four."""
    colours = of_codes(*codes)
    [grey], [clear] = shown(colours, (126,)), shown(colours, (126, 77))

    assert [grey] == shown(colours, MIDDLE)
    assert [clear] == [[*grey, 77]] == shown(colours, (*MIDDLE, 77))
    assert grey[0] == grey[1] == grey[2]


@pytest.mark.parametrize("codes", [(12, 13), (9, 16), (9, 18), (1, 8)])
def test_sixteen_bits_become_what_eight_become(codes: tuple[int, int]) -> None:
    """And alpha its upper byte."""
    colours = of_codes(*codes)
    deep = [tuple(level * 257 for level in levels) for levels in (RED, GREEN, DARK)]

    assert shown(colours, *deep, deep=True) == shown(colours, RED, GREEN, DARK)
    assert [[*shown(colours, DARK)[0], 77]] == shown(
        colours, (60 * 257,) * 3 + (77 * 257,), deep=True
    )


@pytest.mark.parametrize("exponent", [1e5, 2e-5])
def test_a_power_beyond_reason_is_black_or_white(exponent: float) -> None:
    """Whatever gAMA can hold; black stays black, and white white."""
    [black, dark, white] = shown(of_power(exponent), (0, 0, 0), DARK, (255, 255, 255))

    assert (black, white) == ([0] * 3, [255] * 3)
    assert dark == ([0] * 3 if exponent > 1 else [255] * 3)


def test_no_brightness_is_beyond_a_table() -> None:
    """A picture that says it is as bright as nothing can be."""
    assert shown(of_codes(9, 16, 429_496), (255, 255, 255)) == [[255] * 3]
