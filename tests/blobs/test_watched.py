"""A store that tells when it is away."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from likeness.blobs import WatchedBlobs, open_blobs
from likeness.errors import ServiceUnavailable

KEY = "avatars/2026-11-23/a.jpg"


def test_it_is_the_same_store(tmp_path: Path) -> None:
    """And tells nothing while all is well, a key that is missing included."""
    blobs = WatchedBlobs(open_blobs(tmp_path.as_uri()))
    with capture_logs() as lines:
        blobs.put({KEY: b"x"})
        assert (blobs.get(KEY), blobs.get("avatars/b")) == (b"x", None)
        assert [KEY] == [blob.key for blob in blobs.keys("avatars")]
        blobs.delete([KEY])
        assert list(blobs.keys("avatars")) == []
        with pytest.raises(ValueError, match="key"):
            blobs.get("../x")

    assert lines == []


def test_an_outage_is_told_with_its_end(tmp_path: Path) -> None:
    """Reading and writing apart, however often it is met."""
    folder = tmp_path / "blobs"
    blobs = WatchedBlobs(open_blobs(folder.as_uri()))
    with capture_logs() as lines:
        folder.rename(tmp_path / "away")
        folder.write_text("no folder")
        for _ in range(3):
            with pytest.raises((ServiceUnavailable, OSError)):
                blobs.get(KEY)
            with pytest.raises((ServiceUnavailable, OSError)):
                blobs.put({KEY: b"x"})
        folder.unlink()
        (tmp_path / "away").rename(folder)
        blobs.get(KEY)
        blobs.put({KEY: b"x"})

    told = [(line["event"], line["doing"], line["times"]) for line in lines]
    assert told == [
        ("store_away", "reading", 1),
        ("store_away", "writing", 1),
        ("store_back", "reading", 3),
        ("store_back", "writing", 3),
    ]
    assert all(line["reason"] for line in lines[:2])
