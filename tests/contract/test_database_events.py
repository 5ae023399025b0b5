"""The log as letters read it, on each database."""

from datetime import timedelta

from likeness.db import Database
from likeness.events import OPERATOR, Verb
from support.rows import NOW, user


def test_entries_are_read_from_a_place_on(peopled: Database) -> None:
    """Oldest first, so many at a time, and only those from before a moment."""
    place = peopled.newest_event_id()
    for number in range(4):
        at = NOW + timedelta(seconds=number)
        peopled.add_event(at, OPERATOR, user().id, Verb.PHOTO_KEPT, str(number))

    def details(id_: int, seconds: int, limit: int) -> list[str | None]:
        found = peopled.events_after(id_, NOW + timedelta(seconds=seconds), limit)
        return [each.detail for each in found]

    assert details(place, 9, 9) == ["0", "1", "2", "3"]
    assert details(place + 1, 9, 2) == ["1", "2"]
    assert details(place, 2, 9) == ["0", "1"]
    assert peopled.newest_event_id() == place + 4


def test_an_empty_log_has_no_newest_entry(database: Database) -> None:
    assert database.newest_event_id() == 0
