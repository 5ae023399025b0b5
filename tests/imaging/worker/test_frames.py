"""Frames that libvips decodes, one by one."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from likeness.errors import BadImage
from likeness.imaging.formats import Probe
from likeness.imaging.probe import parse
from likeness.imaging.worker.frames import frames_of_strip
from support.pictures import encode, gif, photo


def stripped(data: bytes) -> tuple[bytes, Probe]:
    """What a worker gets."""
    found = parse(data)
    return found.stripped(), found.probe


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_every_frame_comes_with_its_time(form: str) -> None:
    """And the animation with how often it plays."""
    drawn = [photo(50, 30, seed).quantize(100).convert("RGB") for seed in range(3)]
    options = {"duration": [40, 200, 90], "loop": 3, "lossless": True}
    data, source = stripped(
        encode(drawn[0], form, save_all=True, append_images=drawn[1:], **options)
    )

    frames = frames_of_strip(data, source)
    found = list(frames.shown)
    assert [each.delay_ms for each in found] == [40, 200, 90]
    assert frames.loop == (4 if form == "GIF" else 3)
    for before, after in zip(drawn, found, strict=True):
        assert np.array_equal(np.asarray(before), np.asarray(after.level.picture.convert("RGB")))


@pytest.mark.parametrize(("has_alpha", "mode"), [(False, "RGB"), (True, "RGBA")])
def test_alpha_is_there_where_the_probe_says_so(mode: str, *, has_alpha: bool) -> None:
    """Or the frames are opaque."""
    data, source = stripped(gif(20, 20, 2))

    frames = frames_of_strip(data, replace(source, has_alpha=has_alpha))
    assert [each.level.picture.mode for each in frames.shown] == [mode] * 2


def test_another_picture_than_was_planned_is_refused() -> None:
    """Before a frame is asked for."""
    data, source = stripped(gif(20, 20, 3))
    other = Probe(source.format, 20, 21, frames=3)

    with pytest.raises(BadImage, match="contradicts itself"):
        frames_of_strip(data, other)


def test_frames_do_not_share_pixels() -> None:
    """Each is in memory of its own."""
    data, source = stripped(gif(20, 20, 3))

    pictures = [each.level.picture for each in frames_of_strip(data, source).shown]
    assert all(isinstance(each, Image.Image) for each in pictures)
    assert all(one.tobytes() != other.tobytes() for one, other in pairwise(pictures))
