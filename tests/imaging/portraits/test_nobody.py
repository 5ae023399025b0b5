"""Nobody in particular."""

import pytest

from likeness.imaging.portraits.nobody import silhouette
from support.portraits import drawn_share, is_mirrored, pixels


@pytest.mark.parametrize("side", [1, 24, 80, 192])
def test_it_is_grey_and_the_same_on_both_sides(side: int) -> None:
    """A head above shoulders that run out of the frame."""
    data = silhouette(side)
    shown = pixels(data)

    assert shown.shape == (side, side, 3)
    assert is_mirrored(data)
    assert (shown.max(axis=2) - shown.min(axis=2)).max() <= 24


def test_it_fills_a_third_of_the_frame() -> None:
    """Corners above are empty, and the shoulders reach the lower edge."""
    data = silhouette(100)
    shown = pixels(data)

    assert 0.3 < drawn_share(data) < 0.45
    assert (shown[0] == shown[0, 0]).all()
    assert (shown[99, 50] != shown[0, 0]).any()
    assert (shown[60, 50] != shown[70, 50]).any(), "the head stands clear of the shoulders"


def test_it_is_drawn_once_for_everybody() -> None:
    """As long as few sides are asked for."""
    silhouette.cache_clear()
    for _ in range(9):
        silhouette(72)

    assert silhouette.cache_info().misses == 1
