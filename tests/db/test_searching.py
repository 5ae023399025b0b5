"""What people are found by, as text."""

from likeness.db.schema import SORT_NAME_LENGTH_MAX
from likeness.db.searching import search_text, sort_name


def test_people_are_sorted_without_capitals_and_accents() -> None:
    """By as many characters as a column holds, also where one becomes two."""
    assert sort_name("Élise Ørsted") == "elise ørsted"
    assert sort_name("ß" * SORT_NAME_LENGTH_MAX) == "s" * SORT_NAME_LENGTH_MAX


def test_names_and_addresses_are_a_line_each() -> None:
    """So that no word reaches from one into the next."""
    found = search_text("Ada King", "ada", ["b@example.org", "A@example.org"])

    assert found.splitlines() == ["ada king", "ada", "a@example.org", "b@example.org"]
