"""Looking at everything: names for people; the pages are in tests/contract."""

from likeness.db import Database
from support.rows import user


def test_people_are_named_by_their_addresses(peopled: Database) -> None:
    """And by their ids where they are unknown."""
    assert peopled.email_of(user(2).id) == user(2).email
    assert peopled.email_of("nobody") == "nobody"
