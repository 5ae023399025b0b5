"""Which pictures are quick, and which move."""

import pytest

from likeness.imaging.formats import Probe
from likeness.imaging.plan import Limits, plan, plan_working_copy
from likeness.imaging.pool.price import is_moving, is_quick
from likeness.imaging.views import plan_view
from likeness.model import Format

LIMITS = Limits(side_px_min=1, side_px_max=8192)


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        (Probe(Format.JPEG, 4096, 4096), True),
        (Probe(Format.JPEG, 4097, 4096), False),
        (Probe(Format.JPEG, 1264, 1264, scans=10), True),
        (Probe(Format.JPEG, 1024, 1024, scans=17), False),
        (Probe(Format.PNG, 2048, 1024, has_alpha=True), True),
        (Probe(Format.PNG, 2048, 1025), False),
        (Probe(Format.GIF, 24, 24, frames=2), False),
    ],
)
def test_a_still_picture_of_few_pixels_is_quick(probe: Probe, expected: bool) -> None:
    """A scan of a JPEG is a pass over all of them; other formats cost more for each."""
    made = plan(probe, None, LIMITS, letterbox_rgb=(0, 0, 0))
    working = plan_working_copy(probe, LIMITS, letterbox_rgb=(0, 0, 0))

    assert is_quick(made) is expected
    assert is_quick(working) is expected
    assert is_moving(made) is is_moving(working) is (probe.frames > 1)


def test_only_uploads_are_quick() -> None:
    """Views have workers of their own, and a price of their own (`ViewPlan.is_costly`)."""
    view = plan_view(Probe(Format.PNG, 72, 72), 80, Format.WEBP, matte=(1, 2, 3))

    assert not is_quick(view)
    assert not is_moving(view)
