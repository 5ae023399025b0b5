"""What was called, for tests to look at afterwards."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Final

from likeness.webapi.form import UPLOAD, Form

CALLS_MAX: Final = 1000
"""The newest are kept; each has less than 300 KiB of arguments."""


@dataclass(frozen=True, slots=True)
class Image:
    """The picture of a call: its bytes are counted and digested, not kept."""

    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call, and its answer.

    `arguments` are those beside the picture and the token, `who` is the address of the token's
    owner, "" where there is none. `is_demanded` says that the answer was demanded by a test.
    """

    method: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    image: Image | None = None
    who: str = ""
    status: int = 0
    error: str = ""
    is_demanded: bool = False


class Calls:
    """The newest calls, in the order in which they were answered."""

    def __init__(self) -> None:
        self._kept = deque[Call](maxlen=CALLS_MAX)

    def add(self, call: Call) -> None:
        """Keep one; the oldest goes where there are too many."""
        self._kept.append(call)

    def documents(self, method: str = "") -> list[dict[str, Any]]:
        """Those of a method, or all of them, as a test reads them."""
        return [asdict(call) for call in self._kept if method in {"", call.method}]

    def forget(self) -> None:
        """Begin anew."""
        self._kept.clear()


def image_of(form: Form) -> Image | None:
    """The picture in a form, if there is one."""
    data = form.values.get(UPLOAD)
    return None if data is None else Image(len(data), sha256(data).hexdigest())


def arguments_of(form: Form) -> dict[str, str]:
    """The other arguments, as texts."""
    return {name: text for name, text in form.texts().items() if name != UPLOAD}


def error_in(body: bytes) -> str:
    """The error of an answer, "" where there is none."""
    try:
        return str(json.loads(body).get("error", ""))
    except (ValueError, AttributeError):
        return ""
