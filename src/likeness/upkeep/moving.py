"""Use case: copy all files of one store to another, and verify each one.

Values never change, so that a store may be copied while it is in use, and copying is idempotent: an
existing key is skipped, an interrupted run can be resumed, and the next run copies new files.
Nothing is ever removed from either side, but for a file that arrived broken.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from likeness.blobs import BlobStore, StoredBlob
from likeness.upkeep.listing import Listing, Progress

COPIERS: Final = 8
"""Threads: a store on the network answers each in 1 to 50 ms, in which others can be asked."""

CHUNK_LENGTH_MAX: Final = 4 * 2**20
CHUNK_FILES_MAX: Final = 16
"""Bytes that a thread puts at once, so that a disk syncs once for several small files. At most
8 threads * 4 MiB * 2 = 64 MiB are in memory, unless single files are larger."""

PROBLEMS_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class BlobCopy:
    """The result of copying a store.

    `copied` were put and read back equal; `present` existed with the same length; `vanished` were
    deleted from the source after it was listed. `problems` names the first PROBLEMS_SHOWN of
    `failed`: files that differ on both sides, or were read back differently.
    """

    copied: int = 0
    bytes_copied: int = 0
    present: int = 0
    vanished: int = 0
    failed: int = 0
    problems: tuple[str, ...] = ()

    def __add__(self, more: "BlobCopy") -> "BlobCopy":
        return BlobCopy(
            self.copied + more.copied,
            self.bytes_copied + more.bytes_copied,
            self.present + more.present,
            self.vanished + more.vanished,
            self.failed + more.failed,
            (self.problems + more.problems)[:PROBLEMS_SHOWN],
        )


def copy_blobs(source: BlobStore, target: BlobStore, progress: Progress) -> BlobCopy:
    """Copy the files that `target` lacks of `source`. Blocks; raises ServiceUnavailable.

    A key that exists with another length is left as it is: it is unknown which side is right.
    `progress` is called with bytes.
    """
    with (
        closing(Listing(target, progress.listed)) as there,
        closing(Listing(source, progress.listed)) as todo,
    ):
        progress.expect(todo.length)
        return _copy_all(source, target, todo, there, progress)


def _copy_all(
    source: BlobStore, target: BlobStore, todo: Listing, there: Listing, progress: Progress
) -> BlobCopy:
    done = BlobCopy()
    copiers = ThreadPoolExecutor(COPIERS, thread_name_prefix="copier")

    def copy(chunk: list[StoredBlob]) -> BlobCopy:
        copied = _copy(source, target, [blob.key for blob in chunk])
        progress.advance(sum(blob.length for blob in chunk))
        return copied

    try:
        for batch in todo.entries():
            found = there.lengths([blob.key for blob in batch])
            missing = [blob for blob in batch if blob.key not in found]
            rest = [blob for blob in batch if blob.key in found]
            done += _compared(rest, found)
            progress.advance(sum(blob.length for blob in rest))
            done = sum(copiers.map(copy, _chunks(missing)), done)
    finally:
        # An interrupt waits for the copies under way, and cancels those that have not begun.
        copiers.shutdown(cancel_futures=True)
    return done


def _compared(blobs: list[StoredBlob], found: dict[str, int]) -> BlobCopy:
    """The problem with a file that is on both sides."""
    problems = tuple(
        f"{blob.key} has {blob.length} bytes here, {found[blob.key]} there; both stay as they are"
        for blob in blobs
        if blob.length != found[blob.key]
    )
    return BlobCopy(
        present=len(blobs) - len(problems),
        failed=len(problems),
        problems=problems[:PROBLEMS_SHOWN],
    )


def _copy(source: BlobStore, target: BlobStore, keys: list[str]) -> BlobCopy:
    """Copy these, and read them back, byte for byte."""
    read = {key: source.get(key) for key in keys}
    sent = {key: data for key, data in read.items() if data is not None}
    target.put(sent)
    broken = [key for key, data in sent.items() if target.get(key) != data]
    # The next run copies a missing file, but would take a broken one for done.
    target.delete(broken)
    return BlobCopy(
        copied=len(sent) - len(broken),
        bytes_copied=sum(len(data) for key, data in sent.items() if key not in broken),
        vanished=len(read) - len(sent),
        failed=len(broken),
        problems=tuple(f"{key} came back other than it was sent" for key in broken),
    )


def _chunks(blobs: list[StoredBlob]) -> Iterator[list[StoredBlob]]:
    """Batches of blobs that are put together."""
    chunk, length = list[StoredBlob](), 0
    for blob in blobs:
        if chunk and (len(chunk) == CHUNK_FILES_MAX or length + blob.length > CHUNK_LENGTH_MAX):
            yield chunk
            chunk, length = [], 0
        chunk.append(blob)
        length += blob.length
    if chunk:
        yield chunk
