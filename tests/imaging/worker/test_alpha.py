"""Alpha is what pixels say: of stills and animations, by each road, and by the real worker."""

import asyncio
import io
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image, ImageDraw

from likeness.imaging.formats import Probe
from likeness.imaging.plan import Limits, as_opaque, plan, plan_working_copy
from likeness.imaging.probe import parse, probe
from likeness.imaging.worker.alpha import Alpha
from likeness.imaging.worker.motion import moving_files
from likeness.imaging.worker.render import Made, prepare, render
from likeness.model import Format
from support.developing import BLACK, LENIENT, developed, planned
from support.engines import an_engine, develop
from support.pictures import encode, opened, photo

BARS: Final = (9, 8, 7)
_HINT: Final = 0x10


def moving(*pictures: Image.Image, **options: Any) -> bytes:
    """A WebP of these frames. Pillow writes alpha for all of them if one has any."""
    rest = list(pictures[1:])
    return encode(pictures[0], "WEBP", save_all=True, append_images=rest, duration=80, **options)


def with_alpha(alpha: int, width: int = 60, height: int = 40, seed: int = 0) -> Image.Image:
    """A photo whose middle has this alpha, and all the rest 255."""
    picture = photo(width, height, seed).convert("RGBA")
    mask = Image.new("L", (width, height), 255)
    mask.paste(alpha, (10, 10, width - 10, height - 10))
    picture.putalpha(mask)
    return picture


def flagged(data: bytes) -> bytes:
    """An animated WebP that says that it has alpha, as many encoders write all of theirs."""
    assert data[12:16] == b"VP8X"
    return data[:20] + bytes([data[20] | _HINT]) + data[21:]


def unhinted(data: bytes) -> bytes:
    """A lossless WebP whose pixels say that they have no alpha."""
    assert data[12:16] == b"VP8L"
    return data[:24] + bytes([data[24] & ~_HINT]) + data[25:]


def rendered(data: bytes) -> Made:
    """What becomes of an upload, before its plan is changed."""
    return render(parse(data).stripped(), planned(data))


OPAQUE = flagged(moving(photo(60, 40), photo(60, 40, 1)))


@pytest.mark.parametrize(
    ("data", "alpha"),
    [
        (OPAQUE, Alpha.NONE),
        (moving(with_alpha(255), with_alpha(0), lossless=True), Alpha.ON_OR_OFF),
        (moving(with_alpha(0), with_alpha(128), lossless=True), Alpha.SOFT),
        (moving(with_alpha(255), with_alpha(254), lossless=True), Alpha.SOFT),
    ],
)
def test_the_alpha_of_an_animation_is_that_of_all_its_frames(data: bytes, alpha: Alpha) -> None:
    """Of the last one as of the first."""
    assert moving_files(parse(data).stripped(), planned(data)).alpha is alpha


def test_an_opaque_animation_goes_the_quick_way_whatever_its_header_says() -> None:
    """The very files that the same animation without the flag gets, bars included."""
    plain = moving(photo(60, 40), photo(60, 40, 1))
    assert planned(OPAQUE).background is None
    assert planned(plain).background is not None

    assert developed(OPAQUE, letterbox_rgb=BARS) == developed(plain, letterbox_rgb=BARS)


def test_a_working_copy_of_an_opaque_animation_goes_the_quick_way() -> None:
    """It is the original later, so that its bars are those of an opaque one."""
    plain = moving(photo(60, 40), photo(60, 40, 1))
    limits = Limits(side_px_min=1, side_px_max=30)
    copies = [
        prepare(
            parse(data).stripped(), plan_working_copy(probe(data), limits, letterbox_rgb=BARS)
        ).files
        for data in (OPAQUE, plain)
    ]

    assert copies[0] == copies[1]
    assert not probe(copies[0][0].data).has_alpha


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_a_still_with_idle_alpha_gets_bars(form: str) -> None:
    """As the same picture without alpha."""
    data = encode(with_alpha(255), form, lossless=True)

    made = developed(data, letterbox_rgb=BARS)

    assert rendered(data).is_opaque
    assert opened(made["48"]).mode == "RGB"
    assert opened(made["48"]).getpixel((0, 0)) == BARS
    assert np.array_equal(np.asarray(opened(made["original"])), np.asarray(photo(60, 40)))


@pytest.mark.parametrize("frames", [1, 2])
def test_bars_are_clear_where_alpha_is_to_be_kept(frames: int) -> None:
    """Whatever pixels say, still and moving: there is no other plan then."""
    data = OPAQUE if frames > 1 else encode(with_alpha(255), "PNG")
    todo = plan(probe(data), None, LENIENT, letterbox_rgb=BARS, keeps_alpha=True)

    made = render(parse(data).stripped(), todo)

    assert as_opaque(todo) is todo
    assert not made.is_opaque
    square = next(each for each in made.files if each.name == "48")
    assert opened(square.data).convert("RGBA").getchannel("A").getpixel((24, 0)) == 0


def test_a_lossy_webp_with_idle_alpha_is_a_jpeg() -> None:
    """There is an ALPH chunk in it, of which every pixel is 255."""
    soft = encode(with_alpha(128), "WEBP", quality=90)
    idle = encode(with_alpha(255), "WEBP", quality=90, exact=True)
    assert planned(soft).format is Format.PNG
    seen = Probe(Format.WEBP, 60, 40, has_alpha=True)

    assert as_opaque(planned(soft)).format is Format.JPEG
    assert not rendered(soft).is_opaque
    assert probe(idle) in (seen, Probe(Format.WEBP, 60, 40))
    assert probe(developed(idle)["original"]).format is Format.JPEG


def test_lossless_pixels_keep_what_is_clear_whatever_their_hint_says() -> None:
    """RFC 9649, 3.4: the bit is a hint only, and should not impact decoding."""
    picture = with_alpha(0)
    data = unhinted(encode(picture, "WEBP", lossless=True, exact=True))

    made = opened(developed(data)["original"])
    assert made.mode == "RGBA"
    assert np.array_equal(np.asarray(made), np.asarray(picture))


def test_lossless_stays_lossless() -> None:
    """A drawing of few pixels shows each wrong one."""
    picture = Image.new("RGB", (32, 32), (240, 240, 240))
    ImageDraw.Draw(picture).line((3, 3, 28, 20), fill=(200, 0, 40))
    data = encode(picture, "WEBP", lossless=True)

    made = developed(data)
    assert {probe(file).format for file in made.values()} == {Format.PNG}
    assert np.array_equal(np.asarray(opened(made["original"])), np.asarray(picture))


@pytest.mark.parametrize("alpha", [255, 0])
def test_a_working_copy_keeps_alpha_only_where_it_is_used(alpha: int) -> None:
    """Or a letterbox would be clear in two steps and black in one."""
    data = encode(with_alpha(alpha), "PNG")
    made = plan_working_copy(
        probe(data), Limits(side_px_min=1, side_px_max=30), letterbox_rgb=BLACK
    )

    working = prepare(parse(data).stripped(), made)
    assert working.is_opaque is (alpha == 255)
    assert probe(working.files[0].data).has_alpha is (alpha == 0)


def test_a_canvas_that_is_not_covered_is_clear() -> None:
    """Browsers show what is behind it, though nothing says that there is alpha."""
    frames = [Image.new("RGBA", (40, 40)) for _ in range(2)]
    for left, frame in enumerate(frames):
        frame.paste((200, 0, 0, 255), (10 + left, 10, 20 + left, 20))
    data = moving(*frames, lossless=True)
    silent = data[:20] + bytes([data[20] & ~_HINT]) + data[21:]

    made = Image.open(io.BytesIO(developed(silent)["original"])).convert("RGBA")
    assert made.getchannel("A").getpixel((1, 1)) == 0


def test_the_worker_tells_what_it_saw() -> None:
    """Through the walls and back: what is stored is named as what it is."""

    async def scene() -> None:
        async with an_engine() as engine:
            for data in (encode(with_alpha(255), "PNG"), OPAQUE):
                made = await develop(engine, data)
                assert not any(probe(each.data).has_alpha for each in made.renditions)

    asyncio.run(scene())
