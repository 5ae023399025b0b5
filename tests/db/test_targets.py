"""What the database says of people to targets; targets: tests/contract/test_database_copies.py."""

from likeness.db import Database
from likeness.events import Verb
from support.rows import NOW, at, photo, team, user


def test_which_of_some_things_was_done_last(peopled: Database) -> None:
    verbs = frozenset({Verb.PHOTO_SET, Verb.PHOTO_REMOVED})
    assert peopled.last_verb(user().id, verbs) is None
    peopled.set_photo(photo())
    peopled.delete_photo(user().id, at(1))
    peopled.set_lock(user().id, "a reason", NOW)

    assert peopled.last_verb(user().id, verbs) is Verb.PHOTO_REMOVED


def test_a_workspace_is_open_until_it_is_removed(peopled: Database) -> None:
    assert peopled.is_open_team(team().id)
    peopled.deactivate_team(team().id, NOW)

    assert not peopled.is_open_team(team().id)
    assert not peopled.is_open_team("T?")
