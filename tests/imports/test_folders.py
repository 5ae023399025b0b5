"""Photos as files of a folder."""

import os
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from likeness.errors import Mistake
from likeness.imports import folders
from likeness.imports.folders import picture_at, picture_below, records_of
from likeness.imports.records import Unusable


def test_files_are_rows_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Also those of folders below; what systems leave there is none, nor is a linked folder."""
    for name in ("b.jpg", "a.jpg", "more/c.jpg", ".DS_Store", "__MACOSX/._a.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
    (tmp_path / "round").symlink_to(tmp_path)

    found = records_of(tmp_path)

    assert [(each.number, each.key, each.user_name) for each in found] == [
        (1, "a.jpg", "a"),
        (2, "b.jpg", "b"),
        (3, "more/c.jpg", "c"),
    ]
    assert [each.picture and each.picture.read() for each in found] == [
        b"a.jpg",
        b"b.jpg",
        b"more/c.jpg",
    ]


def test_a_picture_knows_when_it_was_written(tmp_path: Path) -> None:
    """For the policy that compares times."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a")
    os.utime(path, (1_000_000_000, 1_000_000_000))

    assert picture_at(path).made_at == datetime.fromtimestamp(1_000_000_000, UTC)
    assert picture_at(tmp_path / "none").made_at is None


def test_more_files_than_the_bound_are_refused(tmp_path: Path) -> None:
    """It is named."""
    for name in "abc":
        (tmp_path / name).touch()

    with patch.object(folders, "RECORDS_MAX", 2), pytest.raises(Mistake, match="more than 2 files"):
        records_of(tmp_path)


def test_a_file_of_more_than_the_bound_is_not_read_whole(tmp_path: Path) -> None:
    """It ends there."""
    (tmp_path / "a.jpg").write_bytes(b"x" * 11)

    with (
        patch.object(folders, "FILE_LENGTH_MAX", 10),
        pytest.raises(Unusable, match="more than 10"),
    ):
        picture_at(tmp_path / "a.jpg").read()


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe that nobody writes into would hold up all the others."""
    os.mkfifo(tmp_path / "pipe.jpg")

    for name in ("pipe.jpg", "none.jpg", "x" * 5000):
        with pytest.raises(Unusable):
            picture_at(tmp_path / name).read()


@pytest.mark.parametrize("name", ["photos/a.jpg", "photos\\a.jpg", "./photos/../photos/a.jpg"])
def test_a_table_names_files_below_its_own_folder(tmp_path: Path, name: str) -> None:
    """With strokes of either kind."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"a")

    assert picture_below(tmp_path, name).read() == b"a"


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "link.jpg", "a\0b"])
def test_a_table_cannot_name_what_lies_elsewhere(tmp_path: Path, name: str) -> None:
    """Not by a link either: the table may be somebody else's."""
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "link.jpg").symlink_to(tmp_path / "secret.jpg")

    with pytest.raises(Unusable, match="not in the folder of the table"):
        picture_below(tmp_path / "photos", name).read()
