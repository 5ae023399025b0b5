"""Opaque GIFs in motion; what holds for every animation is in `test_animate.py`."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageSequence

from likeness.imaging.formats import gif
from likeness.imaging.formats.steps import Steps
from likeness.imaging.motion import TransparentError, moving_files
from likeness.imaging.plan import Limits, plan_working_copy
from likeness.imaging.probe import probe
from likeness.imaging.render import render
from likeness.model import Crop
from support.developing import BLACK, developed, planned
from support.pictures import encode, photo
from support.sight import distance_de


def pan(side: int, count: int, form: str = "GIF") -> bytes:
    """A window that moves over a picture of many colours."""
    whole = photo(2 * side, 2 * side)
    frames = [
        whole.crop((at, at, at + side, at + side)).quantize(256)
        for at in range(0, side, -(-side // count))
    ]
    return encode(frames[0], form, save_all=True, append_images=frames[1:], duration=50, loop=0)


def shown(data: bytes) -> list[Image.Image]:
    """What a browser paints, frame by frame."""
    return [frame.convert("RGB") for frame in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]


def test_what_has_clear_parts_is_not_made_this_way() -> None:
    """It needs disposal."""
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((200, 30, 30, 255), (10, 10, 20, 20))
    with_alpha = encode(clear, "GIF", save_all=True, append_images=[clear.rotate(90)], disposal=2)

    assert moving_files(pan(40, 3), planned(pan(40, 3)))
    with pytest.raises(TransparentError):
        moving_files(with_alpha, planned(with_alpha))


@pytest.mark.parametrize(
    ("side", "name"), [(512, "512"), (192, "192"), (72, "72"), (100, "100"), (300, "300")]
)
def test_what_is_not_scaled_keeps_every_pixel(side: int, name: str) -> None:
    """Whatever its size; each frame has 256 colours of its own."""
    data = pan(side, 3)

    files = developed(data)
    for before, after in zip(shown(data), shown(files[name]), strict=True):
        assert np.array_equal(np.asarray(before), np.asarray(after))
    assert files["original"] == files[name]


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
@pytest.mark.parametrize("size", [512, 192, 72, 24])
def test_scaled_frames_look_like_the_frames_scaled(size: int, form: str) -> None:
    """In the colours that they share, or for the largest in their own."""
    data = pan(600, 3, form)

    made = shown(developed(data)[str(size)])
    for before, after in zip(shown(data), made, strict=True):
        mean, worst = distance_de(before.resize((size, size), Image.Resampling.LANCZOS), after)
        assert mean < 2
        assert worst < 4.5


def test_small_frames_share_one_palette() -> None:
    """A table for each would be most of the file."""
    data = developed(pan(200, 4))["24"]

    blocks = [block.start for block in gif._walked(data, Steps()).blocks if block.is_frame]
    assert [0] * 4 == [data[start + 9] for start in blocks]


def test_flat_colours_stay_flat() -> None:
    """Noise would add up to specks where a colour is almost in the palette."""
    frames = [Image.new("RGB", (300, 300), (20, 250 - grey, 20)) for grey in range(0, 60, 3)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])

    for before, after in zip(frames, shown(developed(data)["72"]), strict=True):
        assert np.array_equal(np.asarray(before.resize((72, 72))), np.asarray(after))


def test_what_stands_still_is_stored_once() -> None:
    """In every size a frame costs no more than what moves in it."""
    ground = photo(520, 520).quantize(200).convert("RGB")
    frames = [ground.copy() for _ in range(4)]
    for number, frame in enumerate(frames):
        ImageDraw.Draw(frame).rectangle((40 * number, 100, 40 * number + 30, 130), fill=(255, 0, 0))
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    alone = encode(frames[0], "GIF", save_all=True, append_images=[ground])

    several, two = developed(data), developed(alone)
    for name in ("original", "512", "192", "48"):
        assert len(several[name]) < 1.3 * len(two[name])


def test_frames_are_cut_before_they_are_coded() -> None:
    """The crop box of the first is that of all."""
    data = pan(300, 3)

    made = shown(developed(data, Crop(30, 50, 192))["192"])
    for before, after in zip(shown(data), made, strict=True):
        mean, _ = distance_de(before.crop((30, 50, 222, 242)), after)
        assert mean < 2


@pytest.mark.parametrize(("side_px_max", "expected"), [(120, (120, 120)), (80, (80, 80))])
def test_a_working_copy_is_as_good(side_px_max: int, expected: tuple[int, int]) -> None:
    """Unscaled to the last bit; else in the best colours of each frame."""
    data = pan(120, 3)
    limits = Limits(side_px_min=1, side_px_max=side_px_max)
    made = plan_working_copy(probe(data), limits, letterbox_rgb=BLACK)

    [working] = render(data, made).files
    for before, after in zip(shown(data), shown(working.data), strict=True):
        assert after.size == expected
        mean, _ = distance_de(before.resize(expected, Image.Resampling.LANCZOS), after)
        assert mean < (1.5 if expected != before.size else 1e-9)


def test_a_working_copy_is_the_original_of_an_animation_too() -> None:
    """And its largest size, where that is the whole of it."""
    data = pan(192, 3)

    files = developed(data, is_own=True)
    assert files["original"] == files["192"]
    assert len(shown(files["72"])) == 3
    assert "192_still" in files
