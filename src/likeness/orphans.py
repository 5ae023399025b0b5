"""Files that no row refers to: found while the store is listed, a batch at a time.

A store of millions of files is never held in memory.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from likeness.blobs import BlobStore, StoredBlob
from likeness.db import Database
from likeness.listing import batches, listed, photo_id_of

ORPHAN_GRACE: Final = timedelta(hours=24)
"""How old an unreferenced file must be before it is swept: far above any request's deadline."""


def find_orphans(
    database: Database, blobs: BlobStore, before: datetime
) -> Iterator[list[StoredBlob]]:
    """Files written before a moment that no row refers to, in batches.

    Every batch is looked up after it was listed, so that the age alone protects what is being
    written. A database that never had a photo is taken for the wrong one, and no photo for an
    orphan. Raises ServiceUnavailable.
    """
    has_photos = database.has_photos()
    for batch in batches(listed(blobs)):
        old = [blob for blob in batch if blob.written_at < before]
        ids = {blob.key: photo_id_of(blob.key) for blob in old}
        known = database.known_photo_ids({number for number in ids.values() if number is not None})
        # A prepared picture lives an hour, so one as old as the grace is always an orphan.
        lost = [blob for blob in old if ids[blob.key] not in known]
        sure = [blob for blob in lost if has_photos or ids[blob.key] is None]
        if sure:
            yield sure
