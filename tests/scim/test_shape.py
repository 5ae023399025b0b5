"""Bounds on the JSON of requests."""

from typing import Any

import pytest

from likeness.scim.shape import DEPTH_MAX, TEXT_LENGTH_MAX, VALUES_MAX, lost_key, why_not


def nested(depth: int) -> Any:
    """Lists within each other."""
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        None,
        "x" * TEXT_LENGTH_MAX,
        "data:image/png;base64," + "A" * (TEXT_LENGTH_MAX * 100),
        nested(DEPTH_MAX),
        ["x"] * VALUES_MAX,
        {"a": {"b": [1, 2, {"c": None}]}},
    ],
)
def test_what_directories_send_is_taken(value: Any) -> None:
    """Up to the bound; a picture may be long."""
    assert why_not(value) == ""


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("x" * (TEXT_LENGTH_MAX + 1), "16385 characters"),
        ({"x" * (TEXT_LENGTH_MAX + 1): 1}, "16385 characters"),
        (nested(DEPTH_MAX + 1), "within each other"),
        (["x"] * (VALUES_MAX + 1), "more than 2000 values"),
        ({str(number): {} for number in range(VALUES_MAX)}, "more than 2000 values"),
    ],
)
def test_what_is_too_much_is_said(value: Any, reason: str) -> None:
    """Before a model or a PATCH makes more of it."""
    assert reason in why_not(value)


def test_a_filter_among_keys_is_told() -> None:
    """It would change nothing; in a path it is right."""
    key = 'emails[type eq "work"].value'

    assert lost_key({"Operations": [{"op": "add", "value": {"active": True, key: "x"}}]}) == key
    fine: list[Any] = [
        {"Operations": [{"op": "add", "path": key, "value": "x"}]},
        {"Operations": [{"op": "add", "value": {"name.givenName": "Ada"}}, "x"]},
        {"Operations": {"value": {key: 1}}},
        [],
    ]
    assert [lost_key(each) for each in fine] == [""] * len(fine)
