"""The list of names is that of the kinds."""

from likeness.targets.kinds import KINDS
from likeness.targets.names import KIND_NAMES


def test_each_name_is_that_of_a_kind() -> None:
    assert tuple(KINDS) == KIND_NAMES
