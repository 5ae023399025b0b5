"""Bytes at rest: the port, and the choice of a store by its URL."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from likeness.blobs.disk import DiskBlobs
from likeness.blobs.port import BlobStore, StoredBlob

__all__ = ["BlobStore", "StoredBlob", "open_blobs"]


def open_blobs(url: str) -> BlobStore:
    """The store behind a URL: `file:///ABSOLUTE/PATH`. Raises ValueError for any other."""
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc or not parts.path.startswith("/"):
        raise ValueError(f"{url!r} is no blob store; write file:///ABSOLUTE/PATH")
    return DiskBlobs(Path(unquote(parts.path)))
