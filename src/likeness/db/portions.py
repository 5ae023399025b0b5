"""Splits values into batches, since one SQL statement takes a bounded number of parameters."""

from collections.abc import Collection, Iterator
from typing import Final, TypeVar

VALUES_MAX: Final = 500
"""SQLite takes 32 766 parameters and older builds 999; this is below both."""

V = TypeVar("V", str, int)


def portions(values: Collection[V]) -> Iterator[list[V]]:
    """The values in ascending order, at most `VALUES_MAX` at a time."""
    ordered = sorted(values)
    for start in range(0, len(ordered), VALUES_MAX):
        yield ordered[start : start + VALUES_MAX]
