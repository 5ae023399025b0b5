"""How SQLite finds people by the names that others have for them."""

from collections.abc import Callable
from typing import Final

import pytest

from likeness.db import Database
from support.plans import plan
from support.rows import team, user

SOURCE: Final = "oidc:https://id.example.org"


@pytest.mark.parametrize(
    "look",
    [
        lambda database: database.identity(team().id, SOURCE, "x"),
        lambda database: database.identities_known(SOURCE, "x"),
        lambda database: database.identities_of(user().id),
    ],
    ids=["identity", "identities_known", "identities_of"],
)
def test_an_identity_is_found_without_reading_all(
    peopled: Database, look: Callable[[Database], object]
) -> None:
    """There are as many as people; teams are few."""
    steps = plan(peopled, look)

    assert steps
    assert [] == [step for step in steps if step.startswith("SCAN") and "teams" not in step]
