"""Every kind of picture turns out as the picture that was coded, whatever decodes it in between."""

from itertools import pairwise
from typing import Any, Final

import numpy as np
import pytest
from PIL import ImageSequence

from likeness.imaging.probe import probe
from likeness.model import Format
from support.canvas import KEPT, UNDONE, WIPED, Layer, gif_of, painted
from support.developing import developed
from support.kinds import KINDS, WIDE, coded, is_profile_read, plain
from support.pictures import encode, opened, photo
from support.sight import distance_de, picture, square

MEAN_DE_MAX: Final = {Format.PNG: 1.0, Format.JPEG: 2.0, Format.GIF: 1.0}
"""Less than the 2.3 that people notice. What is lossless on both sides is below 0.3 by rounding;
0.9 is what a lossy WebP had lost before it came here."""

ODD_DE_MAX: Final = 3.5
"""Six pixels of six colours are the worst that a JPEG can be given; a lost one costs 15 or more."""

ODD_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True},
}
CANVAS: Final = (60, 50)
DISPOSALS: Final = [
    (KEPT, KEPT, KEPT),
    (WIPED, WIPED, WIPED),
    (UNDONE, UNDONE, UNDONE),
    (KEPT, WIPED, KEPT),
    (KEPT, UNDONE, WIPED),
    (0, WIPED, UNDONE),
    (WIPED, KEPT, KEPT),
]


def test_the_profiles_of_these_tests_are_profiles() -> None:
    """Another library reads their names."""
    assert [True] * len(WIDE) == [is_profile_read(space) for space in WIDE]


@pytest.mark.parametrize("kind", KINDS)
def test_the_original_is_the_picture_that_was_coded(kind: str) -> None:
    """Colours and alpha, as people see them."""
    data, expected = KINDS[kind]()

    made = developed(data)["original"]

    mode = "RGBA" if expected.has_transparency_data else "RGB"
    assert expected.has_transparency_data == probe(data).has_alpha
    mean, _ = distance_de(expected.convert(mode), picture(made))
    assert mean <= MEAN_DE_MAX[probe(made).format]


@pytest.mark.parametrize("kind", KINDS)
def test_a_size_is_that_picture_in_a_square(kind: str) -> None:
    """With bars above and below, black or clear."""
    data, expected = KINDS[kind]()

    made = picture(developed(data)["72"])

    mode = "RGBA" if expected.has_transparency_data else "RGB"
    mean, worst = distance_de(square(expected.convert(mode), 72), made)
    assert mean <= 2.0
    assert worst <= 8.0


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (17, 1), (63, 31), (129, 65)])
def test_odd_sizes_lose_no_row_and_no_column(form: str, size: tuple[int, int]) -> None:
    """Blocks of 8 and pairs of chroma reach beyond the edge; what is shown does not."""
    options = ODD_OPTIONS.get(form, {})
    data, expected = coded(photo(*size).quantize(64).convert("RGB"), form, **options)

    mean, _ = distance_de(expected, picture(developed(data)["original"]))
    assert mean <= ODD_DE_MAX


def layers(disposals: tuple[int, ...], *, is_full: bool, is_clear: bool) -> list[Layer]:
    """Three layers at odd places; the first fills the canvas or does not."""
    boxes = [(0, 0, *CANVAS) if is_full else (5, 6, 30, 20), (10, 20, 30, 25), (33, 4, 20, 30)]
    made = []
    for seed, (box, disposal) in enumerate(zip(boxes, disposals, strict=True)):
        drawn = photo(*box[2:], seed).quantize(32).convert("RGBA" if is_clear else "RGB")
        if is_clear:
            drawn.paste((0, 0, 0, 0), (6, 6, 14, 12))
        made.append(Layer(drawn, *box[:2], disposal))
    return made


@pytest.mark.parametrize("disposals", DISPOSALS)
@pytest.mark.parametrize("is_full", [True, False])
@pytest.mark.parametrize("is_clear", [True, False])
def test_each_frame_is_what_a_browser_paints(
    disposals: tuple[int, ...], *, is_full: bool, is_clear: bool
) -> None:
    """Kept, wiped and undone layers; what none has drawn is clear, also where no colour is."""
    drawn = layers(disposals, is_full=is_full, is_clear=is_clear)
    data = gif_of(CANVAS, drawn, loop=4)

    made = opened(developed(data)["original"])

    assert 4 == made.info["loop"]
    frames = [frame.convert("RGBA") for frame in ImageSequence.Iterator(made)]
    for expected, actual in zip(painted(CANVAS, drawn), frames, strict=True):
        assert np.array_equal(np.asarray(expected)[..., 3], np.asarray(actual)[..., 3])
        assert distance_de(expected, actual)[0] <= 1.5


def test_one_frame_that_does_not_fill_its_canvas_leaves_the_rest_clear() -> None:
    """In the original, in a size, and in the bars of that size."""
    drawn = [Layer(photo(30, 20).quantize(32).convert("RGB"), 5, 6)]
    [expected] = painted(CANVAS, drawn)

    files = developed(gif_of(CANVAS, drawn))

    assert distance_de(expected, picture(files["original"]))[0] <= 1.0
    assert distance_de(square(expected, 48), picture(files["48"]))[0] <= 3.0


def test_frames_of_a_webp_become_frames_of_a_gif() -> None:
    """One by one, with 256 colours each."""
    frames = [photo(96, 64, seed) for seed in range(3)]
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)

    made = opened(developed(data)["original"])

    shown = [frame.convert("RGB") for frame in ImageSequence.Iterator(made)]
    assert [True] * 3 == [
        distance_de(expected, actual)[0] < 3 for expected, actual in zip(frames, shown, strict=True)
    ]
    assert all(one.tobytes() != other.tobytes() for one, other in pairwise(shown))


def test_a_still_is_the_first_frame_as_it_is_painted() -> None:
    """Also where it leaves a part of the canvas clear."""
    drawn = layers((KEPT, KEPT, KEPT), is_full=False, is_clear=False)
    expected = next(painted(CANVAS, drawn))

    made = picture(developed(gif_of(CANVAS, drawn))["48_still"])

    assert distance_de(square(expected, 48), made)[0] <= 1.0


def test_grey_stays_grey() -> None:
    """No conversion tints it."""
    data = encode(plain().convert("L"), "JPEG", quality=95)

    shown = np.asarray(opened(developed(data)["original"]).convert("RGB")).astype(int)
    assert np.ptp(shown, axis=2).max() <= 1
