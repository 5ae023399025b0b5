"""GIFs built frame by frame: pixels, times, repeats, and what is not drawn again."""

import io

import numpy as np
import pytest
import pyvips
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from likeness.imaging.formats import gif
from likeness.imaging.formats.steps import Steps
from likeness.imaging.probe import probe
from likeness.imaging.worker.gif_file import COLOURS_MAX, GifFile, has_few_colours, on_or_off
from support.pictures import photo

RED, GREEN = (250, 0, 0), (0, 250, 0)


def written(*pictures: Image.Image, loop: int = 0, palette: Image.Image | None = None) -> bytes:
    """All of them in one file, 50 ms each."""
    file = GifFile(loop)
    for picture in pictures:
        file.add(picture, 50, palette, dithered=palette is not None)
    return file.data()


def shown(data: bytes) -> list[Image.Image]:
    """What a browser paints, frame by frame."""
    return [frame.convert("RGB") for frame in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]


def few_colours(width: int, height: int, count: int, seed: int = 0) -> Image.Image:
    """Noise of so many colours."""
    random = np.random.default_rng(seed)
    colours = random.integers(0, 256, (count, 3), dtype=np.uint8)
    return Image.fromarray(
        colours[random.permutation(width * height).reshape(height, width) % count]
    )


@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    counts=st.lists(st.sampled_from([1, 2, 3, 4, 5, 16, 17, 255, 256]), min_size=1, max_size=4),
)
def test_few_colours_are_kept_to_the_last_bit(width: int, height: int, counts: list[int]) -> None:
    """However many there are, by both decoders, and every frame is whole to the probe."""
    frames = [few_colours(width, height, count, seed) for seed, count in enumerate(counts)]
    data = written(*frames)

    assert (probe(data).width, probe(data).height) == (width, height)
    assert len(counts) == probe(data).frames
    for before, after in zip(frames, shown(data), strict=True):
        assert np.array_equal(np.asarray(before), np.asarray(after))
    strip = pyvips.Image.gifload_buffer(data, n=-1, fail_on="error").numpy()[..., :3]
    assert np.array_equal(np.concatenate([np.asarray(frame) for frame in frames]), strip)


def test_only_what_changed_is_drawn() -> None:
    """The box around it; within it the rest is clear, and short."""
    before = few_colours(60, 50, 40)
    after = before.copy()
    after.paste(RED, (10, 20, 13, 22))
    after.paste(RED, (30, 40, 31, 41))
    data = written(before, after)

    first, second = gif.layers(data)
    assert (0, 0, 60, 50) == first[:4]
    assert (10, 20, 21, 21) == second[:4]
    assert (first.has_clear_colour, second.has_clear_colour) == (False, True)
    table = 3 * 64
    assert len(data) < len(written(before)) + table + 100
    assert np.array_equal(np.asarray(after), np.asarray(shown(data)[1]))


def test_all_256_colours_leave_no_room_for_a_clear_one() -> None:
    """The box is drawn whole."""
    frames = [few_colours(40, 40, COLOURS_MAX, seed) for seed in (1, 2)]
    assert all(len(frame.getcolors() or ()) == COLOURS_MAX for frame in frames)
    data = written(*frames)

    assert [False, False] == [layer.has_clear_colour for layer in gif.layers(data)]
    assert np.array_equal(np.asarray(frames[1]), np.asarray(shown(data)[1]))


def test_equal_frames_stay_apart() -> None:
    """A picture keeps as many frames as it had."""
    data = written(*[photo(20, 20).quantize(8).convert("RGB")] * 3)

    assert probe(data).frames == 3
    assert [(0, 0, 1, 1)] * 2 == [layer[:4] for layer in gif.layers(data)[1:]]


@pytest.mark.parametrize("loop", [0, 1, 2, 9, 70_000])
def test_it_plays_as_often_as_it_should(loop: int) -> None:
    """0 is for ever; more than a GIF can say is the most that it can."""
    data = written(photo(9, 9).quantize(8).convert("RGB"), loop=loop)

    assert min(loop, 65_536) == pyvips.Image.gifload_buffer(data).get("loop")


@pytest.mark.parametrize(
    ("delay_ms", "expected_ms"),
    [
        *[(0, 0), (-5, 0), (5, 0), (10, 10), (11, 20), (14, 20), (15, 20), (20, 20), (24, 20)],
        *[(44, 40), (1000, 1000), (10**9, 655_350)],
    ],
)
def test_times_are_rounded_to_what_a_gif_can_say(delay_ms: int, expected_ms: int) -> None:
    """Hundredths of a second, in two bytes."""
    file = GifFile(0)
    for colour in (RED, GREEN):
        file.add(Image.new("RGB", (5, 5), colour), delay_ms)

    loaded = pyvips.Image.gifload_buffer(file.data(), n=-1)
    assert [expected_ms] * 2 == loaded.get("delay")


@pytest.mark.parametrize("count", [2, 100, 128, 255])
def test_a_palette_is_stored_once(count: int) -> None:
    """For all frames together, whatever its length."""
    frames = [photo(40, 40, seed) for seed in range(3)]
    palette = frames[0].quantize(count)
    data = written(*frames, palette=palette)

    blocks = [block.start for block in gif._walked(data, Steps()).blocks if block.is_frame]
    assert [0, 0, 0] == [data[start + 9] for start in blocks]
    difference = np.asarray(shown(data)[2]).astype(int) - np.asarray(frames[2])
    assert np.abs(difference).mean() < (12 if count > 2 else 80)


def test_a_slow_fade_is_not_frozen() -> None:
    """What is almost as it was is drawn anew."""
    data = written(*[Image.new("RGB", (20, 20), (grey, grey, grey)) for grey in range(100)])

    assert (99, 99, 99) == shown(data)[99].getpixel((10, 10))


def holed(width: int, height: int, count: int, seed: int, share: float) -> Image.Image:
    """Noise of so many colours, of which this share is clear."""
    made = few_colours(width, height, count, seed).convert("RGBA")
    random = np.random.default_rng(seed + 100)
    made.putalpha(Image.fromarray((random.random((height, width)) >= share).astype(np.uint8) * 255))
    return on_or_off(made)


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 30),
    height=st.integers(1, 30),
    frames=st.lists(
        st.tuples(st.sampled_from([1, 2, 17, 255]), st.sampled_from([0.0, 0.1, 0.9, 1.0])),
        min_size=1,
        max_size=5,
    ),
)
def test_clear_pixels_come_and_go(width: int, height: int, frames: list[tuple[int, float]]) -> None:
    """Every pixel is as it was, whatever was there before, by both decoders."""
    pictures = [
        holed(width, height, count, seed, share) for seed, (count, share) in enumerate(frames)
    ]
    data = written(*pictures)

    assert probe(data).frames == len(pictures)
    found = ImageSequence.Iterator(Image.open(io.BytesIO(data)))
    for before, after in zip(pictures, found, strict=True):
        assert np.array_equal(np.asarray(before), np.asarray(on_or_off(after.convert("RGBA"))))
    strip = pyvips.Image.gifload_buffer(data, n=-1, fail_on="error")
    strip = strip if strip.hasalpha() else strip.addalpha()
    whole = Image.fromarray(strip.numpy())
    for place, before in enumerate(pictures):
        after = whole.crop((0, place * height, width, (place + 1) * height))
        assert np.array_equal(np.asarray(before), np.asarray(on_or_off(after)))


@pytest.mark.parametrize(
    ("count", "share", "mode", "is_few"),
    [
        (COLOURS_MAX, 0.0, "RGB", True),
        (COLOURS_MAX + 1, 0.0, "RGB", False),
        (COLOURS_MAX - 1, 0.0, "RGBA", True),
        (COLOURS_MAX, 0.0, "RGBA", False),
        (COLOURS_MAX, 0.01, "RGBA", False),
        (COLOURS_MAX - 1, 0.01, "RGBA", True),
        (1, 1.0, "RGBA", True),
    ],
)
def test_where_there_is_alpha_a_clear_colour_has_its_place(
    count: int, share: float, mode: str, *, is_few: bool
) -> None:
    """In every frame: of one that is wiped some decoders leave a colour, if it has no clear one."""
    assert has_few_colours(holed(80, 80, count, 1, share).convert(mode)) is is_few


def test_a_frame_is_wiped_only_where_something_vanishes() -> None:
    """And the box is no larger than what changed and what vanishes."""
    empty = Image.new("RGBA", (60, 50))
    drawn = empty.copy()
    drawn.paste((*RED, 255), (10, 20, 30, 40))
    more = drawn.copy()
    more.paste((*GREEN, 255), (40, 10, 42, 12))
    less = more.copy()
    less.paste((0, 0, 0, 0), (10, 20, 15, 25))

    layers = list(gif.layers(written(drawn, more, less)))
    assert [layer.is_wiped for layer in layers] == [False, True, False]
    assert all(layer.has_clear_colour for layer in layers)
    assert (10, 10, 32, 15) == layers[1][:4]


@pytest.mark.parametrize(
    ("alpha", "expected"), [(0, (0, 0, 0, 0)), (127, (0, 0, 0, 0)), (128, (9, 8, 7, 255))]
)
def test_a_pixel_is_opaque_or_clear(alpha: int, expected: tuple[int, ...]) -> None:
    """By the nearer of the two."""
    picture = on_or_off(Image.new("RGBA", (3, 2), (9, 8, 7, alpha)))

    assert picture.getpixel((2, 1)) == expected
