"""The grammar of keys, the same for every store, disks and buckets alike."""

import re
from typing import Final

KEY_LENGTH_MAX: Final = 200
"""Our longest key, that of a still in the year 9999, has 80 characters."""

_KEY: Final = re.compile(r"[0-9a-z_-][0-9a-z._-]*(?:/[0-9a-z_-][0-9a-z._-]*)+")


def is_key(text: str) -> bool:
    """Whether this is a key: two or more segments of `[0-9a-z._-]`, none beginning with a dot."""
    return len(text) <= KEY_LENGTH_MAX and bool(_KEY.fullmatch(text))


def check_key(text: str) -> None:
    """Raises ValueError for a text that is no key."""
    if not is_key(text):
        raise ValueError(f"{text!r} is no blob key")


def check_prefix(text: str) -> None:
    """Raises ValueError for a text that is no prefix of whole segments."""
    check_key(f"{text}/x")
