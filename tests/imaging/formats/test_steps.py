"""The budget of steps: what takes one, what is free, and how it ends."""

import pytest

from likeness.errors import BadImage
from likeness.imaging.formats.steps import FREE_LENGTH, STEPS_MAX, Steps


def test_a_short_part_is_a_step_and_a_long_one_is_free() -> None:
    """A long one has paid by its bytes."""
    steps = Steps()

    for length in (0, 1, FREE_LENGTH - 1, FREE_LENGTH, 2**30):
        steps.over(length)

    assert steps.taken == 3


def test_steps_end_where_the_budget_does() -> None:
    """The last one may be taken, the next one may not; the refusal says what is allowed."""
    steps = Steps()
    steps.take(STEPS_MAX - 1)
    steps.over(0)
    assert not steps.are_spent

    with pytest.raises(BadImage) as caught:
        steps.over(0)

    assert steps.are_spent
    assert f"more than {STEPS_MAX} parts" in caught.value.message
    assert f"at most {STEPS_MAX} are allowed" in caught.value.message
    assert caught.value.argument == "image"


def test_many_steps_may_be_taken_at_once() -> None:
    """For what is counted before it is walked."""
    with pytest.raises(BadImage):
        Steps(10).take(11)
