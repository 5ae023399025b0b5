"""Plain uploads: Pillow shows and refuses what libvips does, and leaves it the rest."""

import io
import random
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from likeness.errors import BadImage
from likeness.imaging.formats import Probe
from likeness.imaging.probe import parse, probe
from likeness.imaging.worker.decode import decode
from likeness.imaging.worker.geometry import turned
from likeness.imaging.worker.plain import DamagedError, plain_picture
from likeness.model import Format
from support.pictures import encode, gif, jpeg, photo, png

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def plain(data: bytes, reduction: int = 1) -> Image.Image | None:
    """What becomes of a file."""
    found = parse(data)
    return plain_picture(found.stripped(), found.probe, reduction)


def by_libvips(data: bytes) -> Any:
    """The same file's upright pixels from the other decoder; None where it is damaged."""
    found = parse(data)
    try:
        image = decode(found.stripped(), found.probe, (0, 0, 0))
        return turned(image, found.probe.orientation).numpy()
    except pyvips.Error:
        return None


def rotated(form: str, orientation: int) -> bytes:
    """A picture that says that it lies on its side, or worse."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(photo(60, 40), form, exif=exif)


def clear(picture: Image.Image) -> Image.Image:
    """The picture, half seen through."""
    picture.putalpha(128)
    return picture


PLAIN = [
    *(rotated(form, orientation) for form in ("JPEG", "WEBP") for orientation in range(1, 9)),
    encode(photo(61, 43), "JPEG", subsampling="4:4:4", optimize=True),
    encode(photo(61, 43), "JPEG", subsampling="4:2:2", restart_marker_rows=1),
    encode(photo(61, 43).convert("L"), "JPEG"),
    encode(photo(61, 43), "JPEG", icc_profile=SRGB),
    encode(photo(61, 43), "JPEG", keep_rgb=True),
    encode(photo(61, 43), "WEBP", quality=30, icc_profile=SRGB),
]


@pytest.mark.parametrize("data", PLAIN)
def test_a_plain_picture_is_the_same_by_both_decoders(data: bytes) -> None:
    """To the last bit: they are made of the same two libraries."""
    picture = plain(data)

    assert picture
    assert picture.mode == "RGB"
    assert np.array_equal(np.asarray(picture), by_libvips(data))


@pytest.mark.parametrize(
    "data",
    [
        png(40, 40),
        gif(40, 40, 2),
        encode(photo(40, 40), "JPEG", progressive=True),
        encode(photo(40, 40).convert("CMYK"), "JPEG"),
        encode(photo(40, 40), "JPEG", icc_profile=LAB),
        encode(photo(40, 40).convert("L"), "JPEG", icc_profile=SRGB),
        encode(clear(photo(40, 40)), "WEBP"),
        encode(photo(40, 40), "WEBP", icc_profile=LAB),
        encode(photo(40, 40), "WEBP", save_all=True, append_images=[photo(40, 40, 1)]),
    ],
)
def test_what_is_not_plain_is_left_to_libvips(data: bytes) -> None:
    """Other formats, more passes, inks, other colours, alpha and motion."""
    assert plain(data) is None


def test_what_takes_too_much_memory_is_left_to_libvips() -> None:
    """Not a byte of it is looked at."""
    assert plain_picture(b"", Probe(Format.WEBP, 4097, 4096)) is None


@pytest.mark.parametrize("by", [2, 4, 8])
def test_a_reduced_picture_is_the_whole_made_smaller(by: int) -> None:
    """Each of its pixels is the mean of a square, as far as a JPEG goes."""
    data = encode(photo(160, 96), "JPEG", quality=95)
    whole = Image.open(io.BytesIO(data))

    reduced = plain(data, by)

    assert reduced
    assert reduced.size == (160 // by, 96 // by)
    difference = np.asarray(whole.reduce(by)).astype(int) - np.asarray(reduced)
    assert np.abs(difference).mean() < 2


def test_nothing_that_the_file_said_is_kept() -> None:
    """Or the encoder would write it into ours."""
    data = encode(photo(40, 40), "JPEG", comment=b"Ada", exif=rotated_exif())
    seen = probe(data)

    # Not stripped, as it never is: nobody relies on one wall.
    picture = plain_picture(data, seen)
    assert picture
    assert picture.info == {}
    assert b"Ada" not in encode(picture)


def rotated_exif() -> Image.Exif:
    """Says that the camera was held on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_half_a_picture_is_damaged(form: str, share: float) -> None:
    """Even if the probe had let it pass; a grey half is never shown."""
    data = encode(photo(200, 200), form)

    with pytest.raises(DamagedError):
        plain_picture(data[: int(len(data) * share)], probe(data))


def test_a_picture_of_another_size_is_refused() -> None:
    """The plan would not fit."""
    with pytest.raises(BadImage, match="contradicts itself"):
        plain_picture(jpeg(40, 40), probe(jpeg(41, 40)))


@pytest.mark.parametrize("form", [Format.JPEG, Format.WEBP])
def test_both_decoders_judge_damaged_pictures_alike(form: Format) -> None:
    """The one refuses what the other refuses, and what they accept they show alike."""
    chance = random.Random(7)
    whole = encode(photo(120, 90), form.name)
    outcomes = set()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3))):
            data[chance.randrange(len(data) // 5, len(data) - 2)] = chance.randrange(256)
        try:
            picture = plain(bytes(data))
        except DamagedError:
            picture = None
        except BadImage:
            continue
        outcomes.add(picture is None)
        expected = by_libvips(bytes(data))
        assert (picture is None) == (expected is None)
        assert picture is None or np.array_equal(np.asarray(picture), expected)

    assert outcomes == {False, True}
