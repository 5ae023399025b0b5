"""Orphans are found in batches, and nothing else is taken for one."""

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from likeness.blobs import open_blobs
from likeness.db import Database, open_database
from likeness.photos import PREPARED_LIFETIME
from likeness.upkeep.listing import BATCH, listed
from likeness.upkeep.orphans import ORPHAN_GRACE, STORED_LENGTH, find_orphans
from support.listings import MANY, LongListing
from support.rows import photo, team, user

TOMORROW: Final = timedelta(days=1)
LOST: Final = "avatars/2026-11-01/111111111111_00000000000000000000_24.jpg"
STAGED: Final = "staged/00000000000000000000000000000000.jpg"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with one person and no photo."""
    opened = open_database(f"sqlite:///{tmp_path}/likeness.db")
    opened.migrate()
    opened.add_team(team())
    opened.add_user(user())
    yield opened
    opened.close()


def test_a_prepared_picture_is_gone_before_its_file_can_be_an_orphan() -> None:
    """Its row is what keeps it; a file that outlives the grace may belong to an upload."""
    assert PREPARED_LIFETIME < ORPHAN_GRACE, (
        "raise ORPHAN_GRACE in src/likeness/upkeep/orphans.py too, "
        "or the sweep takes prepared pictures that are waited for"
    )


def test_orphans_are_those_whom_no_row_knows(database: Database, tmp_path: Path) -> None:
    """Neither the files of a photo, nor what the file system keeps among ours."""
    blobs, kept = open_blobs((tmp_path / "blobs").as_uri()), photo()
    database.set_photo(kept)
    blobs.put(dict.fromkeys([LOST, STAGED, kept.key("24")], b"x"))
    (tmp_path / "blobs/avatars/.nfs000000000000001").write_bytes(b"x")
    (tmp_path / "blobs/avatars/2026-11-01/README").write_bytes(b"x")

    found = list(find_orphans(database, blobs, datetime.now(UTC) + TOMORROW))
    young = list(find_orphans(database, blobs, datetime.now(UTC) - TOMORROW))

    assert [{LOST, STAGED}] == [{blob.key for blob in batch} for batch in found]
    assert young == []
    assert {LOST, STAGED, kept.key("24")} == {blob.key for blob in listed(blobs)}
    assert database.fact(STORED_LENGTH) == "3"


def test_a_long_listing_takes_no_more_memory_than_a_batch(
    database: Database, tmp_path: Path
) -> None:
    """Fifty batches pass, a few are held."""
    database.set_photo(photo())
    blobs = LongListing(tmp_path / "blobs")
    tracemalloc.start()

    found = sum(map(len, find_orphans(database, blobs, datetime.now(UTC))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found == MANY
    assert peak < BATCH * 5_000


def test_a_database_that_never_had_a_photo_calls_none_an_orphan(
    database: Database, tmp_path: Path
) -> None:
    """It is more likely the wrong one; prepared pictures are old after an hour in any case."""
    blobs = open_blobs((tmp_path / "blobs").as_uri())
    blobs.put({LOST: b"x", STAGED: b"x"})

    found = list(find_orphans(database, blobs, datetime.now(UTC) + TOMORROW))

    assert [[STAGED]] == [[blob.key for blob in batch] for batch in found]
