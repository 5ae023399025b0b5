"""Reads a JSON body as pairs of name and bytes, as if its members came in a form."""

import json
from typing import Any, Final

from likeness.errors import InvalidJson, JsonNotObject
from likeness.webapi.form import Pairs
from likeness.webapi.multipart import FIELD_LENGTH_MAX, PARTS_MAX

JSON_LENGTH_MAX: Final = 2 * FIELD_LENGTH_MAX
"""A parser of JSON keeps the interpreter lock to its end: 10 ms for the worst 128 KiB.

There is no picture in JSON, and a single text that is longer than a field may be in no form.
"""


class _Object(dict[str, Any]):
    """A JSON object that knows its members one by one, also those of one name."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs: Final = pairs


_KINDS: Final = {str: "string", list: "array", bool: "boolean", type(None): "null"}


def parse_json(body: bytes, charset: str = "utf-8") -> Pairs:
    """The members of a JSON object, also two of one name; those that are null are left out.

    `body` is in `charset`, texts come out in UTF-8.

    An empty body has no members. Raises InvalidJson for text that cannot be parsed, an object
    nested too deeply for the parser, and too many members; JsonNotObject for any other value.
    """
    if not body.strip():
        return []
    try:
        text = body if charset == "utf-8" else body.decode(charset)
        document = json.loads(text, object_pairs_hook=_Object)
        return _members(document)
    except (ValueError, RecursionError) as error:
        raise InvalidJson("the body was announced as JSON and is none") from error


def _members(document: Any) -> Pairs:
    if not isinstance(document, _Object):
        kind = _KINDS.get(type(document), "number")
        raise JsonNotObject(f"the body is a JSON {kind}; send an object, such as {{}}")
    number = len(document.pairs)
    if number > PARTS_MAX:
        raise InvalidJson(f"the object has {number} members; at most {PARTS_MAX} are allowed")
    return [(name, _as_text(value)) for name, value in document.pairs if value is not None]


def _as_text(value: Any) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", errors="replace")
