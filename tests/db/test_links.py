"""Links in a SQLite file: found by their digest, and found without reading all of them."""

import pytest
from sqlalchemy.exc import IntegrityError

from likeness.db import Database
from support.plans import plan
from support.rows import NOW, at, user

DIGEST = bytes(range(32))


def test_a_link_belongs_to_somebody_and_is_there_once(peopled: Database) -> None:
    """The database itself refuses another."""
    peopled.add_link(DIGEST, user().id, NOW, at(60))

    with pytest.raises(IntegrityError, match="UNIQUE"):
        peopled.add_link(DIGEST, user(2).id, NOW, at(60))
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        peopled.add_link(bytes(32), "U9999999999", NOW, at(60))


def test_a_link_is_found_without_reading_everything(peopled: Database) -> None:
    """By an index at each step."""
    steps = plan(peopled, lambda database: database.link_user(DIGEST, NOW))

    assert steps
    assert [] == [step for step in steps if step.startswith("SCAN")]
