"""The orientation reader: right on what cameras write, harmless on everything else."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging.formats import exif as reader
from likeness.imaging.formats.steps import Steps
from support.blocks import exif


def orientation(block: bytes) -> int:
    """What is read, with a whole budget."""
    return reader.orientation(block, Steps())


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_each_orientation_is_read_in_both_byte_orders(turn: int, order: str) -> None:
    """The eight values of EXIF."""
    assert orientation(exif(turn, order=order)) == turn


def test_the_prefix_of_a_jpeg_is_skipped() -> None:
    """A JPEG says `Exif` before the block, and some PNG and WebP writers copy that."""
    assert orientation(b"Exif\0\0" + exif(6)) == 6


@pytest.mark.parametrize("turn", [0, 9, 274, 65535])
def test_a_value_that_does_not_exist_counts_as_upright(turn: int) -> None:
    """Broken cameras write 0."""
    assert orientation(exif(turn)) == 1


def test_a_value_of_another_type_counts_as_upright() -> None:
    """EXIF stores the orientation as a short integer."""
    assert orientation(exif(6, kind=2)) == 1


@pytest.mark.parametrize("block", [b"", b"II*", b"XX*\0" + bytes(20), b"MM\0*", exif(6)[:20]])
def test_no_block_or_a_cut_one_counts_as_upright(block: bytes) -> None:
    """The entry lies beyond the cut, or there is none."""
    assert orientation(block) == 1


def test_a_directory_that_starts_on_itself_is_read_once() -> None:
    """A pointer to its own place is only odd, as pointers are never followed twice."""
    block = b"MM\0*" + struct.pack(">I", 4) + bytes(60)

    assert orientation(block) == 1


def test_only_the_first_512_entries_are_looked_at() -> None:
    """The count is the file's own claim."""
    filler = struct.pack(">HHII", 0x010F, 2, 1, 0)
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    head = b"MM\0*" + struct.pack(">IH", 8, 0xFFFF)

    assert orientation(head + filler * 511 + entry) == 6
    assert orientation(head + filler * 512 + entry) == 1


def test_no_entry_is_looked_at_behind_the_end_of_the_block() -> None:
    """Whatever number of them it claims; the last one may be cut."""
    filler = struct.pack(">HHII", 0x010F, 2, 1, 0)
    head = b"MM\0*" + struct.pack(">IH", 8, 0xFFFF)
    for block, expected in ((head, 0), (head + filler * 3, 3), (head + filler * 3 + bytes(11), 3)):
        steps = Steps()
        assert reader.orientation(block, steps) == 1
        assert steps.taken == expected


@given(st.binary(max_size=200), st.sampled_from([b"", b"II*\0", b"MM\0*", b"Exif\0\0II*\0"]))
def test_any_bytes_give_one_to_eight(rest: bytes, magic: bytes) -> None:
    """No input raises."""
    assert orientation(magic + rest) in range(1, 9)
