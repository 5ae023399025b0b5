"""Finds files that no row refers to, a batch at a time, while the store is listed.

A store of millions of files is never held in memory.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from likeness.blobs import BlobStore, StoredBlob
from likeness.db import Database
from likeness.errors import ServiceUnavailable
from likeness.upkeep.listing import batches, listed, photo_id_of

ORPHAN_GRACE: Final = timedelta(hours=24)
"""How old an unreferenced file must be before it is swept: far above any request's deadline."""

STORED_LENGTH: Final = "stored_length"
"""The fact that has the bytes of all files, orphans included, as they were listed last."""


def find_orphans(
    database: Database, blobs: BlobStore, before: datetime
) -> Iterator[list[StoredBlob]]:
    """Files written before a moment that no row refers to, in batches.

    Every batch is looked up after it was listed, so that only their age protects files that are
    being written. If the database has no photos at all, it is assumed to be the wrong database,
    and all photo files are kept. The length of all files is noted in passing.
    Raises ServiceUnavailable.
    """
    has_photos = database.has_photos()
    length = 0
    for batch in batches(listed(blobs)):
        length += sum(blob.length for blob in batch)
        lost = unreferenced(database, batch, before)
        sure = [blob for blob in lost if has_photos or photo_id_of(blob.key) is None]
        if sure:
            yield sure
    # It is for monitors, and may be a day old: a database that takes no changes is no obstacle.
    with suppress(ServiceUnavailable):
        database.note(STORED_LENGTH, str(length))


def unreferenced(
    database: Database, blobs: Iterable[StoredBlob], before: datetime
) -> list[StoredBlob]:
    """The files written before a moment that no row refers to."""
    old = {blob: photo_id_of(blob.key) for blob in blobs if blob.written_at < before}
    known = database.known_photo_ids({number for number in old.values() if number is not None})
    # A prepared picture lives an hour, so one as old as the grace is always an orphan.
    return [blob for blob, number in old.items() if number not in known]
