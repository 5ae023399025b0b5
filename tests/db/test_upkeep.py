"""Looking at everything: names for people; the pages are in tests/contract."""

from dataclasses import replace

from likeness.db import Database
from likeness.model import Window
from support.rows import at, photo, user


def test_people_are_named_by_their_addresses(peopled: Database) -> None:
    """And by their ids where they are unknown."""
    assert peopled.email_of(user(2).id) == user(2).email
    assert peopled.email_of("nobody") == "nobody"


def test_sizes_and_window_are_noted_for_a_photo_that_is_kept(peopled: Database) -> None:
    """And nothing else of it is changed; one that was taken away meanwhile stays as it was."""
    old = photo(sizes=(24, 512), window=None, set_at=at(1))
    peopled.set_photo(old)
    remade = replace(old, sizes=(24, 512, 800), window=Window(0, 0, 800, 800))

    assert peopled.add_sizes(remade)
    assert peopled.photo(old.id) == remade

    peopled.delete_photo(old.user_id, at(2))
    assert not peopled.add_sizes(old)
    gone = peopled.photo(old.id)
    assert gone
    assert gone.sizes == (24, 512, 800)
