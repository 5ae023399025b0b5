"""What becomes of rows, and how it is told."""

from likeness.imports.outcomes import FAILED, SET, Outcome, Row, counted, outcome_of
from likeness.precedence import Kept


def test_each_reason_to_keep_a_photo_is_an_outcome_in_the_same_words() -> None:
    """None of them is a failure, and by none does somebody look different."""
    outcomes = {outcome_of(kept) for kept in Kept}

    assert len(outcomes) == len(Kept)
    assert not outcomes & (FAILED | SET)


def test_rows_are_counted_by_outcome() -> None:
    """In one order, without those that there are none of."""
    rows = [Row(each, "x", None, Outcome.UNKNOWN) for each in range(3)]

    counts = counted([*rows, Row(4, "y", "y@x.org", Outcome.NEW)])

    assert list(counts.items()) == [("new", 1), ("unknown person", 3)]


def test_a_row_for_programs_has_all_of_it() -> None:
    """By the names that the documentation has."""
    document = Row(1, "a.jpg", "a@x.org", Outcome.NEW, "", 10, 20, 30, 40).document()

    assert document == {
        "row": 1,
        "key": "a.jpg",
        "person": "a@x.org",
        "outcome": "new",
        "reason": "",
        "bytes": 10,
        "width": 20,
        "height": 30,
        "photo": 40,
    }
