"""Whole uploads into whole sets of files: sizes, shapes, privacy, damage."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin

from likeness.errors import BadImage
from likeness.imaging.plan import Limits, plan_working_copy
from likeness.imaging.probe import parse, probe
from likeness.imaging.worker.render import prepare, render
from likeness.model import Crop, Format
from support.developing import developed, planned, segments
from support.pictures import encode, jpeg, opened, photo, png

SECRET = b"Ada's kitchen"


def distance(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures of one size, in levels of 255."""
    arrays = [np.asarray(picture.convert("RGB")).astype(int) for picture in (one, other)]
    return float(np.abs(arrays[0] - arrays[1]).mean())


def test_a_photo_becomes_the_whole_set() -> None:
    """Seven sizes and the original, which for an uncut square is the largest."""
    files = developed(jpeg(1024, 1024))

    names = ["original", "24", "32", "48", "72", "192", "512", "1024"]
    assert names == list(files)
    assert files["original"] == files["1024"]


def test_every_size_shows_what_pillow_would_show() -> None:
    """Within two levels of a single Lanczos step, though it comes from a pyramid."""
    picture = photo(1024, 1024)
    files = developed(encode(picture, "PNG"))

    for size in (24, 32, 48, 72, 192, 512):
        expected = picture.resize((size, size), Image.Resampling.LANCZOS)
        assert distance(expected, opened(files[str(size)])) < 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_pictures_stand_upright(form: str, orientation: int) -> None:
    """As Pillow turns them by EXIF; the original too."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(photo(60, 40), form, exif=exif, quality=95)
    upright = ImageOps.exif_transpose(opened(data))

    original = opened(developed(data)["original"])
    assert upright.size == original.size
    assert distance(upright, original) < 4


def test_a_crop_is_cut_from_the_upright_picture() -> None:
    """The box of the request, the whole picture as original."""
    picture = photo(80, 60)
    files = developed(encode(picture, "PNG"), Crop(30, 10, 48))

    assert opened(files["original"]).size == (80, 60)
    assert np.array_equal(
        np.asarray(picture.crop((30, 10, 78, 58))), np.asarray(opened(files["48"]))
    )


def test_opaque_pictures_get_bars_of_the_configured_colour() -> None:
    """Exact in a lossless format; above and below, the odd pixel below."""
    files = developed(encode(photo(32, 29), "PNG"), letterbox_rgb=(10, 20, 30))
    square = np.asarray(opened(files["32"]))

    assert (square[[0, 30, 31]] == (10, 20, 30)).all()
    assert np.array_equal(np.asarray(photo(32, 29)), square[1:30])


def test_pictures_with_alpha_get_clear_bars() -> None:
    """At the sides, in every size."""
    picture = photo(29, 32).convert("RGBA")
    picture.putpixel((5, 5), (0, 0, 0, 0))
    files = developed(encode(picture, "PNG"))

    assert (np.asarray(opened(files["32"]))[:, [0, 30, 31], 3] == 0).all()
    assert (np.asarray(opened(files["24"]))[:, 0, 3] < 128).all()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (23, 5), (1, 1024)])
def test_tiny_and_slim_pictures_are_developed(form: str, size: tuple[int, int]) -> None:
    """With relaxed limits; `developed` checks every file."""
    assert "original" in developed(encode(photo(*size), form))


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 260),
    height=st.integers(1, 260),
    w=st.integers(0, 260),
    mode=st.sampled_from(["RGB", "RGBA", "L", "LA", "P"]),
)
def test_any_shape_gives_exactly_the_planned_files(
    width: int, height: int, w: int, mode: str
) -> None:
    """Sizes, formats and frame counts are checked by `developed`."""
    data = encode(photo(width, height).convert(mode), "PNG")

    assert developed(data, Crop(width // 3, height // 3, w))


def secretive(form: str) -> bytes:
    """A picture with a secret wherever its format has room for one, and behind its end."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    options: dict[str, object] = {
        "exif": exif,
        "icc_profile": SECRET * 9,
        "comment": SECRET,
        "xmp": SECRET,
    }
    if form == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        options = {"exif": exif, "icc_profile": SECRET * 9, "pnginfo": text}
    return encode(photo(60, 40), form, **options) + b"PK\x03\x04" + SECRET


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_nothing_personal_survives(form: str) -> None:
    """Neither text, EXIF, XMP, profile, comment nor what follows the end."""
    data = secretive(form)
    assert data.count(SECRET) > 1

    for name, file in developed(data).items():
        assert SECRET not in file, name
        assert b"Exif" not in file
        assert b"ICC" not in file
        assert b"PK\x03\x04" not in file


@pytest.mark.parametrize(
    ("data", "form", "allowed"),
    [
        # APP0 is JFIF's, 14 bytes that say which colours these are.
        (jpeg(60, 40), Format.JPEG, {b"\xff\xe0", b"\xff\xdb", b"\xff\xc0", b"\xff\xc4"}),
        (png(60, 40), Format.PNG, {b"IHDR", b"IDAT", b"IEND"}),
    ],
)
def test_files_are_made_of_what_decoding_needs(
    data: bytes, form: Format, allowed: set[bytes]
) -> None:
    """Segment by segment."""
    for file in developed(data).values():
        assert set(segments(file, form)) <= allowed


def test_the_resolution_of_the_upload_is_forgotten() -> None:
    """Scanners and cameras are told apart by it."""
    for form in ("PNG", "JPEG"):
        files = developed(encode(photo(40, 40), form, dpi=(1234, 1234)))

        assert not any("dpi" in opened(file).info for file in files.values())


def test_damage_inside_the_pixels_is_a_refusal() -> None:
    """The structure is whole, so that only the decoder can see it."""
    data = bytearray(encode(photo(200, 200), "PNG"))
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    made = planned(encode(photo(200, 200), "PNG"))

    with pytest.raises(BadImage, match="damaged"):
        render(bytes(data), made)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_half_a_picture_is_a_refusal(form: str, share: float) -> None:
    """Even if the probe had let it pass; a grey half is never shown."""
    data = encode(photo(200, 200), form)

    with pytest.raises(BadImage):
        render(data[: int(len(data) * share)], planned(data))


@pytest.mark.parametrize("form", ["TIFF", "BMP", "AVIF"])
def test_other_formats_are_not_decoded_under_a_false_name(form: str) -> None:
    """The loader is chosen by the plan, not by what libvips would make of the bytes."""
    with pytest.raises(BadImage, match="damaged"):
        render(encode(photo(40, 40), form), planned(png(40, 40)))


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (40, 30)), (6, (30, 40)), (1, (80, 60)), (6, (60, 80))]
)
@pytest.mark.parametrize(("form", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA")])
def test_a_working_copy_is_upright_and_scaled_down(
    form: str, mode: str, orientation: int, size: tuple[int, int]
) -> None:
    """Its pixels are those that the crop of the second step counts in."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(photo(80, 60).convert(mode), form, exif=exif)
    limits = Limits(side_px_min=1, side_px_max=max(size))
    made = plan_working_copy(probe(data), limits, letterbox_rgb=(0, 0, 0))

    [working] = render(parse(data).stripped(), made).files
    (again,), _, focus, _ = prepare(parse(data).stripped(), made)
    copy = opened(working.data)
    assert again == working
    assert (focus is None) == (form == "PNG")
    expected = ImageOps.exif_transpose(opened(data)).resize(size, Image.Resampling.LANCZOS)
    assert size == copy.size
    assert distance(expected, copy) < 4


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("crop", [None, Crop(64, 32, 1088), Crop(101, 3, 1050)])
def test_the_squares_of_a_working_copy_are_as_good_as_any(form: str, crop: Crop | None) -> None:
    """Though a JPEG is not decoded whole, and a PNG not held whole."""
    data = encode(photo(2400, 1200), form, quality=95)
    limits = Limits(side_px_max=4096)

    own = developed(data, crop, limits=limits, is_own=True)
    whole = developed(data, crop, limits=limits)
    assert own["original"] == parse(data).stripped() != whole["original"]
    for name in ("1024", "512", "192", "24"):
        assert distance(opened(own[name]), opened(whole[name])) < 1.5


@pytest.mark.slow
def test_real_pictures_are_developed(corpus: Path) -> None:
    """The valid part of either corpus, as far as it was made for this project."""
    uploads = [
        path.read_bytes() for name in ("own", "made") for path in corpus.glob(f"valid/{name}__*")
    ]
    small = [data for data in uploads if max(probe(data).upright) <= 640]

    assert len(small) > 20
    for data in small:
        assert developed(data)
