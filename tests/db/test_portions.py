"""Values a portion at a time."""

import pytest

from likeness.db.portions import VALUES_MAX, portions


@pytest.mark.parametrize("count", [0, 1, VALUES_MAX, VALUES_MAX + 1, 3 * VALUES_MAX])
def test_every_value_is_in_one_portion(count: int) -> None:
    """In their order, whatever that was before; no portion is empty or too long."""
    found = list(portions(range(count - 1, -1, -1)))

    assert [value for some in found for value in some] == list(range(count))
    assert all(0 < len(some) <= VALUES_MAX for some in found)


def test_texts_are_values_too() -> None:
    """As ids of users are."""
    assert list(portions({"b", "a"})) == [["a", "b"]]
