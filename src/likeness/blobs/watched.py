"""A blob store that logs its outages: when one begins, while it lasts, and when it ends."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from likeness.blobs.port import BlobStore, StoredBlob
from likeness.errors import ServiceUnavailable
from likeness.seldom import Outage


class WatchedBlobs:
    """A blob store that passes every call on, and logs the outages that it meets."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        # A disk that is full can be read, and a bucket may let us do one and not the other.
        self._reads = Outage("store_away", "store_back", doing="reading")
        self._writes = Outage("store_away", "store_back", doing="writing")

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """See BlobStore."""
        with _told(self._writes):
            self._store.put(blobs)

    def get(self, key: str) -> bytes | None:
        """See BlobStore."""
        with _told(self._reads):
            return self._store.get(key)

    def delete(self, keys: Sequence[str]) -> None:
        """See BlobStore."""
        with _told(self._writes):
            self._store.delete(keys)

    def keys(self, prefix: str) -> Iterator[StoredBlob]:
        """See BlobStore."""
        with _told(self._reads):
            yield from self._store.keys(prefix)


@contextmanager
def _told(outage: Outage) -> Iterator[None]:
    try:
        yield
    except ServiceUnavailable as refusal:
        outage.met(refusal.reason)
        raise
    except OSError as error:
        outage.met(str(error))
        raise
    outage.over()
