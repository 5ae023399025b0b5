"""HEIC and AVIF files, box by box: which are whole, what they say, and what survives stripping."""

import struct

import pytest

from likeness.errors import BadImage
from likeness.imaging.formats import ICC_LENGTH_MAX, Probe
from likeness.imaging.formats.colours import PEAK_NITS, of_codes
from likeness.imaging.formats.heif import TILES_MAX
from likeness.imaging.probe import parse, probe
from likeness.model import Format
from support.heif_blocks import (
    AV1C,
    HVCC,
    Item,
    aux,
    avif,
    box,
    clap,
    full_box,
    grid,
    heif_file,
    icc,
    imir,
    irot,
    ispe,
    nclx,
)

HEIC_8 = Probe(Format.HEIC, 8, 8)
TILE = Item(data=b"tile")
ALPHA_ITEM = Item(said=(HVCC, ispe(8, 8), aux()), data=b"alpha")
GRID = Item(b"grid", (ispe(15, 16),), grid(2, 2, 15, 16))
DIMG = (b"dimg", 1, (2, 3, 4, 5))


def one(*said: bytes, width: int = 8, height: int = 8) -> bytes:
    """A HEIC of one picture with more said of it."""
    return heif_file(Item(said=(HVCC, ispe(width, height), *said)))


def refusal(data: bytes) -> str:
    """What the caller is told about a file that is refused."""
    with pytest.raises(BadImage) as caught:
        probe(data)
    return caught.value.message


@pytest.mark.parametrize("brands", [b"heic\0\0\0\0", b"mif1\0\0\0\0heic", b"msf1\0\0\0\0mif1"])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("in_idat", [False, True])
def test_a_heic_is_read(brands: bytes, wide: bool, in_idat: bool) -> None:
    """With numbers of either length, pixels in either place, and the brands that writers use."""
    assert probe(heif_file(brands=brands, wide=wide, in_idat=in_idat)) == HEIC_8


def test_an_avif_is_read() -> None:
    """By how its picture is coded; the brand alone does not make it one."""
    coded = Item(b"av01", (AV1C, ispe(8, 8)))

    assert probe(avif()) == Probe(Format.AVIF, 8, 8)
    assert probe(heif_file(coded)).format is Format.AVIF


@pytest.mark.parametrize("wide", [False, True])
def test_a_grid_is_as_large_as_it_says(wide: bool) -> None:
    """The tiles at the right and at the bottom may reach beyond it."""
    whole = Item(b"grid", (ispe(15, 16),), grid(2, 2, 15, 16, wide=wide))

    assert probe(heif_file(whole, *[TILE] * 4, links=[DIMG])) == Probe(Format.HEIC, 15, 16)


@pytest.mark.parametrize(
    ("description", "tiles"),
    [
        (grid(2, 2, 15, 16), (2, 3, 4)),
        (grid(2, 2, 15, 16), (2, 3, 4, 4)),
        (grid(2, 2, 15, 16), ()),
        (grid(2, 2, 17, 16), (2, 3, 4, 5)),
        (grid(2, 2, 8, 16), (2, 3, 4, 5)),
        (grid(2, 2, 15, 17), (2, 3, 4, 5)),
        (grid(2, 2, 15, 8), (2, 3, 4, 5)),
        (grid(2, 2, 14, 16), (2, 3, 4, 5)),
        (grid(2, 2, 15, 16), (2, 3, 4, 6)),
        (grid(2, 2, 15, 16), (2, 3, 4, 7)),
        (grid(2, 2, 15, 16), (2, 3, 4, 1)),
    ],
)
def test_a_grid_whose_tiles_do_not_make_it_is_refused(
    description: bytes, tiles: tuple[int, ...]
) -> None:
    """As many, of one size and one coding, no larger than needed."""
    others = Item(said=(HVCC, ispe(9, 8))), Item(b"av01", (AV1C, ispe(8, 8)))
    whole = Item(b"grid", (ispe(15, 16),), description)
    data = heif_file(whole, *[TILE] * 4, *others, links=[(b"dimg", 1, tiles)])

    assert "its tiles do not make its picture" in refusal(data)


def test_a_grid_of_too_many_tiles_is_refused() -> None:
    """Each takes a decoder's start, whatever its size."""
    side = 8 * 33
    whole = Item(b"grid", (ispe(side, side),), grid(33, 33, side, side))
    tiles = tuple(range(2, 2 + 33 * 33))
    data = heif_file(whole, *[TILE] * len(tiles), wide=True, links=[(b"dimg", 1, tiles)])

    assert len(tiles) > TILES_MAX
    assert "its tiles do not make its picture" in refusal(data)


@pytest.mark.parametrize(
    ("said", "orientation"),
    [
        ((), 1),
        ((irot(0),), 1),
        ((irot(1),), 8),
        ((irot(2),), 3),
        ((irot(3),), 6),
        ((imir(1),), 2),
        ((imir(0),), 4),
        ((irot(1), imir(1)), 7),
        ((irot(1), imir(0)), 5),
        ((irot(2), imir(0)), 2),
        ((irot(3), imir(1)), 5),
        ((imir(1), irot(1)), 5),
        ((imir(1), irot(3)), 7),
        ((box(b"irot"),), 1),
    ],
)
def test_the_orientation_comes_from_what_turns_and_mirrors(
    said: tuple[bytes, ...], orientation: int
) -> None:
    """In the order in which it is said; decoders are not told, so that it happens once."""
    found = parse(one(*said))

    assert found.probe.orientation == orientation
    assert probe(found.stripped()).orientation == 1


def test_exif_turns_nothing() -> None:
    """The standard says so (ISO 23008-12, 6.5.10): phones write both, and one of them counts."""
    exif = Item(b"Exif", (), b"\0\0\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0")
    data = heif_file(Item(), exif, links=[(b"cdsc", 2, (1,))])

    assert probe(data) == HEIC_8


def test_alpha_is_another_picture_of_the_same_size() -> None:
    """With its own tiles, where it has some."""
    tile = Item(said=(HVCC, ispe(8, 8)))
    alpha = Item(b"grid", (ispe(15, 16), aux()), grid(2, 2, 15, 16))
    both = [GRID, *[tile] * 4, alpha, *[tile] * 4]
    links = [DIMG, (b"auxl", 6, (1,)), (b"dimg", 6, (7, 8, 9, 10))]

    assert probe(heif_file(Item(), ALPHA_ITEM, links=[(b"auxl", 2, (1,))])).has_alpha
    assert probe(heif_file(*both, links=links)).has_alpha


@pytest.mark.parametrize(
    ("item", "link"),
    [
        (ALPHA_ITEM, (b"auxl", 2, (2,))),
        (ALPHA_ITEM, (b"thmb", 2, (1,))),
        (Item(), (b"auxl", 2, (1,))),
        (Item(said=(ispe(8, 8), aux(b"urn:of:depth"))), (b"auxl", 2, (1,))),
    ],
)
def test_what_is_no_alpha_is_left_out(item: Item, link: tuple[bytes, int, tuple[int]]) -> None:
    """Thumbnails, depth, maps of brightness; and alpha of another picture."""
    data = heif_file(Item(), item, links=[link])

    assert probe(data) == HEIC_8
    assert parse(data).stripped() == parse(heif_file()).stripped()


def test_alpha_of_another_size_is_refused() -> None:
    """No writer makes it, and decoders differ in what they do."""
    alpha = Item(said=(HVCC, ispe(9, 8), aux()))

    assert "differ in size" in refusal(heif_file(Item(), alpha, links=[(b"auxl", 2, (1,))]))


@pytest.mark.parametrize("parts", [1, 3])
def test_what_an_encoder_added_at_the_edges_is_left_out(parts: int) -> None:
    """Libheif does it, and so it is told; libavif does not, and nor do we."""
    heic = parse(one(clap(7, 5, parts)))

    assert (heic.probe.width, heic.probe.height) == (7, 5)
    assert b"clap" in heic.stripped()
    assert probe(avif(clap(7, 5))) == Probe(Format.AVIF, 8, 8)
    assert b"clap" not in parse(avif(clap(7, 5))).stripped()


@pytest.mark.parametrize("size", [(0, 8), (8, 0), (9, 8), (8, 9), (35, 100), (100, 35)])
def test_a_crop_is_refused(size: tuple[int, int]) -> None:
    """What somebody cut away must not be shown, nor may a picture be larger than its limits."""
    assert "to be cut out of it" in refusal(one(clap(*size, 0 if size == (8, 0) else 1)))
    assert "to be cut out of it" in refusal(one(clap(*size), width=100, height=100))


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ((nclx(12, 13),), (12, 13)),
        ((nclx(12, 8),), (12, 8)),
        ((nclx(9, 16), nclx(1, 13)), (9, 16)),
        ((icc(bytes(ICC_LENGTH_MAX)), nclx(12, 13)), (12, 13)),
        ((nclx(12, 2),), (12, 13)),
        ((nclx(2, 8),), (1, 8)),
        *(((nclx(9, video),), (9, 13)) for video in (1, 6, 14, 15)),
    ],
)
def test_colours_by_code_count_where_there_is_no_profile(
    said: tuple[bytes, ...], codes: tuple[int, int]
) -> None:
    """A profile above the limit is none; the unspecified and curves of video are sRGB's."""
    found = parse(one(*said))

    assert found.probe.colours == of_codes(*codes)
    assert len(found.stripped()) < ICC_LENGTH_MAX


@pytest.mark.parametrize(
    "said",
    [
        (),
        (nclx(1, 13),),
        (nclx(1, 1),),
        (nclx(2, 2),),
        (nclx(0, 0),),
        (nclx(12, 13), icc(b"profile")),
        (box(b"colr", b"nclx"),),
    ],
)
def test_numbers_of_srgb_need_no_change(said: tuple[bytes, ...]) -> None:
    """Nor do those of a profile, or of codes that nobody knows."""
    assert parse(one(*said)).probe.colours is None


@pytest.mark.parametrize(
    ("said", "nits"),
    [
        ((), PEAK_NITS),
        ((box(b"clli", struct.pack(">HH", 300, 100)),), 300),
        ((box(b"clli", struct.pack(">HH", 0, 100)),), PEAK_NITS),
        ((box(b"clli", bytes(3)),), PEAK_NITS),
        ((box(b"mdcv", bytes(16) + struct.pack(">II", 3_000_000, 1)),), PEAK_NITS),
    ],
)
def test_how_bright_a_picture_is_can_be_said(said: tuple[bytes, ...], nits: float) -> None:
    """By the picture; the screen on which it was made does not count."""
    assert parse(one(nclx(9, 16), *said)).probe.colours == of_codes(9, 16, nits)


def test_a_sequence_is_its_still_picture() -> None:
    """That there are more is said; no decoder sees them."""
    found = parse(heif_file(behind=box(b"moov", b"frames")))

    assert found.probe == HEIC_8
    assert "this picture moves" in found.notes[0]
    assert found.stripped() == parse(heif_file()).stripped()


def test_a_sequence_without_a_still_picture_is_refused() -> None:
    """By name."""
    data = box(b"ftyp", b"msf1\0\0\0\0hevc") + box(b"moov", b"frames")

    assert "a sequence without a picture" in refusal(data)


def test_what_no_pixel_needs_is_stripped() -> None:
    """EXIF, XMP, other pictures, unknown boxes wherever they stand, and what follows the end."""
    items = [Item(b"Exif", (), b"secret"), Item(b"mime", (), b"secret"), Item(data=b"secret")]
    said = box(b"udes", b"secret"), box(b"pasp", b"secret"), irot(1)
    picture = Item(said=(HVCC, ispe(8, 8), *said))
    data = heif_file(
        picture, *items, inside=box(b"free", b"secret"), behind=box(b"sefd", b"secret") + b"secret"
    )

    assert parse(data).stripped() == parse(heif_file()).stripped()


@pytest.mark.parametrize("wide", [False, True])
def test_what_pixels_and_colours_need_is_kept(wide: bool) -> None:
    """Once stripped, a file is what it was; it is built in one way however it came."""
    links = [DIMG, (b"auxl", 6, (1,)), (b"dimg", 6, (7, 8, 9, 10)), (b"prem", 1, (6,))]
    alpha = Item(b"grid", (ispe(15, 16), aux()), grid(2, 2, 15, 16))
    items = [Item(b"grid", (*GRID.said, icc(b"profile")), GRID.data), *[TILE] * 4]
    items += [alpha, *[TILE] * 4]
    stripped = parse(heif_file(*items, links=links, wide=wide)).stripped()

    assert parse(stripped).stripped() == stripped
    assert parse(stripped).probe.has_alpha
    assert stripped.count(b"tile") == 8
    assert all(kind in stripped for kind in (b"profile", b"hvcC", b"prem", b"auxC"))


@pytest.mark.parametrize("kind", [b"jpeg", b"iovl", b"\xff\0\0\0", b"    "])
def test_other_codings_are_refused_by_name(kind: bytes) -> None:
    """What is read is HEVC and AV1."""
    assert "which is not read" in refusal(heif_file(Item(kind)))


def test_what_has_to_be_understood_and_is_not_is_refused() -> None:
    """A layer to be chosen, say: decoders would show another picture."""
    assert "what is not known here (lsel)" in refusal(one(box(b"lsel", b"\0\1")))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (heif_file(replaced={b"pitm": b""}), "does not say which picture"),
        (heif_file(replaced={b"pitm": full_box(b"pitm")}), "shorter than it says"),
        (heif_file(primary=2), "how large it is"),
        (heif_file(Item(said=(HVCC,))), "how large it is"),
        (one(width=0), "0x8 pixels"),
        (one(height=0), "8x0 pixels"),
        (heif_file(inside=b"\0\0\0\x09free"), "longer than the whole"),
        (heif_file(inside=b"free"), "longer than the whole"),
        (heif_file(replaced={b"iloc": full_box(b"iloc", b"\x44\0\0\0")}), "it is cut off"),
        (heif_file(Item(b"grid", (ispe(8, 8),), b""), links=[(b"dimg", 1, (1,))]), "damaged"),
        (box(b"ftyp", b"heic"), "it is cut off"),
    ],
)
def test_what_contradicts_itself_is_refused(data: bytes, found: str) -> None:
    """Missing, short and long boxes, sides of no length, pixels that are nowhere."""
    assert found in refusal(data)


@pytest.mark.parametrize("length", range(24, len(heif_file())))
def test_a_cut_file_is_refused_wherever_it_is_cut(length: int) -> None:
    """The list of parts is missing, or the pixels are."""
    assert "it is cut off" in refusal(heif_file()[:length])


@pytest.mark.parametrize("count", [62, 63])
def test_a_part_of_which_too_much_is_said_is_refused(count: int) -> None:
    """A decoder would have to be told all of it."""
    profiles = [icc(bytes([number])) for number in range(count)]
    data = heif_file(Item(said=(HVCC, ispe(8, 8), *profiles)), wide=True)

    if count + 2 <= 64:
        assert parse(data).stripped().count(b"prof") == count
    else:
        assert "65 things are said" in refusal(data)


def test_what_is_said_twice_is_said_once() -> None:
    """Of one item by one box: no picture is turned twice by it."""
    ipma = full_box(b"ipma", struct.pack(">IHB", 1, 1, 5), b"\1\2\3\3\3")
    iprp = box(b"iprp", box(b"ipco", HVCC, ispe(8, 8), irot(1)), ipma)

    assert probe(heif_file(replaced={b"iprp": iprp})).orientation == 8


def test_pixels_that_are_used_twice_are_refused() -> None:
    """Or a short file would be built into a long one."""
    place = b"\x44\0\0\1" + b"\0\1\0\0\0\2" + 2 * b"\0\0\0\0\0\0\1\0"
    twice = heif_file(Item(data=bytes(100)), replaced={b"iloc": full_box(b"iloc", place)})
    itself = heif_file(Item(said=(HVCC, ispe(8, 8), aux())), links=[(b"auxl", 1, (1,))])

    assert "is used twice" in refusal(twice)
    assert "is used twice" in refusal(itself)
