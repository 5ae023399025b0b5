"""Animations keep their frames, delays and repeats, and no frame shows in another."""

import io
from itertools import pairwise

import numpy as np
import pytest
import pyvips
from PIL import Image

from likeness.imaging.plan import Limits, plan_working_copy
from likeness.imaging.probe import probe
from likeness.imaging.render import render
from likeness.model import Crop, Format
from support.developing import developed
from support.pictures import encode, gif, opened, photo

DELAYS = [40, 200, 90]
COLOURS = [(250, 20, 20), (20, 250, 20), (20, 20, 250)]


def animated(width: int, height: int, form: str = "GIF", *, loop: int | None = 3) -> bytes:
    """Three frames of one colour each, red, green and blue, with delays of their own."""
    frames = [Image.new("RGB", (width, height), colour) for colour in COLOURS]
    buffer = io.BytesIO()
    options = {} if loop is None else {"loop": loop}
    frames[0].save(
        buffer,
        form,
        save_all=True,
        append_images=frames[1:],
        duration=DELAYS,
        lossless=True,
        **options,
    )
    return buffer.getvalue()


def loaded(data: bytes) -> pyvips.Image:
    """All frames below one another."""
    return pyvips.Image.gifload_buffer(data, n=-1)


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
@pytest.mark.parametrize(("width", "height"), [(60, 60), (300, 200), (600, 600)])
def test_delays_and_repeats_are_kept_in_every_size(form: str, width: int, height: int) -> None:
    """Whichever way the size was made: copied, from memory, in one pass."""
    data = animated(width, height, form)
    loops = pyvips.Image.new_from_buffer(data, "").get("loop")

    files = developed(data)
    moving = {name: file for name, file in files.items() if not name.endswith("_still")}
    assert len(moving) > 3
    for file in moving.values():
        assert DELAYS == loaded(file).get("delay")
        assert loops == loaded(file).get("loop")


@pytest.mark.parametrize("loop", [None, 0, 1, 7])
def test_repeats_are_what_they_were(loop: int | None) -> None:
    """Once, for ever, and a few times."""
    data = animated(40, 40, loop=loop)

    assert loaded(data).get("loop") == loaded(developed(data)["24"]).get("loop")


@pytest.mark.parametrize("size", [24, 72, 192, 512])
def test_no_frame_bleeds_into_its_neighbour(size: int) -> None:
    """The edge rows of each frame have the colour of that frame."""
    file = developed(animated(600, 600))[str(size)]

    strip = loaded(file).numpy()[..., :3].astype(int)
    for index, colour in enumerate(COLOURS):
        frame = strip[index * size : (index + 1) * size]
        assert np.abs(frame[[0, -1]] - colour).max() <= 4


def test_frames_are_cut_and_padded_like_pictures() -> None:
    """The crop box of the first is that of all; bars are black."""
    cut = developed(animated(300, 200), Crop(100, 0, 200))
    padded = developed(animated(300, 200))

    assert loaded(cut["192"]).numpy()[..., :3].min() >= 16
    strip = loaded(padded["192"]).numpy()[..., :3]
    assert strip[:30].max() <= 4
    assert strip[192 + 96].astype(int)[:, 1].min() >= 240


def test_stills_show_the_first_frame() -> None:
    """As PNG, for people who asked for less motion."""
    files = developed(animated(300, 300))

    stills = [name for name in files if name.endswith("_still")]
    assert stills == [f"{size}_still" for size in (24, 32, 48, 72, 192, 300)]
    for name in stills:
        assert np.abs(np.asarray(opened(files[name]))[..., :3].astype(int) - COLOURS[0]).max() <= 2


def test_clear_parts_of_an_animation_stay_clear() -> None:
    """In every frame and in the bars."""
    frames = []
    for left in (10, 40):
        frame = Image.new("RGBA", (100, 80), (0, 0, 0, 0))
        frame.paste((200, 30, 30, 255), (left, 20, left + 40, 60))
        frames.append(frame)
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], disposal=2)

    strip = loaded(developed(data)["72"]).numpy()
    assert (strip[:5, :, 3] == 0).all()
    assert (strip[72 : 72 + 5, :, 3] == 0).all()
    assert (strip[36, 15:30, 3] == 255).all()
    assert (strip[72 + 36, 35:50, 3] == 255).all()


def test_a_photograph_in_motion_keeps_its_colours() -> None:
    """With the palette that the small sizes share."""
    frames = [photo(200, 200, seed).quantize(255) for seed in range(6)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])

    last = loaded(developed(data)["192"]).numpy()[-192:, :, :3].astype(int)
    expected = np.asarray(frames[-1].convert("RGB").resize((192, 192))).astype(int)
    assert np.abs(last - expected).mean() < 8


def test_the_original_of_a_gif_keeps_its_colours() -> None:
    """Where no pixel is scaled only the palette is rounded, by one step of 255."""
    data = gif(64, 64, 5)

    before, after = (loaded(file).numpy()[..., :3] for file in (data, developed(data)["original"]))
    assert np.abs(before.astype(int) - after).max() <= 1


def test_frames_lying_on_their_side_are_turned() -> None:
    """A WebP may say so in EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = [photo(60, 40, seed) for seed in (1, 2)]
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], exif=exif)

    assert opened(developed(data)["original"]).size == (40, 60)


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_a_working_copy_keeps_the_motion(form: str) -> None:
    """Scaled frame by frame, with the delays."""
    data = animated(80, 40, form)
    limits = Limits(side_px_min=1, side_px_max=40)
    made = plan_working_copy(probe(data), limits, letterbox_rgb=(0, 0, 0))

    [working] = render(data, made).files
    strip = loaded(working.data)
    assert (Format.GIF, 40, 20 * 3) == (working.format, strip.width, strip.height)
    assert DELAYS == strip.get("delay")
    rows = strip.numpy()[..., :3].astype(int)
    for before, after in pairwise(range(0, 60, 20)):
        assert np.abs(rows[after - 1] - rows[before]).max() <= 4


@pytest.mark.parametrize("alpha", [255, 0])
def test_a_quick_webp_stays_quick(alpha: int) -> None:
    """A GIF of 10 ms plays at 100 ms in browsers, a WebP of 12 ms at 12."""
    frames = [photo(40, 40, seed).convert("RGBA") for seed in range(3)]
    for frame in frames:
        frame.paste((0, 0, 0, alpha), (10, 10, 30, 30))
    options = {"duration": [11, 14, 10], "lossless": True}
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], **options)

    for file in (developed(data)["original"], developed(data)["24"]):
        assert loaded(file).get("delay") == [20, 20, 10]
