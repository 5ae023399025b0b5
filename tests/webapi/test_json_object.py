"""JSON bodies: members are arguments, and what is none is said in plain words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import InvalidJson, JsonNotObject
from likeness.webapi.json_object import JSON_LENGTH_MAX, parse_json
from likeness.webapi.multipart import PARTS_MAX


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        (b"", []),
        (b" \r\n", []),
        (b"{}", []),
        (b'{"a": "x", "b": null, "c": ""}', [("a", b"x"), ("c", b"")]),
        (
            b'{"a": 1, "b": true, "c": [1], "d": {"e": 1.5}}',
            [("a", b"1"), ("b", b"true"), ("c", b"[1]"), ("d", b'{"e": 1.5}')],
        ),
        (b'{"a": "\\ud800"}', [("a", b"?")]),
        (b'{"a": 1, "a": 2}', [("a", b"1"), ("a", b"2")]),
    ],
)
def test_members_are_pairs(body: bytes, pairs: list[tuple[str, bytes]]) -> None:
    assert parse_json(body) == pairs


@given(st.dictionaries(st.text(), st.text(), max_size=PARTS_MAX))
def test_texts_survive(values: dict[str, str]) -> None:
    pairs = dict(parse_json(json.dumps(values).encode()))
    assert pairs == {name: text.encode(errors="replace") for name, text in values.items()}


@given(st.binary())
def test_any_bytes_are_pairs_or_a_refusal(body: bytes) -> None:
    try:
        assert isinstance(parse_json(body), list)
    except (InvalidJson, JsonNotObject):
        return


@pytest.mark.parametrize("body", [b"{", b"\xff", b"nul", b'{"a": ' + b"1" * 5000 + b"}"])
def test_what_cannot_be_parsed_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidJson, match="announced as JSON and is none"):
        parse_json(body)


@pytest.mark.parametrize("depth", [*range(900, 1010), 60_000])
def test_no_depth_is_more_than_a_refusal(depth: int) -> None:
    """Wherever the parser, and what writes the value as text again, end."""
    try:
        assert parse_json(b'{"a":' + b"[" * depth + b"]" * depth + b"}")
    except InvalidJson:
        return


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"1", "number"),
        (b"1.5", "number"),
        (b"[]", "array"),
        (b'"x"', "string"),
        (b"true", "boolean"),
        (b"null", "null"),
    ],
)
def test_another_value_is_named_as_json_names_it(body: bytes, kind: str) -> None:
    with pytest.raises(JsonNotObject) as caught:
        parse_json(body)
    assert caught.value.message == f"the body is a JSON {kind}; send an object, such as {{}}"


def test_members_are_counted() -> None:
    """As the parts of a form are, null or not."""
    members = {f"n{number}": None for number in range(PARTS_MAX)}
    assert parse_json(json.dumps(members).encode()) == []
    with pytest.raises(InvalidJson, match=f"33 members; at most {PARTS_MAX} are allowed"):
        parse_json(json.dumps(members | {"one": 1}).encode())


def test_there_is_room_for_two_long_texts() -> None:
    """So long as fields of a form may be, which quotes and braces do not count for."""
    assert JSON_LENGTH_MAX == 2 * 64 * 1024
