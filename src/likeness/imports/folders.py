"""Photos as files of a folder, and the folders below it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from likeness.errors import Mistake
from likeness.imports.file_names import is_noise, record_of
from likeness.imports.records import RECORDS_MAX, Picture, Record, Unusable
from likeness.imports.zip_bounds import ENTRY_LENGTH_MAX

FILE_LENGTH_MAX: Final = ENTRY_LENGTH_MAX
"""Bytes of one file: as much as any picture may have."""


def records_of(folder: Path) -> list[Record]:
    """The files of a folder in the order of their names. Raises Mistake for too many of them.

    Links to other folders are not followed.
    """
    found: list[Record] = []
    for path in _files(folder):
        if len(found) == RECORDS_MAX:
            raise Mistake(f"the folder has more than {RECORDS_MAX} files; part it")
        name = path.relative_to(folder).as_posix()
        if not is_noise(name):
            found.append(record_of(len(found) + 1, name, picture_at(path)))
    return found


def picture_at(path: Path) -> Picture:
    """The picture of a file, whose time is that of the file where it has one."""
    try:
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        made_at = None
    return Picture(partial(_read, path), made_at)


def picture_below(folder: Path, name: str) -> Picture:
    """The picture of a file that a table names. Reading raises Unusable where it is elsewhere."""
    path = folder / name.replace("\\", "/")
    try:
        is_below = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):
        is_below = False
    return picture_at(path) if is_below else Picture(partial(_refuse, name))


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names))


def _read(path: Path) -> bytes:
    try:
        # Asked first: opening a pipe would wait for somebody to write into it.
        if not path.is_file():
            raise Unusable("there is no such file")
        with path.open("rb") as file:
            data = file.read(FILE_LENGTH_MAX + 1)
    except (OSError, ValueError) as error:
        raise Unusable(f"the file cannot be read: {getattr(error, 'strerror', error)}") from error
    if len(data) > FILE_LENGTH_MAX:
        raise Unusable(f"the file has more than {FILE_LENGTH_MAX} bytes")
    return data


def _refuse(name: str) -> bytes:
    raise Unusable(f"{name!r} is not in the folder of the table")
