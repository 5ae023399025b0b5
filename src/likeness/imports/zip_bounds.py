"""Bounds on zips, checked before anything in one is unpacked. Pure.

A zip of kilobytes can claim gigabytes, by entries that are packed a thousandfold or by many entries
over one and the same body. What it claims is bounded here; what it holds, where it is read.
"""

import struct
from collections.abc import Iterable
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

from likeness.errors import Mistake
from likeness.imports.records import RECORDS_MAX

ENTRIES_MAX: Final = RECORDS_MAX
"""Entries of a zip, folders and noise included. Each takes a kilobyte of memory."""

DIRECTORY_LENGTH_MAX: Final = 64 * 2**20
"""Bytes of the central directory, which is read at once: 600 for each of the most entries."""

CLAIMED_LENGTH_MAX: Final = 20 * 2**30
"""Bytes of all entries once they are unpacked, as the zip says: 50,000 photos of 400 kB."""

ENTRY_LENGTH_MAX: Final = 32 * 2**20
"""Bytes of one entry once it is unpacked: as much as any picture may have."""

RATIO_MAX: Final = 200
"""How many times longer an entry may become. Pictures are packed already and stay as they are;
a thousand times is what DEFLATE can do."""

_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({ZIP_STORED, ZIP_DEFLATED})
_LOCAL_HEAD_LENGTH: Final = 30

_END: Final = struct.Struct("<4s4H2LH")
_END_MAGIC: Final = b"PK\5\6"
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_END64_MAGIC: Final = b"PK\6\6"
_LOCATOR: Final = struct.Struct("<4sLQL")
_LOCATOR_MAGIC: Final = b"PK\6\7"

TAIL_LENGTH: Final = 2**16 + _END.size + _LOCATOR.size + _END64.size
"""Bytes at the end of a zip in which its last parts are."""


def check_tail(tail: bytes) -> None:
    """Judge the number of entries, and the length of their directory, by the end of a file.

    `tail` are its last `TAIL_LENGTH` bytes. Raises Mistake for what is no zip.
    """
    at = tail.rfind(_END_MAGIC)
    if at < 0 or at + _END.size > len(tail):
        raise Mistake("the file is no zip, or its end is missing")
    *_, entries, length, _, _ = _END.unpack_from(tail, at)
    before = at - _LOCATOR.size
    if before >= 0 and tail.startswith(_LOCATOR_MAGIC, before):
        # ZIP64: the numbers did not fit, and stand in a record of their own just before.
        record = before - _END64.size
        if record < 0 or not tail.startswith(_END64_MAGIC, record):
            raise Mistake("the end of the zip is damaged")
        *_, entries, length, _ = _END64.unpack_from(tail, record)
    if length > DIRECTORY_LENGTH_MAX:
        raise Mistake(
            f"the list of entries in the zip has {length} bytes; at most "
            f"{DIRECTORY_LENGTH_MAX} are read; make several zips"
        )
    check_count(entries)


def check_count(entries: int) -> None:
    """Raise Mistake for more entries than `ENTRIES_MAX`."""
    if entries > ENTRIES_MAX:
        raise Mistake(
            f"the zip has {entries} entries; at most {ENTRIES_MAX} are read; make several zips"
        )


def check_whole(infos: Iterable[ZipInfo]) -> None:
    """Judge all entries together. Raises Mistake where they claim too much, or overlap."""
    listed = sorted(infos, key=lambda info: info.header_offset)
    check_count(len(listed))
    claimed = sum(info.file_size for info in listed)
    if claimed > CLAIMED_LENGTH_MAX:
        raise Mistake(
            f"the entries of the zip would have {claimed} bytes once they are unpacked; at most "
            f"{CLAIMED_LENGTH_MAX} are allowed; make several zips"
        )
    end = 0
    for info in listed:
        if info.header_offset < end:
            raise Mistake("two entries of the zip lie over each other, as no honest zip has them")
        end = info.header_offset + _LOCAL_HEAD_LENGTH + info.compress_size


def fault_of(info: ZipInfo) -> str:
    """Why one entry is not read; "" where it may be."""
    if info.flag_bits & _ENCRYPTED:
        return "the entry is encrypted; make the zip without a password"
    if info.compress_type not in _METHODS:
        return f"the entry is packed by method {info.compress_type}; only DEFLATE is read"
    if info.file_size > ENTRY_LENGTH_MAX:
        return (
            f"the entry has {info.file_size} bytes once it is unpacked; "
            f"at most {ENTRY_LENGTH_MAX} are allowed"
        )
    if info.file_size > RATIO_MAX * max(info.compress_size, 1):
        return f"the entry becomes more than {RATIO_MAX} times longer, which no picture does"
    return "it is a zip within the zip; unpack it" if _is_zip(info.filename) else ""


def _is_zip(name: str) -> bool:
    return name.casefold().endswith(".zip")
