"""What is noted of an entry, and what follows from it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.directory.entries import Entry
from likeness.entries import STAMP_LENGTH_MAX
from likeness.syncing.marks import gone, is_left, is_not_taken, mark_of, not_taken, pending

ENTRY = Entry("uid=ada", "1", ("ada@example.org",), stamp="f" * 32)
LOCKED = Entry("uid=ada", "1", ("ada@example.org",), is_active=False, stamp="f" * 32)


def test_a_mark_says_how_somebody_was_there() -> None:
    """Also before their photo was looked at; who was never noted has not left."""
    assert is_left(mark_of(LOCKED, ()))
    assert is_left(pending(mark_of(LOCKED, ())))
    assert not is_left(mark_of(ENTRY, ()))
    assert not is_left(None)


def test_other_attributes_of_photos_make_other_marks() -> None:
    """So that photos are looked at again."""
    marks = [mark_of(ENTRY, names) for names in ((), ("jpegPhoto",), ("jpegPhoto", "photo"))]
    assert len(set(marks)) == 3
    assert pending(marks[0]) not in marks


@given(st.booleans(), st.sampled_from([str, pending, not_taken]))
def test_who_is_gone_has_left_once_and_differs_from_who_is_there(
    is_active: bool, noting: Callable[[str], str]
) -> None:
    entry = ENTRY if is_active else LOCKED
    mark = mark_of(entry, ("jpegPhoto",))
    noted = gone(noting(mark))

    assert is_left(noted)
    assert gone(noted) == noted
    assert noted != mark_of(ENTRY, ("jpegPhoto",))
    assert is_left(gone(None))


def test_a_photo_that_was_not_taken_is_remembered() -> None:
    mark = mark_of(ENTRY, ("jpegPhoto",))
    assert is_not_taken(not_taken(mark))
    assert not any(map(is_not_taken, (mark, pending(mark), gone(not_taken(mark)), None)))


@pytest.mark.parametrize("noting", [pending, not_taken])
def test_a_mark_fits_its_column(noting: Callable[[str], str]) -> None:
    assert len(noting(mark_of(ENTRY, ("jpegPhoto",) * 9))) <= STAMP_LENGTH_MAX
