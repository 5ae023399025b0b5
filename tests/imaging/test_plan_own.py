"""Plans for working copies: what of them need not be made, and what not even decoded."""

from dataclasses import astuple
from typing import Final

import pytest

from likeness.imaging.formats import Probe
from likeness.imaging.plan import Limits, Plan, plan
from likeness.model import Crop, Format, Rendition

BLACK: Final = (0, 0, 0)
LIMITS: Final = Limits(side_px_min=1, side_px_max=8192)


def own(probe: Probe, crop: Crop | None = None) -> Plan:
    """The plan of the second step."""
    return plan(probe, crop, LIMITS, letterbox_rgb=BLACK, is_own=True)


@pytest.mark.parametrize(
    ("probe", "missing"),
    [
        (Probe(Format.JPEG, 4000, 3000), {"original"}),
        (Probe(Format.GIF, 1024, 1024, frames=2), {"original", "1024"}),
        (Probe(Format.JPEG, 600, 800), {"original"}),
    ],
)
def test_a_working_copy_is_the_original_as_it_stands(probe: Probe, missing: set[str]) -> None:
    """And whichever size has the same pixels; the rest is made."""
    made = own(probe)
    names = [out.name for out in made.outputs]
    files = tuple(Rendition(out.name, out.format, b"made") for out in made.outputs)
    given = made.complete(files, b"source")

    assert not missing & set(names)
    assert {each.name for each in given if each.data == b"source"} == missing
    assert {each.name for each in given} == missing | set(names)
    assert {each.format for each in given if each.name.endswith("_still")} <= {Format.PNG}


@pytest.mark.parametrize(
    "probe", [Probe(Format.WEBP, 600, 800), Probe(Format.JPEG, 600, 800, orientation=3)]
)
def test_what_no_encoder_of_ours_writes_is_never_the_original(probe: Probe) -> None:
    """Even if it were called a working copy."""
    assert "original" in {out.name for out in own(probe).outputs}


@pytest.mark.parametrize(
    ("probe", "crop", "by"),
    [
        (Probe(Format.JPEG, 4000, 3000), None, 2),
        (Probe(Format.JPEG, 4096, 4096), None, 4),
        (Probe(Format.JPEG, 8192, 4096), None, 8),
        (Probe(Format.JPEG, 4000, 3000), Crop(700, 0, 2048), 2),
        (Probe(Format.JPEG, 4000, 3000), Crop(701, 0, 2048), 1),
        (Probe(Format.JPEG, 4000, 3000), Crop(700, 0, 2047), 1),
        (Probe(Format.JPEG, 2000, 1500), None, 1),
        (Probe(Format.PNG, 4000, 3000), None, 1),
    ],
)
def test_pixels_that_no_size_needs_are_not_decoded(
    probe: Probe, crop: Crop | None, by: int
) -> None:
    """Where the box begins and ends between what is decoded into one."""
    made = own(probe, crop)
    reduced = made.reduced(by)

    assert made.reduction == by
    assert plan(probe, crop, LIMITS, letterbox_rgb=BLACK).reduction == 1
    assert reduced.side * by == made.side
    assert reduced.side >= max(made.sizes)
    assert astuple(made.window) == tuple(by * length for length in astuple(reduced.window))
