"""Files go from store to store, each is seen to arrive, and nothing is done twice."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from likeness.blobs.disk import DiskBlobs
from likeness.upkeep.moving import (
    CHUNK_FILES_MAX,
    CHUNK_LENGTH_MAX,
    PROBLEMS_SHOWN,
    BlobCopy,
    copy_blobs,
)
from support.rows import photo

PHOTOS: Final = 40


@dataclass
class Onlooker:
    """What was told of the progress."""

    read: int = 0
    expected: int = 0
    done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def listed(self, more: int) -> None:
        """See Progress."""
        self.read += more

    def expect(self, total_bytes: int) -> None:
        """See Progress."""
        self.expected = total_bytes

    def advance(self, more_bytes: int) -> None:
        """See Progress."""
        with self.lock:
            self.done += more_bytes


class LeakyDisk(DiskBlobs):
    """A disk that gives back other bytes than it was given, for some of the keys."""

    def get(self, key: str) -> bytes | None:
        """Without the last byte, where the key is of a size of 72."""
        data = super().get(key)
        return data[:-1] if data and "_72." in key else data


class Interrupted(DiskBlobs):
    """A disk at which somebody presses Ctrl-C when so many calls were made."""

    calls = 3

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """As a disk does, for a while; then nothing arrives, whichever thread brings it."""
        if self.calls <= 0:
            raise KeyboardInterrupt
        super().put(blobs)
        self.calls -= 1
        if self.calls <= 0:
            raise KeyboardInterrupt


@pytest.fixture
def source(tmp_path: Path) -> DiskBlobs:
    """A store with the files of some photos, and a prepared picture."""
    store = DiskBlobs(tmp_path / "source")
    for each in (photo() for _ in range(PHOTOS)):
        store.put({key: key.encode() * 9 for key in each.blob_keys()})
    store.put({"staged/00.jpg": b""})
    return store


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_everything_arrives_and_the_next_run_finds_it_there(
    source: DiskBlobs, tmp_path: Path
) -> None:
    """What came meanwhile is picked up."""
    target, onlooker = DiskBlobs(tmp_path / "target"), Onlooker()
    files = contents(tmp_path / "source")
    length = sum(map(len, files.values()))

    first = copy_blobs(source, target, onlooker)
    source.put({"staged/01.jpg": b"late"})
    second = copy_blobs(source, target, Onlooker())

    assert BlobCopy(copied=len(files), bytes_copied=length) == first
    assert BlobCopy(copied=1, bytes_copied=4, present=len(files)) == second
    assert contents(tmp_path / "source") == contents(tmp_path / "target")
    assert (onlooker.read, onlooker.expected, onlooker.done) == (len(files), length, length)


def test_a_run_that_was_stopped_goes_on_where_it_was(source: DiskBlobs, tmp_path: Path) -> None:
    """What was named is whole, and is not copied again."""
    with pytest.raises(KeyboardInterrupt):
        copy_blobs(source, Interrupted(tmp_path / "target"), Onlooker())
    before = contents(tmp_path / "target")

    rest = copy_blobs(source, DiskBlobs(tmp_path / "target"), Onlooker())

    assert 3 * CHUNK_FILES_MAX <= len(before) == rest.present < len(contents(tmp_path / "source"))
    assert before.items() <= contents(tmp_path / "source").items()
    assert contents(tmp_path / "source") == contents(tmp_path / "target")


def test_what_comes_back_otherwise_is_told_and_not_taken_for_done(
    source: DiskBlobs, tmp_path: Path
) -> None:
    """The next run tries again."""
    done = copy_blobs(source, LeakyDisk(tmp_path / "target"), Onlooker())
    again = copy_blobs(source, DiskBlobs(tmp_path / "target"), Onlooker())

    assert done.failed == len(done.problems) == PHOTOS == again.copied
    assert all("_72.jpg came back" in problem for problem in done.problems)
    assert contents(tmp_path / "source") == contents(tmp_path / "target")


def test_what_differs_stays_on_both_sides(source: DiskBlobs, tmp_path: Path) -> None:
    """A damaged source must not spoil a good copy."""
    target = DiskBlobs(tmp_path / "target")
    target.put({"staged/00.jpg": b"more"})

    done = copy_blobs(source, target, Onlooker())

    assert ("staged/00.jpg has 0 bytes here, 4 there; both stay as they are",) == done.problems
    assert target.get("staged/00.jpg") == b"more"
    assert source.get("staged/00.jpg") == b""


def test_what_is_taken_away_meanwhile_is_no_failure(tmp_path: Path) -> None:
    """It was listed, and is gone."""

    class Forgetful(DiskBlobs):
        def get(self, _: str) -> bytes | None:
            return None

    store = Forgetful(tmp_path / "source")
    store.put({"staged/00.jpg": b"x"})

    done = copy_blobs(store, DiskBlobs(tmp_path / "target"), Onlooker())

    assert BlobCopy(vanished=1) == done


def test_large_files_do_not_go_together(tmp_path: Path) -> None:
    """Memory is bounded by bytes, not by files; the copy is the same."""
    source = DiskBlobs(tmp_path / "source")
    source.put({f"staged/0{number}.jpg": bytes(CHUNK_LENGTH_MAX - 1) for number in range(3)})

    done = copy_blobs(source, DiskBlobs(tmp_path / "target"), Onlooker())

    assert done.copied == 3
    assert contents(tmp_path / "source") == contents(tmp_path / "target")


def test_only_the_first_problems_are_kept() -> None:
    """All are counted."""
    half = BlobCopy(failed=PROBLEMS_SHOWN, problems=("x",) * PROBLEMS_SHOWN)

    assert BlobCopy(failed=2 * PROBLEMS_SHOWN, problems=("x",) * PROBLEMS_SHOWN) == half + half
