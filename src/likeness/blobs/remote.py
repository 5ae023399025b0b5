"""Blobs as objects of a bucket: S3 and compatible stores, Google Cloud Storage, Azure.

No write is conditional, since stores disagree about the meaning. Keys are fresh and the bytes under
one never differ, so that writes are idempotent.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Final

import obstore

from likeness.blobs.address import Bucket
from likeness.blobs.clients import (
    LARGE_LENGTH_MIN,
    RETRY_TIMEOUT_S,
    SILENCE_TIMEOUT_S,
    TRANSFER_TIMEOUT_S,
    open_client,
)
from likeness.blobs.keys import check_key, check_prefix, is_key
from likeness.blobs.outage import is_missing_key, outage_named, unavailable
from likeness.blobs.port import StoredBlob
from likeness.model import FORMAT_OF_SUFFIX

PUTS_AT_A_TIME: Final = 32
"""Objects on their way to the bucket from this process: three photos of ten files at once. More
photos than that are not rendered at a time, and every thread takes 40 kB."""

DELETED_AT_A_TIME: Final = 50
"""Keys in one call. The slowest store that we know takes 10 ms for each, and so 0.5 s for the call,
a quarter of the silence that it is allowed."""

_LISTED_AT_A_TIME: Final = 1000
"""As many as every provider gives in one page."""

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_NOT_KEPT: Final = "private, no-store"


class BucketBlobs:
    """The store in a bucket. Opening it asks nobody, so that a start needs no bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._store = open_client(bucket)
        self._large = open_client(bucket, TRANSFER_TIMEOUT_S)
        self._putting = ThreadPoolExecutor(PUTS_AT_A_TIME, "bucket")

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """Send every blob at once. Buckets answer only when a value is durable and whole."""
        for key in blobs:
            check_key(key)
        if len(blobs) == 1:
            self._put(*next(iter(blobs.items())))
            return
        self._all_put([self._putting.submit(self._put, *blob) for blob in blobs.items()], blobs)

    def get(self, key: str) -> bytes | None:
        """The bytes of the object, or None when the bucket says that it has no such key."""
        check_key(key)
        with outage_named():
            try:
                found = obstore.get(self._store, key)
                data = found.bytes()
            except FileNotFoundError as error:
                if is_missing_key(error):
                    return None
                raise
        if len(data) != found.meta["size"]:
            raise unavailable(f"it sent {len(data)} of {found.meta['size']} bytes")
        return data.to_bytes()

    def delete(self, keys: Sequence[str]) -> None:
        """Remove the objects, DELETED_AT_A_TIME in one call."""
        for key in keys:
            check_key(key)
        every = list(dict.fromkeys(keys))
        with outage_named():
            for start in range(0, len(every), DELETED_AT_A_TIME):
                self._delete(every[start : start + DELETED_AT_A_TIME])

    def keys(self, prefix: str) -> Iterator[StoredBlob]:
        """Every object below `prefix`, page by page; objects that are not ours are skipped."""
        check_prefix(prefix)
        with outage_named():
            for page in obstore.list(self._store, prefix, chunk_size=_LISTED_AT_A_TIME):
                yield from (
                    StoredBlob(each["path"], each["size"], each["last_modified"])
                    for each in page
                    if is_key(each["path"])
                )

    def _put(self, key: str, data: bytes) -> None:
        """Send one value in one request: parts of a larger one would be left behind by a crash."""
        store = self._store if len(data) < LARGE_LENGTH_MIN else self._large
        with outage_named():
            obstore.put(store, key, data, attributes=_attributes(key), use_multipart=False)

    def _all_put(self, puts: list[Future[None]], blobs: Mapping[str, bytes]) -> None:
        """Wait until all are done, one has failed, or their time is over."""
        is_large = any(len(data) >= LARGE_LENGTH_MIN for data in blobs.values())
        silence_s = TRANSFER_TIMEOUT_S if is_large else SILENCE_TIMEOUT_S
        done, waiting = wait(puts, RETRY_TIMEOUT_S + silence_s, FIRST_EXCEPTION)
        for put in waiting:
            put.cancel()
        for put in done:
            put.result()
        if waiting:
            raise unavailable("too much is on its way to it")

    def _delete(self, keys: list[str]) -> None:
        try:
            obstore.delete(self._store, keys)
        except FileNotFoundError as error:
            if not is_missing_key(error):
                raise
            # S3 ignores missing keys, others fail, and then it is open which of the rest were
            # deleted. A key that is deleted alone is either there or not.
            for key in keys if len(keys) > 1 else ():
                self._delete([key])


def _attributes(key: str) -> dict[str, str]:
    """Headers for a CDN that reads the bucket itself. Nothing of ours depends on them."""
    form = FORMAT_OF_SUFFIX.get(key.rpartition(".")[2])
    return {
        "Cache-Control": _FOR_EVER if key.startswith("avatars/") else _NOT_KEPT,
        "Content-Type": form.media_type if form else "application/octet-stream",
    }
