"""Blob stores, which keep the files of photos: their port, and the choice of one by its URL."""

from pathlib import Path

from likeness.blobs.address import parse
from likeness.blobs.disk import DiskBlobs
from likeness.blobs.port import BlobStore, StoredBlob
from likeness.blobs.watched import WatchedBlobs

__all__ = ["BlobStore", "StoredBlob", "WatchedBlobs", "open_blobs", "parse"]


def open_blobs(url: str, *, create: bool = True) -> BlobStore:
    """The store behind a URL: a folder, or a bucket of S3, Google Cloud Storage or Azure.

    A missing folder is made unless `create` is False, a bucket never. Raises ValueError for any
    other URL, and Mistake where the environment lacks a credential's other half.
    """
    place = parse(url)
    if isinstance(place, Path):
        return DiskBlobs(place, create=create)
    # Importing a bucket's client takes 25 ms, which a start with a folder saves.
    from likeness.blobs.remote import BucketBlobs  # noqa: PLC0415 - see above

    return BucketBlobs(place)
