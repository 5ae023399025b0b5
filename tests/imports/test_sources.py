"""A path to the rows in it."""

from base64 import b64encode
from pathlib import Path
from unittest.mock import patch
from zipfile import ZipFile

import pytest

from likeness.errors import Mistake
from likeness.imports import sources
from likeness.imports.records import Record, Unusable
from likeness.imports.sources import Source, opened_source
from support.pictures import jpeg


def opened(path: Path) -> Source:
    """The rows of a path."""
    with opened_source(path) as source:
        return source


def content(record: Record) -> bytes:
    """The picture of a row."""
    assert record.picture
    return record.picture.read()


def test_a_folder_and_a_zip_have_the_same_rows(tmp_path: Path) -> None:
    """Files named by people."""
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "ada.jpg").write_bytes(b"ada")
    with ZipFile(tmp_path / "photos.ZIP", "w") as archive:
        archive.write(folder / "ada.jpg", "ada.jpg")

    with opened_source(tmp_path / "photos.ZIP") as zipped:
        assert [content(each) for each in zipped.records] == [b"ada"]
        assert [each.user_name for each in zipped.records] == ["ada"]
    assert [each.user_name for each in opened(folder).records] == ["ada"]


def test_the_photos_of_a_table_lie_beside_it(tmp_path: Path) -> None:
    """Columns that nobody understands are told."""
    (tmp_path / "one.jpg").write_bytes(b"one")
    (tmp_path / "people.csv").write_text("email,photo,floor\na@x.org,one.jpg,3\nb@x.org,,4\n")

    source = opened(tmp_path / "people.csv")

    assert content(source.records[0]) == b"one"
    assert source.records[1].picture is None
    assert source.notes == ("columns that are not used: floor",)


def test_the_larger_picture_of_an_entry_is_taken(tmp_path: Path) -> None:
    """By its pixels, whichever attribute has it; what is no picture comes last."""
    pictures = [b"no picture, but long" * 1000, jpeg(96, 96), jpeg(300, 300)]
    lines = "\n".join(f"jpegPhoto:: {b64encode(each).decode()}" for each in pictures)
    path = tmp_path / "people.ldif"
    path.write_text(f"version: 1\n\ndn: a\nuid: ada\n{lines}\n\ndn: b\nuid: bob\n")

    ada, bob = opened(path).records

    assert content(ada) == jpeg(300, 300)
    assert bob.picture is None


def test_a_file_that_changes_meanwhile_gives_no_others_face(tmp_path: Path) -> None:
    """What is read later must be what was listed."""
    path = tmp_path / "people.ldif"
    path.write_text("dn: a\nuid: ada\njpegPhoto: pixels\n")
    [ada] = opened(path).records
    path.write_text("dn: b\nuid: bob\ncn: nobody here\n")

    with pytest.raises(Unusable, match="changed while it was read"):
        content(ada)
    path.unlink()
    with pytest.raises(Unusable, match="cannot be read"):
        content(ada)


def test_entries_are_bounded(tmp_path: Path) -> None:
    """As rows and files are."""
    path = tmp_path / "people.ldif"
    path.write_text("uid: a\n\nuid: b\n\nuid: c\n")

    with patch.object(sources, "RECORDS_MAX", 2), pytest.raises(Mistake, match="more than 2"):
        opened(path)


def test_another_kind_of_file_is_refused_with_those_there_are(tmp_path: Path) -> None:
    """A spreadsheet is saved as CSV first."""
    (tmp_path / "people.xlsx").touch()

    with pytest.raises(Mistake, match=r"a folder, a \.zip, a \.csv, an \.ldif"):
        opened(tmp_path / "people.xlsx")
