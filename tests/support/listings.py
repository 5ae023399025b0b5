"""A store of very many files, of which there is only the listing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from likeness.blobs import StoredBlob
from likeness.blobs.disk import DiskBlobs

MANY: Final = 50_000


class LongListing(DiskBlobs):
    """A store that lists `MANY` files of two bytes each, each of another photo, all of one day."""

    def keys(self, prefix: str) -> Iterator[StoredBlob]:
        """See BlobStore."""
        for number in range(MANY if prefix == "avatars" else 0):
            key = f"avatars/2026-11-01/{number}_00000000000000000000_24.jpg"
            yield StoredBlob(key, 2, datetime(2026, 11, 1, tzinfo=UTC))
