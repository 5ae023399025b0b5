"""How much a zip may ask of us, at each bound and just beyond it."""

import io
import struct
from contextlib import suppress
from unittest.mock import patch
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import Mistake
from likeness.imports import zip_bounds
from likeness.imports.zip_bounds import (
    CLAIMED_LENGTH_MAX,
    DIRECTORY_LENGTH_MAX,
    ENTRIES_MAX,
    ENTRY_LENGTH_MAX,
    RATIO_MAX,
    check_tail,
    check_whole,
    fault_of,
)


def end(entries: int, length: int) -> bytes:
    """The end of a zip without a comment."""
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, entries, entries, length, 0, 0)


def end64(entries: int, length: int) -> bytes:
    """The end of a zip that is too large for the numbers there."""
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, length, 0)
    return record + struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1) + end(0xFFFF, 0xFFFFFFFF)


def entry(offset: int = 0, packed: int = 100, unpacked: int = 100, name: str = "a.jpg") -> ZipInfo:
    """What the directory of a zip says of an entry."""
    info = ZipInfo(name)
    info.header_offset, info.compress_size, info.file_size = offset, packed, unpacked
    return info


@pytest.mark.parametrize("made", [end, end64])
def test_the_number_of_entries_and_their_directory_are_bounded(made: object) -> None:
    """By what the end of the file says, before anything is read by it."""
    assert callable(made)
    check_tail(b"body" + made(ENTRIES_MAX if made is end64 else 65_535, DIRECTORY_LENGTH_MAX))

    with pytest.raises(Mistake, match=f"at most {DIRECTORY_LENGTH_MAX} are read"):
        check_tail(made(1, DIRECTORY_LENGTH_MAX + 1))


def test_more_entries_need_the_larger_end() -> None:
    """It is read where it is there."""
    with pytest.raises(Mistake, match=f"at most {ENTRIES_MAX} are read"):
        check_tail(end64(ENTRIES_MAX + 1, 1000))


def test_what_is_no_zip_is_told() -> None:
    """Also one whose end is missing, or damaged."""
    whole = end64(1, 46)
    for data in (b"", b"hello", end(1, 46)[:-3]):
        with pytest.raises(Mistake, match="no zip, or its end is missing"):
            check_tail(data)
    for data in (whole[10:], b"XX" + whole[2:]):
        with pytest.raises(Mistake, match="damaged"):
            check_tail(data)


@given(st.binary())
def test_any_bytes_are_judged(data: bytes) -> None:
    """Nothing but a mistake is raised."""
    for tail in (data, data + end(1, 1), data + end64(1, 1), b"PK\6\7" + data + end(1, 1)):
        with suppress(Mistake):
            check_tail(tail)


def test_what_a_program_writes_is_within_the_bounds() -> None:
    """With a comment at its end."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as made:
        made.comment = b"made by hand"
        made.writestr("a.jpg", b"a" * 100)
        made.writestr("b.jpg", b"b" * 100)

    check_tail(file.getvalue())
    check_whole(ZipFile(file).infolist())


def test_all_entries_together_may_claim_so_much() -> None:
    """What they hold is another question."""
    half = CLAIMED_LENGTH_MAX // 2
    check_whole([entry(0, unpacked=half), entry(1000, unpacked=half)])

    with pytest.raises(Mistake, match=f"at most {CLAIMED_LENGTH_MAX} are allowed"):
        check_whole([entry(0, unpacked=half), entry(1000, unpacked=half + 1)])


def test_entries_that_lie_over_each_other_are_refused() -> None:
    """60,000 of them over one body claim 63 GB in 3 MB."""
    check_whole([entry(0, packed=100), entry(130, packed=100)])

    with pytest.raises(Mistake, match="over each other"):
        check_whole([entry(129, packed=100), entry(0, packed=100)])


def test_the_list_is_counted_again() -> None:
    """The end of the file may have said less."""
    with patch.object(zip_bounds, "ENTRIES_MAX", 2), pytest.raises(Mistake, match="3 entries"):
        check_whole([entry(1000 * each) for each in range(3)])


def encrypted() -> ZipInfo:
    """An entry with a password."""
    info = entry()
    info.flag_bits = 1
    return info


def packed_otherwise() -> ZipInfo:
    """An entry that could unpack to anything."""
    info = entry()
    info.compress_type = ZIP_BZIP2
    return info


@pytest.mark.parametrize(
    ("info", "fault"),
    [
        (entry(), ""),
        (entry(packed=2**20, unpacked=ENTRY_LENGTH_MAX), ""),
        (entry(packed=2**20, unpacked=ENTRY_LENGTH_MAX + 1), f"at most {ENTRY_LENGTH_MAX}"),
        (entry(packed=10, unpacked=10 * RATIO_MAX), ""),
        (entry(packed=10, unpacked=10 * RATIO_MAX + 1), f"more than {RATIO_MAX} times longer"),
        (entry(packed=0, unpacked=0), ""),
        (entry(name="more.ZIP"), "a zip within the zip"),
        (encrypted(), "encrypted"),
        (packed_otherwise(), "only DEFLATE is read"),
    ],
)
def test_one_entry_is_judged_by_itself(info: ZipInfo, fault: str) -> None:
    """The others are read all the same."""
    assert fault in fault_of(info)
    assert bool(fault) == bool(fault_of(info))
