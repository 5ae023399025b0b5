"""A listing is kept aside, and looked up by key and by photo."""

import tracemalloc
from pathlib import Path
from typing import Final

import pytest

from likeness.blobs import BlobStore, open_blobs
from likeness.upkeep.listing import BATCH, Listing, batches, listed, photo_id_of
from support.listings import MANY, LongListing
from support.rows import photo

STAGED: Final = "staged/00000000000000000000000000000000.jpg"
PICTURE: Final = "avatars/2026-11-01/111111111111_00000000000000000000_24.jpg"


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    """An empty store."""
    return open_blobs((tmp_path / "blobs").as_uri())


def test_a_listing_knows_what_the_store_holds(blobs: BlobStore, tmp_path: Path) -> None:
    """Lengths and moments are those of the store; what is not ours is no entry."""
    first, second = photo(), photo()
    keys = [STAGED, first.key("24"), first.key("72"), second.key("24")]
    blobs.put({key: b"x" * number for number, key in enumerate(keys)})
    (tmp_path / "blobs/avatars/.nfs000000000000001").write_bytes(b"x")
    told = list[int]()

    listing = Listing(blobs, told.append)

    everything = {blob.key: blob for blob in listed(blobs)}
    assert ([4], 4, 6) == (told, listing.count, listing.length)
    assert [everything] == [{blob.key: blob for blob in batch} for batch in listing.entries()]
    assert set(keys[1:3]) == {blob.key for blob in listing.of_photos(first.id, first.id)}
    assert set(keys[1:]) == {blob.key for blob in listing.of_photos(first.id, second.id)}
    assert listing.lengths([STAGED, keys[2], first.key("512")]) == {STAGED: 0, keys[2]: 2}
    listing.close()


def test_a_long_listing_takes_little_memory(tmp_path: Path) -> None:
    """What Python holds of it is a batch."""
    tracemalloc.start()

    listing = Listing(LongListing(tmp_path / "blobs"), lambda _: None)
    counted = sum(map(len, listing.entries()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert counted == listing.count == listing.length // 2 == MANY
    assert len(listing.lengths([PICTURE] * 2000)) == 0
    assert peak < BATCH * 5_000
    listing.close()


@pytest.mark.parametrize(
    ("key", "number"),
    [
        (PICTURE, 111_111_111_111),
        ("avatars/2026-11-01/7_0a_512_still.png", 7),
        (STAGED, None),
        ("avatars/2026-11-01/README", None),
        ("avatars/default/7_0a_24.png", None),
    ],
)
def test_the_photo_of_a_file_is_in_its_key(key: str, number: int | None) -> None:
    """For stills as for squares; what is no photo's has none."""
    assert photo_id_of(key) == number


def test_batches_are_of_one_size_but_the_last() -> None:
    """And none is empty."""
    assert [[0, 1], [2]] == list(batches(range(3), 2))
    assert [[0, 1]] == list(batches(range(2), 2))
    assert list(batches(iter(()), 2)) == []
