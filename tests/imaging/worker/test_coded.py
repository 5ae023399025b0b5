"""HEIC and AVIF turn out as the picture that was coded, by real decoders, also behind the walls."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pillow_heif
import pytest
import pyvips
from PIL import Image

from likeness.errors import BadImage
from likeness.imaging.formats import Probe
from likeness.imaging.formats.heif import is_heif
from likeness.imaging.plan import Limits
from likeness.imaging.probe import parse, probe
from likeness.imaging.worker.coded import coded_picture
from likeness.model import Format
from support.coloured import by_nclx, code, with_chunks
from support.developing import developed
from support.engines import an_engine
from support.heic import heic, heic_grid, item_of, said_also
from support.heif_blocks import HVCC, File, Item, irot, ispe, nclx
from support.kinds import WIDE, clear, plain, profile, worn
from support.pictures import encode, opened, photo
from support.sight import distance_de

LOSSY_DE_MAX: Final = 2.0
"""Less than the 2.3 that people notice: two lossy codings, one after the other."""

SECRET: Final = b"52.5200 N, 13.4050 E"


def avif(shown: Image.Image, **options: Any) -> bytes:
    """The picture as AVIF."""
    return encode(shown, "AVIF", **({"quality": 95, "subsampling": "4:4:4"} | options))


def fine(shown: Image.Image, **options: Any) -> bytes:
    """The picture as HEIC, with hardly a loss."""
    return heic(shown, quality=95, chroma=444, **options)


HDR_NOTE: Final = "this picture is HDR; its light was brought to what every screen can show"

CODERS: Final[list[Callable[..., bytes]]] = [fine, avif]


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA"])
@pytest.mark.parametrize("size", [(96, 64), (91, 67)])
def test_the_original_is_the_picture_that_was_coded(
    coder: Callable[..., bytes], mode: str, size: tuple[int, int]
) -> None:
    """Opaque as a JPEG, with alpha as a PNG; odd sides are no others."""
    shown = (clear() if "A" in mode else plain()).convert(mode).resize(size)
    made = opened(developed(coder(shown))["original"])

    assert made.format == ("PNG" if "A" in mode else "JPEG")
    assert made.size == size
    expected = shown.convert("RGBA" if "A" in mode else "RGB")
    assert distance_de(made.convert(expected.mode), expected)[0] < LOSSY_DE_MAX


def test_ten_bits_become_eight() -> None:
    """As cameras write them."""
    shown = plain()
    deep = np.asarray(shown, np.uint16) * 257
    made = pillow_heif.from_bytes("RGB;16", shown.size, deep.tobytes())
    data = heic(made, quality=95, chroma=444)

    assert data.startswith(b"heix", 8), "the brand of more than eight bits"
    assert distance_de(opened(developed(data)["original"]), shown)[0] < LOSSY_DE_MAX


@pytest.mark.parametrize("size", [(128, 128), (120, 101)])
def test_a_grid_is_put_together(size: tuple[int, int]) -> None:
    """As phones write every photo, of tiles that may reach beyond it."""
    shown = photo(128, 128)
    whole = shown.crop((0, 0, *size))

    made = opened(developed(heic_grid(shown, 64, size))["original"])

    assert distance_de(made, whole)[0] < LOSSY_DE_MAX


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize(("quarters", "turn"), [(1, 90), (2, 180), (3, 270)])
def test_a_turned_picture_is_turned_once(
    coder: Callable[..., bytes], quarters: int, turn: int
) -> None:
    """By `irot`, and not again by the EXIF that says the same beside it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = said_also(coder(plain()), irot(quarters), exif=exif.tobytes())

    made = opened(developed(data)["original"])

    assert distance_de(made, plain().rotate(turn, expand=True))[0] < LOSSY_DE_MAX


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("name", WIDE)
def test_a_colour_profile_is_followed(coder: Callable[..., bytes], name: str) -> None:
    """To sRGB, as in every format."""
    data = coder(worn(plain(), name), icc_profile=profile(name))

    assert distance_de(opened(developed(data)["original"]), plain())[0] < LOSSY_DE_MAX


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize(
    ("primaries", "expected"),
    [(1, (200, 90, 60)), (2, (200, 90, 60)), (9, (242, 60, 47)), (12, (217, 83, 50))],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_by_code_are_followed(
    coder: Callable[..., bytes], primaries: int, expected: tuple[int, ...], mode: str
) -> None:
    """Display P3 and BT.2020 are wider than sRGB: the same numbers are stronger colours."""
    shown = Image.new("RGB", (64, 64), (200, 90, 60)).convert(mode)
    if mode == "RGBA":
        shown.putalpha(128)

    made = opened(developed(by_nclx(coder(shown), primaries, 13))["original"]).getpixel((32, 32))

    assert isinstance(made, tuple)
    assert max(map(abs, np.subtract(made[:3], expected))) < 6
    assert made[3:] == ((128,) if mode == "RGBA" else ())


def test_grey_has_a_curve_but_no_primaries() -> None:
    """A grey of the same light stays grey."""
    data = by_nclx(avif(Image.new("L", (64, 64), 90)), 12, 8)

    made = opened(developed(data)["original"]).convert("RGB").getpixel((32, 32))

    assert isinstance(made, tuple)
    assert max(map(abs, np.subtract(made, (160, 160, 160)))) < 3


def test_alpha_that_colours_are_multiplied_by_is_taken_out_again() -> None:
    """Decoders hand over what the file has."""
    shown = Image.new("RGBa", (64, 64), (100, 45, 30, 128))
    data = heic(pillow_heif.from_bytes("RGBa", shown.size, shown.tobytes()), quality=95, chroma=444)

    made = opened(developed(data)["original"]).getpixel((32, 32))

    assert isinstance(made, tuple)
    assert max(abs(one - other) for one, other in zip(made, (200, 90, 60, 128), strict=True)) < 8


def test_a_sequence_gives_its_still_picture_and_says_so() -> None:
    """The first that an encoder writes."""
    frames = [photo(96, 64, seed) for seed in range(3)]
    data = avif(frames[0], save_all=True, append_images=frames[1:])

    assert distance_de(opened(developed(data)["original"]), frames[0])[0] < LOSSY_DE_MAX
    assert parse(data).notes == (
        "this picture moves; its still picture was used; send a GIF for motion",
    )


@pytest.mark.parametrize("transfer", [13, 16, 18])
def test_that_light_is_lost_is_said(transfer: int) -> None:
    """Of PQ and HLG, also of a PNG's."""
    data = File((replace(Item(), said=(HVCC, ispe(8, 8), nclx(9, transfer))),)).built()
    shot = with_chunks(encode(plain(), "PNG"), code(9, transfer))

    notes = () if transfer == 13 else (HDR_NOTE,)

    assert parse(data).notes == parse(shot).notes == notes


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_becomes_what_a_screen_shows(transfer: int) -> None:
    """White paper of 203 cd/m2 has half of a screen's light, and the peak has all of it."""
    white, peak = {16: (148, 192), 18: (191, 255)}[transfer]
    for level, expected in ((white, 188), (peak, 255)):
        data = by_nclx(avif(Image.new("RGB", (64, 64), (level,) * 3)), 9, transfer)
        made = opened(developed(data)["original"]).getpixel((32, 32))
        assert isinstance(made, tuple)
        assert max(abs(level - expected) for level in made) < 4


@pytest.mark.parametrize("coder", CODERS)
def test_pixels_without_a_beginning_are_refused(coder: Callable[..., bytes]) -> None:
    """Neither coding has checksums, so that damage further on is a wrong block to its decoder."""
    item = item_of(coder(plain()))
    data = File((replace(item, data=bytes(64) + item.data[64:]),)).built()

    with pytest.raises(BadImage, match="damaged"):
        developed(data)


@pytest.mark.parametrize("size", [(95, 64), (96, 65), (900, 900)])
def test_a_picture_of_another_size_than_it_says_is_refused(size: tuple[int, int]) -> None:
    """Libavif scales it to what it says; libheif does not."""
    for coder in CODERS:
        item = item_of(coder(plain()))
        said = [ispe(*size) if one[4:8] == b"ispe" else one for one in item.said]
        data = File((replace(item, said=said),)).built()
        if coder is avif:
            assert opened(developed(data)["original"]).size == size
            continue
        with pytest.raises(BadImage):
            developed(data)


def test_pixels_of_an_unknown_kind_are_damage() -> None:
    """What no file of this kind may hold."""
    with pytest.raises(pyvips.Error, match="AVIF"):
        coded_picture(b"no file", Probe(Format.AVIF, 8, 8))


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_they_are_decoded_behind_the_walls(coder: Callable[..., bytes], mode: str) -> None:
    """No file, no import, no call that the filter ends; and nothing of the camera is kept."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    shown = photo(640, 560).convert(mode)
    if mode == "RGBA":
        shown.putalpha(200)
    data = coder(shown, exif=exif.tobytes(), xmp=b"<x>" + SECRET + b"</x>")
    assert data.count(SECRET) == 2

    async def scene() -> list[bytes]:
        async with an_engine() as engine:
            await engine.start()
            assert "seccomp" in engine.layers
            made = await engine.develop(data, None, Limits())
            working = await engine.prepare(data, Limits(side_px_max=512, side_px_min=1))
            assert not is_heif(working.data)
            return [working.data, *(each.data for each in made.renditions)]

    files = asyncio.run(scene())

    assert len(files) > 7
    assert not any(SECRET in data for data in files)
    assert {probe(data).format for data in files} == {Format.JPEG if mode == "RGB" else Format.PNG}
