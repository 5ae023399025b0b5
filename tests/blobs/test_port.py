"""The port: what we have fulfils it, by type and in fact, and its entries are values."""

import inspect
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from likeness.blobs.disk import DiskBlobs
from likeness.blobs.port import BlobStore, StoredBlob

METHODS: Final = ["put", "get", "delete", "keys"]


def test_the_disk_store_is_a_blob_store(tmp_path: Path) -> None:
    """The assignment is judged by mypy, the call by Python."""
    store: BlobStore = DiskBlobs(tmp_path)

    assert store.get("a/b") is None


def test_the_port_has_no_other_methods() -> None:
    """Whoever writes a back end writes these four."""
    assert sorted(METHODS) == sorted(
        name for name, _ in inspect.getmembers(BlobStore, inspect.isfunction) if name[0] != "_"
    )


@pytest.mark.parametrize("method", METHODS)
def test_the_disk_store_names_its_parameters_as_the_port_does(method: str) -> None:
    """So that arguments may be passed by name to every store."""
    assert inspect.signature(getattr(BlobStore, method)) == inspect.signature(
        getattr(DiskBlobs, method)
    )


@pytest.mark.parametrize("field", ["key", "length", "written_at", "other"])
def test_an_entry_of_a_listing_cannot_be_changed(field: str) -> None:
    """Nor can anything be added to it."""
    blob = StoredBlob("a/b", 1, datetime(2026, 11, 23, tzinfo=UTC))

    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        setattr(blob, field, None)

    assert StoredBlob("a/b", 1, datetime(2026, 11, 23, tzinfo=UTC)) == blob
    assert 1 == len({blob, StoredBlob("a/b", 1, blob.written_at)})
