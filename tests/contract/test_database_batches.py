"""What every database must do for imports: note them, so that they can be taken back."""

from likeness.db import Database
from likeness.events import Batch
from support.rows import NOW, at, team


def batch(number: int = 1) -> Batch:
    """An import that has begun, different for each number."""
    return Batch(f"{number:08x}", team().id, "photos", "if-not-own", "cli", at(number))


def test_a_batch_begins_ends_and_is_taken_back(peopled: Database) -> None:
    """The first time that it is taken back counts."""
    peopled.add_batch(batch())
    assert peopled.batch(batch().id) == batch()

    peopled.end_batch(batch().id, at(5), {"new": 3})
    peopled.note_undone(batch().id, at(6))
    peopled.note_undone(batch().id, at(7))

    found = peopled.batch(batch().id)
    assert found
    assert (found.ended_at, found.undone_at, found.counts) == (at(5), at(6), {"new": 3})


def test_batches_are_listed_newest_first(peopled: Database) -> None:
    """Those of one team, and no more than are asked for."""
    peopled.add_team(team(2))
    for number in (1, 2, 3):
        peopled.add_batch(batch(number))

    assert peopled.batches(team().id, 2) == [batch(3), batch(2)]
    assert peopled.batches(team(2).id, 2) == []


def test_a_batch_that_changed_nothing_is_forgotten(peopled: Database) -> None:
    """Then nobody can take it back."""
    peopled.add_batch(batch())
    peopled.forget_batch(batch().id)

    assert peopled.batch(batch().id) is None
    assert NOW < batch().started_at
