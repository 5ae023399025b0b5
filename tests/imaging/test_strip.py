"""Stripping changes no pixel and leaves no secret."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageSequence
from PIL.PngImagePlugin import PngInfo

from likeness.imaging.probe import parse, probe
from support.blocks import exif
from support.pictures import encode, gif, photo

SECRET = b"52.3702,4.8952"
EXIF = b"Exif\0\0" + exif(6) + SECRET
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

TINY = [encode(photo(16, 16), "JPEG"), gif(16, 16, 2)]


def clear(seed: int = 0) -> Image.Image:
    """A picture that fades out to the right."""
    picture = photo(40, 30, seed).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").rotate(90).resize((40, 30)))
    return picture


def text() -> PngInfo:
    """A PNG's comments, plain and packed."""
    info = PngInfo()
    info.add_text("Comment", SECRET.decode())
    info.add_text("Long comment", SECRET.decode() * 9, zip=True)
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return info


def animated(form: str, **options: object) -> bytes:
    """Three frames that do not look alike."""
    further = [photo(40, 30, seed) for seed in (1, 2)]
    return encode(photo(40, 30), form, save_all=True, append_images=further, **options)


PICTURES: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: encode(photo(40, 30), "JPEG", exif=EXIF, comment=SECRET, icc_profile=PROFILE),
    "JPEG, grey": lambda: encode(photo(40, 30).convert("L"), "JPEG", exif=EXIF, xmp=SECRET),
    "JPEG, CMYK": lambda: encode(photo(40, 30).convert("CMYK"), "JPEG", comment=SECRET),
    "JPEG, RGB": lambda: encode(photo(40, 30), "JPEG", keep_rgb=True, comment=SECRET),
    "JPEG, progressive": lambda: encode(photo(40, 30), "JPEG", progressive=True, exif=EXIF),
    "JPEG, restarts": lambda: encode(photo(40, 30), "JPEG", restart_marker_blocks=1, exif=EXIF),
    "PNG": lambda: encode(photo(40, 30), "PNG", pnginfo=text(), exif=EXIF, icc_profile=PROFILE),
    "PNG, alpha": lambda: encode(clear(), "PNG", pnginfo=text()),
    "PNG, palette": lambda: encode(photo(40, 30).quantize(16), "PNG", pnginfo=text()),
    "PNG, clear colour": lambda: encode(photo(40, 30).quantize(16), "PNG", transparency=3),
    "PNG, 1 bit": lambda: encode(photo(40, 30).convert("1"), "PNG", pnginfo=text()),
    "PNG, 16 bits": lambda: encode(photo(40, 30).convert("I;16"), "PNG", pnginfo=text()),
    "GIF": lambda: encode(photo(40, 30), "GIF", comment=SECRET),
    "GIF, clear colour": lambda: encode(clear(), "GIF", comment=SECRET),
    "GIF, animated": lambda: animated("GIF", comment=SECRET, loop=3, duration=[50, 100, 70]),
    "PNG, animated": lambda: animated("PNG", pnginfo=text(), loop=3, duration=[50, 100, 70]),
    "WebP": lambda: encode(photo(40, 30), "WEBP", exif=EXIF, xmp=SECRET, icc_profile=PROFILE),
    "WebP, alpha": lambda: encode(clear(), "WEBP", exif=EXIF),
    "WebP, lossless": lambda: encode(clear(), "WEBP", lossless=True, xmp=SECRET),
    "WebP, animated": lambda: animated("WEBP", exif=EXIF, loop=3, duration=[50, 100, 70]),
}


def shown(data: bytes) -> list[tuple[object, ...]]:
    """Everything that another decoder shows of a picture: pixels, colours, times, repeats."""
    picture = Image.open(io.BytesIO(data))
    return [
        (
            frame.mode,
            frame.convert("RGBA").tobytes(),
            *(frame.info.get(key) for key in ("icc_profile", "duration", "loop")),
        )
        for frame in ImageSequence.Iterator(picture)
    ]


@pytest.mark.parametrize("name", PICTURES)
def test_stripping_changes_nothing_that_is_seen(name: str) -> None:
    """Same pixels, same profile, same times."""
    data = PICTURES[name]()

    stripped = parse(data).stripped()

    assert shown(stripped) == shown(data)


@pytest.mark.parametrize("name", PICTURES)
def test_stripping_changes_nothing_that_is_probed_but_the_orientation(name: str) -> None:
    """EXIF goes, so that nobody turns the picture twice."""
    data = PICTURES[name]()

    stripped = parse(data).stripped()

    assert probe(stripped) == replace(probe(data), orientation=1)


@pytest.mark.parametrize("name", PICTURES)
def test_no_secret_survives(name: str) -> None:
    """Neither in metadata nor behind the end; packed text is gone with its chunk."""
    data = PICTURES[name]() + SECRET

    stripped = parse(data).stripped()

    assert SECRET not in stripped
    assert b"zTXt" not in stripped


@pytest.mark.parametrize("name", PICTURES)
def test_stripping_twice_is_stripping_once(name: str) -> None:
    """Nothing is left that could go."""
    data = PICTURES[name]()

    once = parse(data).stripped()

    assert parse(once).stripped() == once


@given(st.binary(max_size=200))
def test_whatever_follows_the_end_is_cut_off(tail: bytes) -> None:
    """An archive, a script, a second picture."""
    for data in TINY:
        # A tail may hold another end marker; only the first one ends a picture.
        assert parse(data + tail).stripped() == parse(data).stripped()
