"""Names of files are never paths: only their stems count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imports.file_names import is_noise, record_of, stem_of
from likeness.imports.records import Picture


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("ada@example.org.jpg", "ada@example.org"),
        ("photos/2026/ada.JPEG", "ada"),
        ("../../etc/ada.png", "ada"),
        ("C:\\photos\\ada.webp", "ada"),
        ("ada@example.org", "ada@example.org"),
        ("ada.lovelace", "ada.lovelace"),
        ("4711", "4711"),
        (".jpg", ".jpg"),
    ],
)
def test_the_stem_is_the_last_part_without_the_suffix_of_a_picture(name: str, stem: str) -> None:
    """Also where the end of an address looks like a suffix."""
    assert stem_of(name) == stem


@given(st.text())
def test_any_name_has_a_stem_without_a_path(name: str) -> None:
    """Whatever is in a zip."""
    assert not {"/", "\\"} & set(stem_of(name))
    is_noise(name)


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX/._ada.jpg",
        ".DS_Store",
        "a/.DS_Store",
        "Thumbs.db",
        "x/desktop.ini",
        "folder/",
        ".git/ada.jpg",
        "a\\Thumbs.DB",
    ],
)
def test_what_systems_leave_behind_is_noise(name: str) -> None:
    """Nobody put it there."""
    assert is_noise(name)


@pytest.mark.parametrize(
    "name", ["ada.jpg", "./ada.jpg", "../ada.jpg", "a.b/ada.jpg", "macosx.jpg"]
)
def test_all_else_is_not(name: str) -> None:
    """Dots alone hide no folder."""
    assert not is_noise(name)


def test_a_stem_may_be_an_address_an_id_or_a_user_name() -> None:
    """Which one it is, the people there are decide."""
    record = record_of(3, "x/ada@x.org.jpg", Picture(lambda: b""))

    assert record.email == record.external_id == record.user_name == "ada@x.org"
    assert (record.number, record.key) == (3, "x/ada@x.org.jpg")
