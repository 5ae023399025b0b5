"""Eyes and mouths: each is drawn, near its place, and unlike the others."""

import numpy as np
import pytest

from likeness.imaging.portraits.canvas import Canvas
from likeness.imaging.portraits.features import EYES, MOUTHS, PAIRS, Feature
from likeness.imaging.portraits.scheme import BODY

SIDE = 100
Y = 0.1


def drawn(feature: Feature, s: float = 1.0) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The feature alone, on the colour of a figure."""
    canvas = Canvas(SIDE, BODY)
    feature(canvas, Y, s)
    return np.asarray(canvas.finished())


@pytest.mark.parametrize("feature", [*EYES, *MOUTHS], ids=lambda each: each.__name__)
def test_each_is_drawn_around_its_place(feature: Feature) -> None:
    """Near the middle, and large enough to be seen at 24 pixels."""
    rows, columns = np.nonzero(drawn(feature) != BODY)

    assert 25 <= columns.min() <= columns.max() <= 75
    assert 35 <= rows.min() <= rows.max() <= 75
    assert len(rows) > 60


@pytest.mark.parametrize("features", [EYES, MOUTHS], ids=["eyes", "mouths"])
def test_no_two_are_alike(features: tuple[Feature, ...]) -> None:
    """Each pair differs in at least a thousandth of the picture."""
    pictures = [drawn(feature) for feature in features]

    for place, one in enumerate(pictures):
        assert all((one != other).sum() > 10 for other in pictures[:place])


def test_faces_have_two_eyes() -> None:
    """Monsters may have others."""
    assert set(PAIRS) < set(EYES)


def test_a_size_is_a_factor() -> None:
    """Half as large takes about a quarter of the room."""
    for feature in (*EYES, *MOUTHS):
        whole, half = ((drawn(feature, s) != BODY).sum() for s in (1.0, 0.5))
        assert 0.15 < half / whole < 0.45
