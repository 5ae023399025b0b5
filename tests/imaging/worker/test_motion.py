"""Animations keep their frames, delays, repeats and clear parts, and no frame shows in another."""

import io
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageDraw, ImageSequence

from likeness.imaging.formats import gif as gif_format
from likeness.imaging.formats.steps import Steps
from likeness.imaging.plan import Limits, plan_working_copy
from likeness.imaging.probe import parse, probe
from likeness.imaging.worker.alpha import Alpha
from likeness.imaging.worker.motion import moving_files
from likeness.imaging.worker.render import render
from likeness.model import Crop, Format
from support.developing import BLACK, developed, planned
from support.pictures import encode, gif, opened, photo
from support.sight import distance_de

DELAYS = [40, 200, 90]
COLOURS = [(250, 20, 20), (20, 250, 20), (20, 20, 250)]


def pan(side: int, count: int, form: str = "GIF") -> bytes:
    """A window that moves over a picture of many colours."""
    whole = photo(2 * side, 2 * side)
    frames = [
        whole.crop((at, at, at + side, at + side)).quantize(256)
        for at in range(0, side, -(-side // count))
    ]
    return encode(frames[0], form, save_all=True, append_images=frames[1:], duration=50, loop=0)


@cache
def scaled_pan(form: str) -> tuple[bytes, dict[str, bytes]]:
    """Such a file of 600 pixels, and what is made of it, once for all sizes."""
    data = pan(600, 3, form)
    return data, developed(data)


def shown(data: bytes) -> list[Image.Image]:
    """What a browser paints, frame by frame."""
    return [frame.convert("RGB") for frame in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]


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
    data, files = scaled_pan(form)

    made = shown(files[str(size)])
    for before, after in zip(shown(data), made, strict=True):
        mean, worst = distance_de(before.resize((size, size), Image.Resampling.LANCZOS), after)
        assert mean < 2
        assert worst < 4.5


def test_small_frames_share_one_palette() -> None:
    """A table for each would be most of the file."""
    data = developed(pan(200, 4))["24"]

    blocks = [block.start for block in gif_format._walked(data, Steps()).blocks if block.is_frame]
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


def with_hole(seed: int, at: int, alpha: int = 0) -> Image.Image:
    """A photo of which a square is clear, or partly so."""
    made = photo(100, 100, seed).convert("RGBA")
    made.paste((0, 0, 0, alpha), (at, 30, at + 30, 60))
    return made


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_a_hole_that_moves_is_where_it_belongs(form: str) -> None:
    """What was opaque becomes clear, by wiping, and is opaque again where it should be."""
    frames = [with_hole(7, at) for at in (10, 40, 60)]
    if form == "GIF":
        frames = [frame.quantize(200) for frame in frames]
    options = {"disposal": 2} if form != "WEBP" else {"lossless": True, "exact": True}
    if form == "PNG":
        options = {"blend": 0}
    data = encode(frames[0], form, save_all=True, append_images=frames[1:], duration=50, **options)

    files = developed(data)
    truth = [each.convert("RGBA") for each in ImageSequence.Iterator(opened(data))]
    for name in ("original", "72", "24"):
        strip = loaded(files[name]).numpy()
        side = strip.shape[1]
        for place, frame in enumerate(truth):
            alpha = np.asarray(frame.resize((side, side)))[..., 3]
            made = strip[place * side : (place + 1) * side, :, 3]
            sure = (alpha == 0) | (alpha == 255)
            assert np.array_equal(made[sure], alpha[sure]), name


def test_clear_parts_that_come_late_are_kept() -> None:
    """A picture is taken for opaque until one is met; then all of it is made anew, bars as well."""
    frames = [photo(100, 60, 1).convert("RGBA") for _ in range(3)]
    frames[2].paste((0, 0, 0, 0), (10, 10, 30, 30))
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)

    made = moving_files(parse(data).stripped(), planned(data))
    assert (made.plan.background, made.alpha) == (None, Alpha.ON_OR_OFF)
    bars = loaded(made.files["72"]).numpy()[:5, :, 3]
    assert not bars.any()


@pytest.mark.parametrize(("alpha", "is_seen"), [(127, False), (128, True)])
def test_soft_parts_become_the_nearer_of_clear_and_opaque(alpha: int, *, is_seen: bool) -> None:
    """And that is told; the stills keep them."""
    frames = [with_hole(3, at, alpha) for at in (10, 40)]
    data = encode(frames[0], "PNG", save_all=True, append_images=frames[1:], blend=0)

    made = moving_files(parse(data).stripped(), planned(data))
    assert made.alpha is Alpha.SOFT
    strip = loaded(made.files["original" if "original" in made.files else "100"]).numpy()
    assert strip[45, 25, 3] == 255 * is_seen
    still = opened(developed(data)["100_still"])
    alpha_there = still.getchannel("A").getpixel((25, 45))
    assert alpha_there == alpha


def test_noise_does_not_leave_the_opaque_parts() -> None:
    """Clear pixels have no colour whose loss would be spread over those beside them."""
    frames = []
    for seed in (1, 2):
        frame = Image.new("RGBA", (128, 128), (0, 0, 0, 0))
        frame.paste(photo(64, 128, seed).convert("RGBA"), (64, 0))
        frames.append(frame)
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)

    first = Image.fromarray(loaded(developed(data)["128"]).numpy()[:128])
    edge = (64, 0, 72, 128)
    mean, worst = distance_de(frames[0].crop(edge).convert("RGB"), first.crop(edge).convert("RGB"))
    assert mean < 2
    assert worst < 6
