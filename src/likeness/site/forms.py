"""The fields of a form; the parser is handed to the site when it is built."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from starlette.requests import Request

from likeness.model import Caller, Secret

NO_FILE: Final = 0
"""The greatest length of a file in a form that has none."""


class PostedForm(Protocol):
    """Fields as bytes, by their names; the field `token` stands apart."""

    @property
    def values(self) -> Mapping[str, bytes]:
        """Every field but the token."""

    @property
    def token(self) -> Secret | None:
        """The session that the form was made for."""


class Forms(Protocol):
    """How forms are read, within limits of length and time.

    Both raise the refusals of the Web API, which reads its requests in the same way.
    """

    def read_form(
        self, request: Request, upload_length_max: int, sender: Caller | None
    ) -> AbstractAsyncContextManager[PostedForm]:
        """A form with a file of at most so many bytes, which count as held by its sender."""

    async def discard(self, request: Request, upload_length_max: int) -> None:
        """Read such a form away that cannot be used, without keeping or parsing it."""


def text(form: PostedForm, name: str) -> str:
    """A field as text; "" when it is not there."""
    return form.values.get(name, b"").decode("utf-8", errors="replace")
