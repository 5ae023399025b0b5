"""Boxes: which are whole, and how far numbers may be read."""

import pytest

from likeness.errors import BadImage
from likeness.imaging.formats.boxes import Box, Reader, boxes, leading_boxes
from likeness.imaging.formats.steps import Steps
from likeness.model import Format
from support.heif_blocks import box

LONG = b"\0\0\0\1long" + (20).to_bytes(8, "big") + b"abcd"
LAST = b"\0\0\0\0lastabc"


def test_boxes_follow_each_other() -> None:
    """With 32 bits of length, with 64, and up to the end; each is a step."""
    data, steps = box(b"free", b"ab") + LONG + LAST, Steps()

    found = list(boxes(data, 0, len(data), Format.HEIC, steps))

    assert [(each.kind, data[each.start : each.end]) for each in found] == [
        (b"free", b"ab"),
        (b"long", b"abcd"),
        (b"last", b"abc"),
    ]
    assert steps.taken == 3
    assert found == list(leading_boxes(data, Steps()))


@pytest.mark.parametrize(
    "tail", [b"\0", b"\0\0\0\7free", b"\0\0\0\x09free", LONG[:-1], LONG[:12], b"\0\0\0\2freeab"]
)
def test_a_box_that_is_not_whole_is_refused_inside_and_ends_a_file(tail: bytes) -> None:
    """Phones append what is no box; inside one there is no such thing."""
    data = box(b"free") + tail

    with pytest.raises(BadImage, match="longer than the whole"):
        list(boxes(data, 0, len(data), Format.AVIF, Steps()))
    assert list(leading_boxes(data, Steps())) == [Box(b"free", 8, 8)]


def test_numbers_end_with_their_box() -> None:
    """What follows belongs to another one."""
    reader = Reader(b"\1\0\0\2\3\4\5", Box(b"test", 0, 6), Format.HEIC)

    assert reader.version() == (1, 2)
    assert reader.number(0) == 0
    assert reader.number(2) == 0x0304
    with pytest.raises(BadImage, match="shorter than it says"):
        reader.take(1)
