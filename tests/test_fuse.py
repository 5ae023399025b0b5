"""When so much would end at once that nobody should believe it."""

import pytest

from likeness.fuse import holds


@pytest.mark.parametrize(
    ("count", "total", "expected"),
    [(10, 10, False), (11, 11, True), (11, 109, True), (11, 110, False), (0, 0, False)],
)
def test_more_than_ten_people_and_more_than_ten_percent(
    count: int, total: int, *, expected: bool
) -> None:
    """Small workspaces change as a whole, and large ones always lose somebody."""
    assert holds(count, total) is expected
