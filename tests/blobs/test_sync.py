"""Syncing several files: it works, and a failure is told."""

import os
from pathlib import Path

import pytest

from likeness.blobs import sync
from likeness.blobs.sync import sync_files


@pytest.mark.parametrize("has_syncfs", [True, False])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_files_can_be_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, has_syncfs: bool
) -> None:
    """One, several or none, with and without the newer call."""
    monkeypatch.setattr(sync, "HAS_SYNCFS", has_syncfs)
    files = [(tmp_path / str(number)).open("wb", buffering=0) for number in range(count)]
    for file in files:
        file.write(b"x")

    sync_files([file.fileno() for file in files])

    for file in files:
        file.close()


@pytest.mark.parametrize("has_syncfs", [True, False])
def test_a_failure_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_syncfs: bool
) -> None:
    """A closed descriptor cannot be synced."""
    monkeypatch.setattr(sync, "HAS_SYNCFS", has_syncfs)
    closed = os.open(tmp_path, os.O_RDONLY)
    os.close(closed)

    with pytest.raises(OSError, match="Bad file descriptor"):
        sync_files([closed, closed])
