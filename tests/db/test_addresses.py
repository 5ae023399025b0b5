"""How SQLite finds people by a digest."""

from hashlib import sha256

import pytest

from likeness.db import Database
from support.plans import plan, reads
from support.rows import user


@pytest.mark.parametrize("text", [user().email, "nobody@example.org"])
def test_a_face_is_found_by_one_statement_and_an_index_at_each_step(
    peopled: Database, text: str
) -> None:
    """Known or not, so that the time tells nothing either."""

    def look(database: Database) -> None:
        database.listed(sha256(text.encode()).digest())

    steps = plan(peopled, look)

    assert 1 == len(reads(peopled, look))
    assert [step for step in steps if step.startswith("SCAN")] == []
    assert steps[0].startswith("SEARCH digests")
