"""Splits a digest into choices, so that the same digest gives the same picture. Pure."""

from collections.abc import Sequence
from typing import TypeVar

_Option = TypeVar("_Option")


class Traits:
    """The choices of one picture. Each uses up a part of the number, so that none sways the next.

    The order of the choices is part of a style: another order would give everybody a new picture.
    """

    def __init__(self, digest: str) -> None:
        """`digest`: hex digits in either case; 32 are worth 128 choices of one in two."""
        self._number = int(digest, 16)

    def pick(self, options: Sequence[_Option]) -> _Option:
        """One of the options, each as likely as the others."""
        return options[self.below(len(options))]

    def below(self, count: int) -> int:
        """A number from 0 to count - 1."""
        self._number, chosen = divmod(self._number, count)
        return chosen
