"""What a file says of somebody."""

import pytest

from likeness.imports.records import Record, folded, several, shown


def test_the_addresses_of_a_row_are_the_first_and_the_others() -> None:
    """Those that are there."""
    assert Record(1, "ada", "a@x.org", ("b@x.org",)).emails == ("a@x.org", "b@x.org")
    assert Record(1, "ada").emails == ()


def test_what_steers_a_terminal_is_not_shown() -> None:
    """A file's name comes from strangers; its letters stay, and it is not endless."""
    assert shown("Zoë\x1b[31m\u202egpj.\n") == "Zoë\ufffd[31m\ufffdgpj.\ufffd"
    assert len(shown("a" * 100_000)) == 200


@pytest.mark.parametrize("text", ["a@x.org b@x.org", "a@x.org;b@x.org", "a@x.org, b@x.org |"])
def test_a_cell_may_have_several_addresses(text: str) -> None:
    """However they are told apart."""
    assert several(text) == ("a@x.org", "b@x.org")


def test_texts_are_compared_without_case_and_ways_to_write_accents() -> None:
    """Names of files from macOS have accents apart from their letters."""
    assert folded(" ZOE\u0308 ") == folded("zoë")
    assert folded("zoe") != folded("zoë")
