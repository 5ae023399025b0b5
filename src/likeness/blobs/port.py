"""The port that every blob store fulfils. Keys are opaque, values never change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """One entry of a listing: its key, its length in bytes and when it was written (UTC)."""

    key: str
    length: int
    written_at: datetime


class BlobStore(Protocol):
    """Where renditions live. All methods block; callers run them in threads.

    A key has two or more segments of `[0-9a-z._-]`, none beginning with a dot, else ValueError.
    A store that cannot be reached raises `errors.ServiceUnavailable`, never "missing".
    """

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """Store all of `blobs`; on return each is durable. On failure some may remain (orphans).

        Idempotent: a key is only ever put with the same bytes. Other bytes are undefined behaviour.
        """

    def get(self, key: str) -> bytes | None:
        """The whole value, or None when no such key exists."""

    def delete(self, keys: Sequence[str]) -> None:
        """Remove the keys; one that does not exist is no error."""

    def keys(self, prefix: str) -> Iterator[StoredBlob]:
        """Every blob below `prefix`, a whole number of segments, in any order."""
