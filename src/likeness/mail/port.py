"""The port of mail: a letter, what sends one, and how that fails."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in plain text to one address. Its text may have a code in it."""

    to: str
    subject: str
    text: str = field(repr=False)


class Undelivered(Exception):
    """A letter was not taken. The reason is for operators, and has no address and no code in it.

    `is_final` says that it is no use to send it again.
    """

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Mailer(Protocol):
    """Hands letters to a server that takes them to their readers."""

    async def send(self, letter: Letter) -> None:
        """Return when the server has taken it on. Raises Undelivered, within a bounded time."""
