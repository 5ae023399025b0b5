"""What a form has sent, as the site sees it; whoever builds the site says how it is read."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from starlette.requests import Request

from likeness.model import Secret


class PostedForm(Protocol):
    """Fields as bytes, by their names; the field `token` stands apart."""

    @property
    def values(self) -> Mapping[str, bytes]:
        """Every field but the token."""

    @property
    def token(self) -> Secret | None:
        """The session that the form was made for."""


ReadForm = Callable[[Request, int], AbstractAsyncContextManager[PostedForm]]
"""Reads a request with a file of at most so many bytes, within limits of length and time.

Raises the refusals of the Web API, which reads its requests in the same way.
"""


def text(form: PostedForm, name: str) -> str:
    """A field as text; "" when it is not there."""
    return form.values.get(name, b"").decode("utf-8", errors="replace")
