"""Reads photos from a zip in place: no file is ever written by a name in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as NotDeflate  # noqa: N812 - zlib calls its error `error`.

from likeness.errors import Mistake
from likeness.imports.file_names import is_noise, record_of
from likeness.imports.records import Picture, Record, Unusable, shown
from likeness.imports.zip_bounds import (
    DIRECTORY_LENGTH_MAX,
    ENTRY_LENGTH_MAX,
    TAIL_LENGTH,
    check_tail,
    check_whole,
    fault_of,
)

_UTF8_NAME: Final = 0x800
"""The flag of an entry whose name is in UTF-8; without it it is in CP437, or so they say."""

_BROKEN: Final = (BadZipFile, NotDeflate, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What `zipfile` raises for entries that it cannot make sense of."""

_UNREADABLE: Final = (*_BROKEN, OSError)
"""What reading an entry raises besides, such as of one that says it lies beyond any file's end."""


class _Bounded(BufferedReader):
    """A file of which no one reads more at once than a whole list of entries may have."""

    def read(self, size: int | None = -1, /) -> bytes:
        """See io. Raises BadZipFile."""
        wanted = DIRECTORY_LENGTH_MAX + 1 if size is None or size < 0 else size
        data = super().read(min(wanted, DIRECTORY_LENGTH_MAX + 1))
        if len(data) > DIRECTORY_LENGTH_MAX:
            raise BadZipFile(f"more than {DIRECTORY_LENGTH_MAX} bytes are to be read at once")
        return data


@contextmanager
def opened_zip(path: Path) -> Iterator[list[Record]]:
    """The photos of a zip, which can be read until the block ends.

    Raises Mistake for what is no zip, and for one that is beyond the bounds of `zip_bounds`.
    """
    with _Bounded(FileIO(path)) as file:
        length = path.stat().st_size
        file.seek(max(0, length - TAIL_LENGTH))
        check_tail(file.read(TAIL_LENGTH))
        try:
            archive = ZipFile(file)
        except _BROKEN as error:
            raise Mistake(f"{path.name} cannot be read as a zip: {error}") from error
        with archive:
            infos = archive.infolist()
            check_whole(infos)
            yield list(_records(archive, infos))


def _records(archive: ZipFile, infos: list[ZipInfo]) -> Iterator[Record]:
    for number, info in enumerate(infos, 1):
        name = _name_of(info)
        # Not `info.is_dir()`, which fails at an entry without a name.
        if is_noise(name):
            continue
        if fault := fault_of(info):
            yield Record(number, shown(name), fault=fault)
        else:
            picture = Picture(partial(_read, archive, info), _written_at(info))
            yield record_of(number, name, picture)


def _read(archive: ZipFile, info: ZipInfo) -> bytes:
    """The bytes of an entry. Raises Unusable, for more than it may have too."""
    try:
        with archive.open(info) as entry:
            data = entry.read(ENTRY_LENGTH_MAX + 1)
    except _UNREADABLE as error:
        raise Unusable(f"the entry cannot be unpacked: {shown(str(error))}") from error
    if len(data) > ENTRY_LENGTH_MAX:
        raise Unusable(f"the entry has more than {ENTRY_LENGTH_MAX} bytes once it is unpacked")
    return data


def _name_of(info: ZipInfo) -> str:
    """The name of an entry. Many programs write UTF-8 and do not say so."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _written_at(info: ZipInfo) -> datetime | None:
    """When the file was written; a zip has no time zone, so that ours is assumed."""
    try:
        return datetime(*info.date_time).astimezone()
    except (ValueError, OverflowError):
        return None
