"""Every kind of pixel that the four formats can hold becomes 8 bits of sRGB, or is refused."""

import io
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from likeness.errors import BadImage
from likeness.imaging.formats import Probe
from likeness.imaging.probe import probe
from likeness.imaging.worker.decode import decode
from likeness.model import Format
from support.canvas import Layer, gif_of
from support.kinds import with_chunk
from support.pictures import encode, opened, photo

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
NAMELESS = SRGB.replace("sRGB".encode("utf-16-be"), "some".encode("utf-16-be"))


def pixels(
    data: bytes, background: tuple[int, int, int] | None = (0, 0, 0)
) -> np.ndarray[Any, Any]:
    """The decoded picture as an array."""
    image = decode(data, probe(data), background)
    array: np.ndarray[Any, Any] = image.numpy()
    assert image.interpretation == "srgb"
    assert array.dtype == np.uint8
    return array


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_palettes_and_greys_become_three_bands(mode: str) -> None:
    """The same colours as Pillow sees."""
    picture = photo(9, 6).convert(mode)

    assert np.array_equal(np.asarray(picture.convert("RGB")), pixels(encode(picture, "PNG")))


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_alpha_is_kept_or_laid_on_the_background(mode: str) -> None:
    """As the plan says."""
    picture = photo(9, 6).convert(mode)
    picture.putalpha(0)
    data = encode(picture, "PNG")

    assert np.array_equal(np.asarray(picture.convert("RGBA")), pixels(data, None))
    assert np.array_equal(np.full((6, 9, 3), (3, 2, 1), np.uint8), pixels(data, (3, 2, 1)))


def test_alpha_is_added_where_bars_must_be_clear() -> None:
    """A picture that may have alpha, and has none in its pixels."""
    assert (pixels(encode(photo(9, 6), "PNG"), None)[..., 3] == 255).all()


@pytest.mark.parametrize("by", [2, 4, 8])
@pytest.mark.parametrize("size", [(160, 80), (161, 95)])
def test_a_jpeg_is_reduced_while_it_is_decoded(size: tuple[int, int], by: int) -> None:
    """So many pixels a side become one; what is left over at the end is left out."""
    data = encode(photo(*size), "JPEG", quality=95)
    small = opened(data).reduce(by).crop((0, 0, size[0] // by, size[1] // by))

    image = decode(data, probe(data), (0, 0, 0), by)

    assert (image.width, image.height) == small.size
    assert abs(np.asarray(small, float) - image.numpy()).mean() < 3


def test_sixteen_bits_become_eight() -> None:
    """By their upper half."""
    values = np.array([[0, 257 * 100, 65535]], np.uint16)
    wide = pyvips.Image.new_from_array(values).copy(interpretation="grey16")

    grey = pixels(wide.pngsave_buffer(bitdepth=16))[0, :, 0].astype(int)
    assert np.abs(grey - [0, 100, 255]).max() <= 1


@pytest.mark.parametrize(("ink", "least", "most"), [(0, 240, 255), (255, 0, 60)])
def test_cmyk_is_converted_and_not_inverted(ink: int, least: int, most: int) -> None:
    """White paper stays white, ink stays dark."""
    data = encode(Image.new("CMYK", (16, 16), (ink,) * 4), "JPEG", quality=95)

    assert least <= pixels(data).mean() <= most


def test_inks_of_no_known_press_take_their_share_of_the_light() -> None:
    """As in browsers, so that people get the colours that they saw when they chose the picture."""
    inks = Image.new("CMYK", (16, 16), (200, 40, 0, 51))
    data = encode(inks, "JPEG", quality=95)

    assert np.abs(pixels(data).astype(int) - [44, 172, 204]).max() <= 3


def test_inks_of_a_known_press_are_converted_by_its_profile() -> None:
    """The press that libvips brings along; Pillow's opinion is the same."""
    inks = photo(32, 32).convert("CMYK")
    press = (
        pyvips.Image.black(1, 1, bands=3)
        .copy(interpretation="srgb")
        .icc_export(output_profile="cmyk")
    )
    profile = bytes(press.get("icc-profile-data"))
    data = encode(inks, "JPEG", quality=98, icc_profile=profile)
    expected = ImageCms.profileToProfile(
        opened(data),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
    )

    assert np.abs(pixels(data).astype(int) - np.asarray(expected)).mean() <= 1.5


@pytest.mark.parametrize(("gamma", "expected"), [(1.0, 137), (0.55556, 81), (0.45455, 64)])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_the_gamma_of_a_png_is_that_of_a_screen_in_the_end(
    mode: str, gamma: float, expected: int
) -> None:
    """64 of 255 is a quarter of the light, or half of that, or a twentieth; alpha is no light."""
    picture = Image.new(mode, (4, 4), (64,) * len(mode))
    data = with_chunk(encode(picture, "PNG"), b"gAMA", round(gamma * 100_000).to_bytes(4, "big"))

    seen = pixels(data, None)
    assert np.array_equal(np.full((4, 4, 3), expected), seen[..., :3])
    assert {64 if mode.endswith("A") else 255} == set(seen[..., 3].ravel().tolist())


def test_colours_of_a_png_are_changed_and_alpha_stays() -> None:
    """A saturated colour of Display P3 is beyond sRGB; what is half clear stays so."""
    picture = Image.new("RGBA", (4, 4), (200, 30, 30, 64))
    data = with_chunk(encode(picture, "PNG"), b"cICP", bytes([12, 13, 0, 1]))

    assert pixels(data, None)[0, 0].tolist() == [218, 0, 6, 64]


def test_the_gamma_of_sixteen_bits_is_applied_before_there_are_eight() -> None:
    """Or shadows would become steps."""
    values = np.arange(0, 1024, dtype=np.uint16)[None, :]
    wide = pyvips.Image.new_from_array(values).copy(interpretation="grey16")
    data = with_chunk(wide.pngsave_buffer(bitdepth=16), b"gAMA", (100_000).to_bytes(4, "big"))

    assert len(np.unique(pixels(data)[..., 0])) >= 34


def test_where_no_frame_has_drawn_a_gif_is_clear() -> None:
    """Where libvips has black, unless one of the colours is clear."""
    layers = [Layer(photo(5, 4), 2, 1)]

    seen = pixels(gif_of((9, 6), layers), None)[..., 3]
    expected = np.zeros((6, 9), np.uint8)
    expected[1:5, 2:7] = 255
    assert np.array_equal(expected, seen)


def test_a_wide_profile_is_converted_before_it_is_dropped() -> None:
    """A gamma of 1.0 makes the same numbers brighter on a screen."""
    picture = Image.new("RGB", (4, 4), (64, 64, 64))
    data = encode(picture, "PNG", icc_profile=_with_gamma_one(NAMELESS))

    assert pixels(data).mean() > 100


def test_the_profile_of_srgb_changes_next_to_nothing() -> None:
    """One of 255 steps by rounding, when it does not bear the usual name."""
    picture = photo(9, 6)
    data = encode(picture, "PNG", icc_profile=NAMELESS)

    assert np.abs(pixels(data).astype(int) - np.asarray(picture)).max() <= 1


def test_a_profile_named_srgb_is_not_even_applied() -> None:
    """Most pictures carry one; its name spares the conversion, and so every bit stays."""
    picture = photo(9, 6)
    named = _with_gamma_one(SRGB)

    assert np.array_equal(np.asarray(picture), pixels(encode(picture, "PNG", icc_profile=named)))


def test_a_broken_profile_does_not_hide_the_picture() -> None:
    """Its colours are taken as sRGB, as browsers do."""
    picture = photo(9, 6)
    data = encode(picture, "PNG", icc_profile=b"no profile at all" * 20)

    assert np.array_equal(np.asarray(picture), pixels(data))


@pytest.mark.parametrize(
    "lie",
    [
        Probe(Format.PNG, 10, 6),
        Probe(Format.PNG, 9, 7),
        Probe(Format.PNG, 9, 3, frames=2),
        Probe(Format.PNG, 9, 6, frames=2),
    ],
)
def test_a_second_opinion_that_differs_is_a_refusal(lie: Probe) -> None:
    """Width, height and frames must be what the probe saw."""
    with pytest.raises(BadImage, match="contradicts itself"):
        decode(encode(photo(9, 6), "PNG"), lie, None)


def _with_gamma_one(profile: bytes) -> bytes:
    """An sRGB profile whose curves are straight lines."""
    tags = int.from_bytes(profile[128:132], "big")
    changed = bytearray(profile)
    for index in range(tags):
        entry = 132 + 12 * index
        if profile[entry : entry + 4] in {b"rTRC", b"gTRC", b"bTRC"}:
            start = int.from_bytes(profile[entry + 4 : entry + 8], "big")
            # A curve without points is the identity (ICC.1, 10.6); the rest of it is not read.
            changed[start : start + 12] = b"curv" + bytes(8)
            changed[entry + 8 : entry + 12] = (12).to_bytes(4, "big")
    return bytes(changed)
