"""The listing of a blob store: its entries one by one, or all of them in a temporary file.

Files that do not have our names, such as those of the file system itself, are no entries.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final, Protocol, TypeVar

from likeness.blobs import BlobStore, StoredBlob

PREFIXES: Final = ("avatars", "staged")
"""The prefixes of all our keys."""

BATCH: Final = 1000
"""Entries that are handled at once: some 300 kB of them."""

_CACHE_KIB: Final = 16_384
"""The memory of a listing in bytes; the rest is in an unnamed file that ends with it."""

_PHOTO: Final = re.compile(r"avatars/\d{4}-\d\d-\d\d/(\d{1,18})_[0-9a-f]+_\w+\.\w+", re.ASCII)
_STAGED: Final = re.compile(r"staged/[0-9a-f]+\.\w+", re.ASCII)

_KEYS_AT_A_TIME: Final = 500
"""SQLite takes 32 766 parameters and older builds 999; this is below both."""

_T = TypeVar("_T")
_Row = tuple[str, int, float]


class Progress(Protocol):
    """The progress display of a job that reads a whole store."""

    def listed(self, more: int) -> None:
        """Raise the total by the number of files listed."""

    def expect(self, total: int) -> None:
        """Total number of items, skipped ones included."""

    def advance(self, more: int) -> None:
        """Advance by a number of items done. Any thread may call it."""


def listed(blobs: BlobStore) -> Iterator[StoredBlob]:
    """Every file that is named as ours are. Raises ServiceUnavailable."""
    for prefix in PREFIXES:
        for blob in blobs.keys(prefix):
            if photo_id_of(blob.key) is not None or _STAGED.fullmatch(blob.key):
                yield blob


def photo_id_of(key: str) -> int | None:
    """The photo that a file belongs to, by its key; None for a prepared picture."""
    match = _PHOTO.fullmatch(key)
    return int(match[1]) if match else None


def batches(entries: Iterable[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """The entries in lists of `size`, the last one shorter."""
    left = iter(entries)
    while batch := list(islice(left, size)):
        yield batch


class Listing:
    """A whole listing, which is looked up by key and by photo and takes little memory.

    It needs 200 bytes of disk for each file, in the folder for temporary files (`SQLITE_TMPDIR` or
    `TMPDIR` say which). One thread at a time may use it.
    """

    def __init__(self, blobs: BlobStore, told: Callable[[int], None]) -> None:
        """List the store; `told` hears how many more entries were read. Raises ServiceUnavailable.

        The time it takes is that of the store: a minute for a million files on a slow disk.
        """
        # Without a name it is a file that nobody else sees, gone with the process.
        self._table: Final = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._table.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._table.execute("PRAGMA journal_mode = OFF")
        self._table.execute("CREATE TABLE entry (key, length, written_at, photo_id)")
        self.count = self.length = 0
        for batch in batches(listed(blobs)):
            self._add(batch)
            told(len(batch))
        # Sorting once is far cheaper than keeping order while keys come in any.
        self._table.execute("CREATE INDEX by_photo ON entry (photo_id)")
        self._table.execute("CREATE INDEX by_key ON entry (key)")

    def close(self) -> None:
        """Forget all of it."""
        self._table.close()

    def entries(self) -> Iterator[list[StoredBlob]]:
        """All of it, in batches."""
        after = 0
        page = "SELECT rowid, key, length, written_at FROM entry WHERE rowid > ? LIMIT ?"
        while rows := self._table.execute(page, (after, BATCH)).fetchall():
            yield [_blob(row[1:]) for row in rows]
            after = rows[-1][0]

    def of_photos(self, first_id: int, last_id: int) -> Iterator[StoredBlob]:
        """The files of all photos with these ids and those in between."""
        chosen = "SELECT key, length, written_at FROM entry WHERE photo_id BETWEEN ? AND ?"
        return map(_blob, self._table.execute(chosen, (first_id, last_id)))

    def lengths(self, keys: Sequence[str]) -> dict[str, int]:
        """The lengths of those of the keys that are there."""
        found = dict[str, int]()
        for some in batches(keys, _KEYS_AT_A_TIME):
            marks = ",".join("?" * len(some))
            chosen = f"SELECT key, length FROM entry WHERE key IN ({marks})"  # noqa: S608 - Marks.
            found.update(self._table.execute(chosen, some))
        return found

    def _add(self, blobs: list[StoredBlob]) -> None:
        rows = [
            (blob.key, blob.length, blob.written_at.timestamp(), photo_id_of(blob.key))
            for blob in blobs
        ]
        self._table.execute("BEGIN")
        self._table.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", rows)
        self._table.execute("COMMIT")
        self.count += len(blobs)
        self.length += sum(blob.length for blob in blobs)


def _blob(row: _Row) -> StoredBlob:
    key, length, written_at = row
    return StoredBlob(key, length, datetime.fromtimestamp(written_at, UTC))
