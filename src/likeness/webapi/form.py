"""A parsed request: arguments, token and warnings; and the rules about names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from likeness.errors import InvalidArgName, InvalidArrayArg, InvalidFormData
from likeness.model import Secret

NAME_LENGTH_MAX: Final = 255
"""Slack publishes no limit here; 255 is the one it documents for field names (contract § 1.8)."""

SINGLE: Final = frozenset({"token", "image", "id", "user", "crop_x", "crop_y", "crop_w"})
"""Arguments that must not come twice: two readers could take two different ones for true."""

UPLOAD: Final = "image"
"""The argument that is a file."""

_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
_ARRAY: Final = re.compile(r"[A-Za-z0-9_]*(?:\[[^\[\]]*\])+")
_SHOWN_LENGTH: Final = 40

Pairs = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Form:
    """A request that could be read. `values` are bytes; texts among them are in UTF-8.

    `query_token` is one in the query string, which does not count as `token`.
    """

    values: dict[str, bytes] = field(repr=False)
    token: Secret | None
    query_token: Secret | None = None
    warnings: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """The bytes of all values together."""
        return sum(map(len, self.values.values()))

    def texts(self) -> dict[str, str]:
        """Every argument as text, the token left out."""
        return {
            name: value.decode("utf-8", errors="replace") for name, value in self.values.items()
        }


def in_utf_8(pairs: Pairs, charset: str) -> Pairs:
    """Fields that were sent in another charset, but for the picture, which is in none."""
    return [
        (name, value if name == UPLOAD else value.decode(charset, errors="replace").encode())
        for name, value in pairs
    ]


def check_names(names: Iterable[str]) -> None:
    """Raises InvalidArgName for the first indecent name, then InvalidArrayArg for a PHP array."""
    arrays = []
    for name in names:
        if len(name) <= NAME_LENGTH_MAX and _NAME.fullmatch(name):
            continue
        if len(name) > NAME_LENGTH_MAX or not _ARRAY.fullmatch(name):
            raise InvalidArgName(
                f"the name {name[:_SHOWN_LENGTH]!r} has {len(name)} characters; names are made of "
                f"1 to {NAME_LENGTH_MAX} letters, digits and _"
            )
        arrays.append(name)
    if arrays:
        raise InvalidArrayArg(
            f"the name {arrays[0][:_SHOWN_LENGTH]!r} is that of an array element; "
            "every argument is a single value"
        )


def check_single(pairs: Pairs) -> None:
    """Raises InvalidFormData when an argument that decides something comes twice."""
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen and name in SINGLE:
            raise InvalidFormData(f"{name} is there twice; send it once", argument=name)
        seen.add(name)
