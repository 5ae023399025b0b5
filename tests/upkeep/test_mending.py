"""Files of a photo are made again under their own names, from what is left of it."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from likeness.model import ORIGINAL, SIZES, Crop, Photo
from likeness.upkeep.mending import (
    EMPTY,
    MISSING,
    Fault,
    Mending,
    expected,
    expected_copies,
    fault_of,
)
from support.pictures import gif, jpeg, opened, png
from support.studio import Studio

pytestmark = pytest.mark.anyio

UPLOADS: Final = {
    "square": (jpeg(1024, 1024), None),
    "part": (jpeg(900, 700), Crop(100, 50, 600)),
    "letterbox": (jpeg(1024, 600), None),
    "png": (png(800, 600), Crop(0, 0, 600)),
    "moving": (gif(600, 600), None),
    "moving part": (gif(620, 540), Crop(10, 10, 520)),
}


async def set_photo(work: Studio, kind: str) -> Photo:
    """Ada's photo, of that kind."""
    data, crop = UPLOADS[kind]
    return (await work.service.photos.set(work.ada, data, crop)).photo


def contents(work: Studio, photo: Photo) -> dict[str, bytes]:
    """The files of a photo by the part of their names that tells them apart."""
    root = work.service.config.data / "blobs"
    keys = {key: root / key for key in photo.blob_keys()}
    return {
        key.removeprefix(photo.stem): path.read_bytes()
        for key, path in keys.items()
        if path.is_file()
    }


async def mend(work: Studio, photo: Photo, *names: str, cut: bool = False) -> set[str]:
    """Lose or cut some files, and mend them; the names of those that came back."""
    root, faults = work.service.config.data / "blobs", list[Fault]()
    for name in names:
        path = Path(root / (photo.stem + name))
        data = path.read_bytes()
        path.unlink()
        if cut:
            path.write_bytes(data[: len(data) // 2])
        faults.append(Fault(photo.stem + name, "cut" if cut else MISSING))
    service = work.service
    mended = await Mending(service.database, service.blobs, service.engine).mend(photo, faults)
    return {key.removeprefix(photo.stem) for key in mended}


@pytest.mark.parametrize("kind", UPLOADS)
async def test_a_photo_as_it_was_set_has_no_fault(work: Studio, kind: str) -> None:
    """Every file is what its name says."""
    photo = await set_photo(work, kind)

    for key, out in expected(photo).items():
        assert fault_of(out, work.service.blobs.get(key)) == ""
    assert list(expected(photo)) == photo.blob_keys()


async def test_faults_are_told_by_what_is_there(work: Studio) -> None:
    """Nothing, nothing in it, half of it, or something else."""
    photo = await set_photo(work, "square")
    data, out = contents(work, photo), expected(photo)[photo.key("72")]

    assert fault_of(out, None) == MISSING
    assert fault_of(out, b"") == EMPTY
    assert "damaged: " in fault_of(out, data["72.jpg"][:-100])
    assert fault_of(out, data["48.jpg"]) == "it is a JPEG of 48x48 pixels and 1 frames"


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("kind", UPLOADS)
async def test_small_sizes_come_back_under_their_names(
    work: Studio, kind: str, *, cut: bool
) -> None:
    """They show what they showed, and nothing else has changed."""
    photo = await set_photo(work, kind)
    before = contents(work, photo)
    lost = [name for name in before if name.startswith(("24", "192"))]

    assert set(lost) == await mend(work, photo, *lost, cut=cut)

    after = contents(work, photo)
    assert set(after) == set(before)
    assert {name: before[name] for name in before if name not in lost} == {
        name: after[name] for name in before if name not in lost
    }
    for name in lost:
        assert difference(before[name], after[name]) < 3
        assert fault_of(expected(photo)[photo.stem + name], after[name]) == ""


def difference(one: bytes, other: bytes) -> float:
    """How far two pictures of one size are apart, in levels of 255, on average."""
    first, second = (opened(data).convert("RGB") for data in (one, other))
    pairs = list(zip(first.tobytes(), second.tobytes(), strict=True))
    return sum(abs(a - b) for a, b in pairs) / len(pairs)


async def test_the_whole_and_the_square_that_is_the_same_bring_each_other_back(
    work: Studio,
) -> None:
    """To the byte."""
    photo = await set_photo(work, "square")
    before = contents(work, photo)

    assert await mend(work, photo, "original.jpg") == {"original.jpg"}
    assert await mend(work, photo, "1024.jpg") == {"1024.jpg"}

    assert before == contents(work, photo)


@pytest.mark.parametrize("kind", ["square", "letterbox"])
async def test_what_was_not_cut_comes_back_from_the_whole(work: Studio, kind: str) -> None:
    """All squares are lost, and all are there again; the sizes say that nothing was cut off."""
    photo = await set_photo(work, kind)
    before = contents(work, photo)
    lost = {f"{size}.jpg" for size in SIZES}

    assert lost == await mend(work, photo, *lost)

    for name, data in contents(work, photo).items():
        assert difference(before[name], data) < 3


@pytest.mark.parametrize("kind", ["part", "png", "moving part"])
async def test_what_was_cut_out_comes_back_from_the_whole(work: Studio, kind: str) -> None:
    """All squares are lost, and the row tells which part of the original they showed."""
    photo = await set_photo(work, kind)
    before = contents(work, photo)
    lost = {f"{size}.{photo.format.extension}" for size in photo.sizes}

    assert lost == await mend(work, photo, *lost)

    for name, data in contents(work, photo).items():
        assert difference(before[name], data) < 3


@pytest.mark.parametrize("kind", ["part", "moving part"])
async def test_nothing_comes_back_larger_than_what_is_left(work: Studio, kind: str) -> None:
    """Without the original, or where a photo is so old that nobody knows what was cut out of it."""
    photo = await set_photo(work, kind)
    extension = photo.format.extension
    lost = [f"{name}.{extension}" for name in (ORIGINAL, photo.sizes[-1], 72)]

    assert await mend(work, photo, *lost) == {f"72.{extension}"}


async def test_a_part_that_nobody_noted_comes_back_from_what_is_left_of_it(work: Studio) -> None:
    """The original is there, and it would show too much."""
    photo = replace(await set_photo(work, "part"), window=None)
    before = contents(work, photo)

    assert await mend(work, photo, "600.jpg", "72.jpg") == {"72.jpg"}

    assert difference(before["72.jpg"], contents(work, photo)["72.jpg"]) < 3


async def test_stills_come_back_from_stills_where_nothing_moves(work: Studio) -> None:
    """Only the smaller ones."""
    photo = await set_photo(work, "moving")
    lost = [name for name in contents(work, photo) if name.endswith(".gif")]

    mended = await mend(work, photo, *lost, "24_still.png", "48_still.png")

    assert {"24_still.png", "48_still.png"} == mended


async def test_a_source_that_is_damaged_is_none(work: Studio) -> None:
    """The next smaller one is taken."""
    photo = await set_photo(work, "part")
    before = contents(work, photo)
    path = work.service.config.data / "blobs" / photo.key("512")
    path.write_bytes(path.read_bytes()[:-500])

    assert await mend(work, photo, "48.jpg") == {"48.jpg"}
    assert difference(before["48.jpg"], contents(work, photo)["48.jpg"]) < 3


async def test_a_source_that_only_looks_whole_is_none(work: Studio) -> None:
    """The decoder complains, and the next one is taken."""
    photo = await set_photo(work, "png")
    path = work.service.config.data / "blobs" / photo.key("512")
    data = bytearray(path.read_bytes())
    start = data.index(b"IDAT") + 40
    data[start : start + 2000] = random.Random(1).randbytes(2000)
    path.write_bytes(data)

    assert await mend(work, photo, "48.png") == {"48.png"}


async def test_copies_in_other_formats_are_taken_away(work: Studio) -> None:
    """They are made when somebody asks for them."""
    photo = await set_photo(work, "square")
    key = photo.copy_keys()[0]
    work.service.blobs.put({key: b"RIFF"})

    assert await mend(work, photo, key.removeprefix(photo.stem), cut=True) == {"24.webp"}

    assert work.service.blobs.get(key) is None
    assert set(photo.copy_keys()) == set(expected_copies(photo))


async def test_what_was_taken_away_meanwhile_stays_away(work: Studio) -> None:
    """Its URLs must not come back."""
    photo = await set_photo(work, "part")
    work.service.database.delete_photo(work.ada.id, work.clock())

    await mend(work, photo, "48.jpg")

    assert work.service.blobs.get(photo.key("48")) is None
