"""Bounds on the JSON of a request, before anybody makes sense of it. Pure."""

from typing import Any, Final

DEPTH_MAX: Final = 10
"""Objects and lists within each other; a request of a directory has five."""

VALUES_MAX: Final = 2000
"""Values in all: a person has thirty, and a change by PATCH as many as somebody puts in one."""

TEXT_LENGTH_MAX: Final = 16 * 1024
"""Characters of a text that is no picture."""

PICTURE: Final = "data:image/"
"""How a text begins that is one."""


def why_not(value: Any) -> str:
    """Why a JSON value is too much; "" where it is not."""
    count, depth, level = 0, 0, [value]
    while level:
        if depth > DEPTH_MAX:
            return f"more than {DEPTH_MAX} objects and lists are within each other"
        for each in level:
            if isinstance(each, str) and len(each) > TEXT_LENGTH_MAX and not _is_picture(each):
                return f"a text has {len(each)} characters, of at most {TEXT_LENGTH_MAX}"
        level = [inner for each in level for inner in _within(each)]
        count, depth = count + len(level), depth + 1
        if count > VALUES_MAX:
            return f"there are more than {VALUES_MAX} values in it"
    return ""


def lost_key(value: Any) -> str:
    """A key of a PATCH that changes nothing: one with a filter in a value, "" for none.

    With a filter it has to stand in `path`; in a value it would be dropped, and nobody told.
    """
    operations = value.get("Operations") if isinstance(value, dict) else None
    for operation in operations if isinstance(operations, list) else []:
        said = operation.get("value") if isinstance(operation, dict) else None
        for key in said if isinstance(said, dict) else {}:
            if "[" in key:
                return str(key)
    return ""


def _within(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _is_picture(text: str) -> bool:
    return text.startswith(PICTURE)
