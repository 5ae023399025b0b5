"""Showing: how long copies live, and in which sizes there are any."""

from datetime import timedelta

import pytest

from likeness.config import load
from likeness.errors import UnusableSettings


def test_a_copy_lives_as_long_as_one_says() -> None:
    """In words, or not at all."""
    assert load({}).photo_max_age == timedelta(minutes=5)
    assert load({"LIKENESS_PHOTO_MAX_AGE": "1h"}).photo_max_age == timedelta(hours=1)
    assert load({"LIKENESS_PHOTO_MAX_AGE": "0s"}).photo_max_age == timedelta()


@pytest.mark.parametrize("text", ["31d", "-1s", "5"])
def test_a_copy_that_would_never_end_is_a_mistake(text: str) -> None:
    """Nobody could take a photo back that others show for a year."""
    with pytest.raises(UnusableSettings, match="LIKENESS_PHOTO_MAX_AGE: "):
        load({"LIKENESS_PHOTO_MAX_AGE": text})


def test_sides_are_told_once_each_from_the_smallest() -> None:
    """However they are written."""
    assert load({"LIKENESS_AVATAR_SIDES": "512, 48,512"}).avatar_sides == (48, 512)
