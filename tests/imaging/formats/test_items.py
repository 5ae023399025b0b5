"""The lists in a HEIC or AVIF: what its items are, where they lie, what is said of them."""

import pytest

from likeness.errors import BadImage
from likeness.imaging.formats import Probe
from likeness.imaging.formats.steps import STEPS_MAX, Steps
from likeness.imaging.probe import parse, probe
from likeness.model import Format
from support.heif_blocks import HVCC, File, Item, box, full_box, heif_file, irot, ispe

HEIC_8 = Probe(Format.HEIC, 8, 8)


def refusal(data: bytes) -> str:
    """What the caller is told about a file that is refused."""
    with pytest.raises(BadImage) as caught:
        probe(data)
    return caught.value.message


@pytest.mark.parametrize("extents", [1, 2, 6])
@pytest.mark.parametrize("wide", [False, True])
def test_the_bytes_of_an_item_are_put_together(wide: bool, extents: int) -> None:
    """They may lie in several places of the file."""
    data = heif_file(Item(data=b"abcdef"), extents=extents, wide=wide)

    assert bytes(parse(data).stripped()).endswith(b"mdatabcdef")


def test_an_extent_without_a_length_goes_to_the_end() -> None:
    """As the standard has it."""
    place = b"\x44\0\0\1" + b"\0\1\0\0\0\1" + (len(heif_file()) - 6).to_bytes(4, "big") + bytes(4)
    data = heif_file(replaced={b"iloc": full_box(b"iloc", place)})

    assert parse(data).stripped().endswith(b"mdatpixels")


def test_pixels_in_another_file_are_refused() -> None:
    """`data_reference_index` says so; there is no other file."""
    elsewhere = full_box(b"iloc", b"\x44\0\0\1" + b"\0\1\0\1\0\1" + bytes(8))

    assert "it is cut off" in refusal(heif_file(replaced={b"iloc": elsewhere}))


def test_old_lists_of_items_describe_no_pictures() -> None:
    """Versions 0 and 1 of `infe`, and boxes of other kinds among them."""
    entries = full_box(b"infe", bytes(9)), box(b"free", bytes(4))
    right = full_box(b"infe", b"\0\1\0\0hvc1\0", version=2)
    data = heif_file(replaced={b"iinf": full_box(b"iinf", b"\0\3", *entries, right)})

    assert probe(data) == HEIC_8


def test_a_property_that_is_nowhere_is_none() -> None:
    """0 says that there is none; others are beyond the list."""
    ipma = full_box(b"ipma", b"\0\0\0\1\0\1\4\0\1\2\x7f")
    iprp = box(b"iprp", box(b"ipco", HVCC, ispe(8, 8)), ipma, box(b"free"))

    assert probe(heif_file(replaced={b"iprp": iprp})) == HEIC_8


def test_a_flood_of_references_ends_with_the_budget() -> None:
    """Each is a step before any is read."""
    links = [(b"thmb", 1, tuple([1] * 60_000))]

    assert 60_000 > STEPS_MAX
    assert "parts" in refusal(File(links=links).built())


def test_a_box_an_item_and_each_thing_said_of_it_are_steps() -> None:
    """One for each time that something is said, however few boxes say it."""
    counts = []
    for said in ((), [irot(turn) for turn in range(10)]):
        steps = Steps()
        parse(heif_file(Item(said=(HVCC, ispe(8, 8), *said))), steps)
        counts.append(steps.taken)

    assert counts[1] - counts[0] == 10 + 10
