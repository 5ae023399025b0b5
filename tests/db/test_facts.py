"""Facts on SQLite; tests/contract/test_database.py has what every database must do for them."""

from likeness.db import Database


def test_a_fact_may_be_long_and_in_any_script(database: Database) -> None:
    """It comes back as it was said."""
    assert "é" * 1000 == database.agree("name", "é" * 1000)
