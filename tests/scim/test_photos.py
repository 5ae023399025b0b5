"""Which of the pictures counts that a directory says, and what it is shown again."""

from typing import Any, Final

import pytest

from likeness.scim.photos import Told, shown, told_of
from likeness.scim.schema import Photo

OURS: Final = "https://photos.example.com"
OWN: Final = f"{OURS}/avatars/2026-11-29/123456789012_0123456789abcdef0123_512.jpg"
THEIRS: Final = "https://id.example.org/ada.jpg"
DATA: Final = "data:image/png;base64,AAAA"


def photos(*said: dict[str, Any]) -> list[Photo]:
    """An attribute as it is sent."""
    return [Photo.model_validate(each) for each in said]


@pytest.mark.parametrize("said", [None, [], [{"type": "thumbnail"}], [{"value": ""}]])
def test_one_without_a_value_is_none(said: list[dict[str, Any]] | None) -> None:
    """As is left where a path took the value alone away."""
    given = None if said is None else photos(*said)

    assert told_of(given, OURS) == Told(None, False, None)


def test_the_primary_one_counts_or_else_the_first() -> None:
    """As with Slack; all are shown again."""
    two = photos({"value": DATA}, {"value": THEIRS, "primary": True})
    assert told_of(two, OURS) == Told(THEIRS, False, two[1:])
    assert told_of(photos({"value": THEIRS}, {"value": DATA}), OURS).url == THEIRS


def test_what_is_ours_changes_nothing_and_is_not_kept() -> None:
    """A path below ours that is no photo's is another URL."""
    assert told_of(photos({"value": OWN}), OURS) == Told(OWN, True, None)
    other = told_of(photos({"value": f"{OURS}/avatar/x"}), OURS)
    assert (other.is_ours, other.kept) == (False, photos({"value": f"{OURS}/avatar/x"}))


def test_pictures_within_are_not_kept() -> None:
    """They are megabytes; our own URL is shown in their place."""
    assert told_of(photos({"value": DATA}), OURS) == Told(DATA, False, None)
    [own] = shown(OWN)
    assert (str(own.value), own.primary) == (OWN, True)
