"""Frames of a WebP by Pillow, against those by libvips."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from likeness.errors import BadImage
from likeness.imaging.formats import Probe
from likeness.imaging.probe import parse
from likeness.imaging.worker.frames import frames_of_strip
from likeness.imaging.worker.moving_webp import frames_of_webp
from likeness.imaging.worker.plain import DamagedError
from support.developing import developed
from support.pictures import encode, photo

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def drawn(mode: str) -> list[Image.Image]:
    """Frames of which each covers a part of the one before."""
    made = [photo(60, 44, seed).convert(mode) for seed in range(4)]
    if mode == "RGBA":
        for place, picture in enumerate(made):
            picture.paste((0, 0, 0, 0), (0, 0, 10 * place, 44))
            picture.paste((200, 10, 10, 100), (40, 10, 55, 30))
    else:
        for before, after in pairwise(made):
            after.paste(before.crop((0, 0, 20, 44)), (0, 0))
    return made


def stripped(pictures: list[Image.Image], **options: Any) -> tuple[bytes, Probe]:
    """What a worker gets."""
    data = encode(pictures[0], "WEBP", save_all=True, append_images=pictures[1:], **options)
    found = parse(data)
    return found.stripped(), found.probe


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("lossless", [False, True])
def test_frames_are_those_of_libvips(mode: str, *, lossless: bool) -> None:
    """Pixels, times and repeats."""
    data, source = stripped(
        drawn(mode), lossless=lossless, duration=[12, 200, 90, 40], loop=3, exact=True
    )

    frames = frames_of_webp(data, source)
    expected = frames_of_strip(data, source)
    assert frames
    assert frames.loop == expected.loop
    for found, other in zip(frames.shown, expected.shown, strict=True):
        assert found.delay_ms == other.delay_ms
        assert found.level.picture.mode == other.level.picture.mode
        assert found.level.picture.mode == ("RGBA" if source.has_alpha else "RGB")
        pixels, others = (np.asarray(each.level.picture).astype(int) for each in (found, other))
        assert np.abs(pixels - others).max() <= 2


@pytest.mark.parametrize(("profile", "is_ours"), [(SRGB, True), (LAB, False)])
def test_other_colours_than_srgb_are_left_to_libvips(profile: bytes, *, is_ours: bool) -> None:
    """It applies profiles."""
    data, source = stripped(drawn("RGB"), icc_profile=profile)

    assert bool(frames_of_webp(data, source)) is is_ours
    assert parse(developed(data)["24"]).probe.frames == 4


def test_another_picture_than_was_planned_is_refused() -> None:
    """Of another size, or with more frames."""
    data, source = stripped(drawn("RGB"))

    for other in (replace(source, width=61), replace(source, frames=3)):
        with pytest.raises(BadImage, match="contradicts itself"):
            frames_of_webp(data, other)


def test_what_cannot_be_decoded_is_damaged() -> None:
    """A file that is none, and one of which a frame is noise."""
    data, source = stripped(drawn("RGB"), lossless=True)
    with pytest.raises(DamagedError):
        frames_of_webp(b"RIFF", source)

    at = data.rindex(b"VP8L") + 13
    frames = frames_of_webp(data[:at] + bytes(len(data) - at), source)
    assert frames
    with pytest.raises(DamagedError):
        list(frames.shown)
