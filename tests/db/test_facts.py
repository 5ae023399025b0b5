"""Facts on SQLite; tests/contract/test_database.py has what every database must do for them."""

from likeness.db import Database


def test_a_fact_may_be_long_and_in_any_script(database: Database) -> None:
    """It comes back as it was said."""
    assert "é" * 1000 == database.agree("name", "é" * 1000)


def test_a_fact_can_be_asked_for_without_saying_it(database: Database) -> None:
    """It is whatever was said first, or nothing."""
    assert database.fact("name") is None
    database.agree("name", "first")
    database.agree("name", "second")

    assert "first" == database.fact("name")


def test_a_note_takes_the_place_of_the_one_before(database: Database) -> None:
    """Unlike what is agreed on."""
    database.note("name", "first")
    database.note("name", "second")

    assert database.fact("name") == "second"
