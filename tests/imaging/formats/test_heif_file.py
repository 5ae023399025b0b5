"""The files that decoders get: as short as they can be, and read by decoders."""

import io

import pillow_heif
from PIL import Image

from likeness.imaging.formats.heif_file import Part, heif_file
from likeness.imaging.probe import parse, probe
from likeness.model import Format
from support.heic import heic
from support.heif_blocks import HVCC, Item, grid, icc, ispe
from support.heif_blocks import heif_file as built
from support.pictures import photo


def test_a_thing_that_is_said_of_many_is_written_once() -> None:
    """The profile of all tiles of a grid, say."""
    said = [(b"colr", b"prof" + bytes(1000), False), (b"hvcC", b"?", True)]
    parts = [Part(b"hvc1", said, [memoryview(b"pixels")]) for _ in range(9)]

    data = b"".join(heif_file(Format.HEIC, parts, []))

    assert len(data) < 2000
    assert data.count(b"prof") == 1
    assert b"iref" not in data


def test_a_thing_that_is_said_twice_of_one_part_is_written_once() -> None:
    """By two boxes that are alike; it is essential where one of them says so."""
    twice = [(b"hvcC", b"?", False), (b"ispe", bytes(12), False), (b"hvcC", b"?", True)]
    once = [(b"hvcC", b"?", True), (b"ispe", bytes(12), False)]

    written = [
        b"".join(heif_file(Format.HEIC, [Part(b"hvc1", said, [memoryview(b"pixels")])], []))
        for said in (twice, once)
    ]

    assert written[0] == written[1]


def test_what_is_written_is_written_the_same_again() -> None:
    """Also where boxes that are alike say one thing twice."""
    data = parse(built(Item(said=(HVCC, ispe(8, 8), ispe(8, 8))))).stripped()

    assert parse(data).stripped() == data


def test_what_is_written_says_the_same() -> None:
    """Of a grid with a profile."""
    tile = Item(said=(ispe(8, 8), icc(b"profile")))
    whole = Item(b"grid", (ispe(16, 8),), grid(1, 2, 16, 8))
    data = built(whole, tile, tile, links=[(b"dimg", 1, (2, 3))])

    assert probe(parse(data).stripped()) == probe(data)


def test_another_reader_sees_the_same_picture() -> None:
    """Libheif with all its parsing, before and after."""
    data = heic(photo(90, 70), quality=90)
    pillow_heif.register_heif_opener()

    before, after = (Image.open(io.BytesIO(each)) for each in (data, parse(data).stripped()))

    assert before.size == after.size == (90, 70)
    assert before.tobytes() == after.tobytes()
