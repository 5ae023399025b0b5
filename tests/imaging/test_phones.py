"""The largest pictures that phones make become working copies, within the limits of a worker."""

import asyncio
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image

from likeness.config import Config
from likeness.errors import TooLarge
from likeness.imaging.formats import Probe
from likeness.imaging.plan import Limits, plan_working_copy
from likeness.imaging.probe import probe
from likeness.model import Format
from support.engines import an_engine
from support.pictures import encode, opened

MEGAPIXELS_50: Final = (8192, 6144)
MEGAPIXELS_108: Final = (12_000, 9_000)
MEAN_DISTANCE_MAX: Final = 12
"""Of 255 a channel: what a palette or a JPEG may do to a smooth picture, but no turn."""

LARGEST: Final[dict[str, tuple[tuple[int, int], str, dict[str, Any]]]] = {
    "jpeg": (MEGAPIXELS_50, "JPEG", {}),
    "progressive jpeg": (MEGAPIXELS_50, "JPEG", {"progressive": True}),
    "jpeg of 108 megapixels": (MEGAPIXELS_108, "JPEG", {}),
    "progressive jpeg of 108 megapixels": (
        MEGAPIXELS_108,
        "JPEG",
        {"progressive": True, "subsampling": 0},
    ),
    "png": (MEGAPIXELS_50, "PNG", {"compress_level": 1}),
    "gif": (MEGAPIXELS_50, "GIF", {}),
    "webp": (MEGAPIXELS_50, "WEBP", {"method": 0}),
    "avif": (MEGAPIXELS_50, "AVIF", {"speed": 10}),
    "lossless webp": (MEGAPIXELS_50, "WEBP", {"method": 0, "quality": 0, "lossless": True}),
}


def prepared_limits() -> Limits:
    """Those of users.preparePhoto, unless somebody sets others."""
    config = Config.model_validate({})
    return Limits(
        side_px_max=config.prepared_side_max,
        length_max=config.prepared_bytes_max,
        pixels_max=config.prepared_pixels_max,
        jpeg_pixels_max=config.prepared_jpeg_pixels_max,
    )


def smooth(width: int, height: int) -> Image.Image:
    """Red from left to right, green from top to bottom."""
    line = Image.linear_gradient("L")
    red, green = line.transpose(Image.Transpose.ROTATE_90), line
    small = Image.merge("RGB", [red, green, Image.new("L", line.size, 60)])
    return small.resize((width, height), Image.Resampling.BILINEAR)


@pytest.mark.parametrize("turn", [1, 6])
@pytest.mark.parametrize(
    ("size", "reduction"),
    [((12_000, 9_000), 2), ((8192, 6144), 2), ((8191, 6144), 1), ((4000, 3000), 1)],
)
def test_a_jpeg_is_reduced_as_far_as_its_copy_keeps_its_pixels(
    size: tuple[int, int], reduction: int, turn: int
) -> None:
    """What phones make is read at half its size; no copy is made of fewer pixels than it has."""
    probe = Probe(Format.JPEG, *size, orientation=turn)

    assert (
        plan_working_copy(probe, prepared_limits(), letterbox_rgb=(0, 0, 0)).reduction == reduction
    )


@pytest.mark.parametrize("form", Format)
def test_the_largest_mode_of_phones_is_accepted_in_every_format(form: Format) -> None:
    """50 megapixels; what is no JPEG is decoded whole."""
    made = plan_working_copy(Probe(form, 8192, 6144), prepared_limits(), letterbox_rgb=(0, 0, 0))

    assert (made.width, made.height) == (4096, 3072)
    assert (made.reduction > 1) == (form is Format.JPEG)


@pytest.mark.parametrize(
    ("probe", "most"),
    [
        (Probe(Format.JPEG, 12_000, 9_001), 108_000_000),
        (Probe(Format.WEBP, 12_000, 9_000), 50_331_648),
    ],
)
def test_what_is_allowed_depends_on_the_format(probe: Probe, most: int) -> None:
    """And the refusal says it."""
    with pytest.raises(TooLarge) as refusal:
        plan_working_copy(probe, prepared_limits(), letterbox_rgb=(0, 0, 0))

    assert f"at most {most} are allowed" in refusal.value.message


@pytest.mark.slow
@pytest.mark.parametrize("kind", LARGEST)
def test_what_phones_make_becomes_a_working_copy(kind: str) -> None:
    """Within the memory that a worker has; the same picture, scaled down."""
    size, form, options = LARGEST[kind]
    data = encode(smooth(*size), form, **options)

    async def scene() -> bytes:
        async with an_engine() as engine:
            return (await engine.prepare(data, prepared_limits())).data

    copy = opened(asyncio.run(scene())).convert("RGB")

    assert copy.size == (4096, 3072)
    assert probe(data).upright == size
    expected = smooth(512, 384)
    small = copy.resize(expected.size)
    assert abs(np.asarray(small, float) - np.asarray(expected, float)).mean() < MEAN_DISTANCE_MAX
