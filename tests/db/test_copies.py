"""Which indexes serve, and what a mark writes; else: tests/contract/test_database_copies.py."""

from likeness.db import Database
from likeness.elsewhere import Target
from support.plans import plan
from support.rows import NOW, photo, user

HOOK = Target("tg1", "hook", "webhook", "https://hook.example.org/", NOW)


def test_what_is_due_is_found_by_an_index(peopled: Database) -> None:
    peopled.add_target(HOOK)
    peopled.set_photo(photo())

    steps = plan(peopled, lambda database: database.due_targets(NOW))

    assert any("ix_copies_target_id_due_at" in step for step in steps), steps


def test_a_change_of_many_is_one_row_each(peopled: Database) -> None:
    peopled.add_target(HOOK)

    peopled.deactivate_team(user().team_id, NOW)

    assert [len(peopled.copies_of_user(user(number).id)) for number in (1, 2)] == [1, 1]
