"""Fixtures for pytest, which finds this file by itself where Likeness is installed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from likeness.double.client import Double, Person


@pytest.fixture(scope="session")
def likeness_settings() -> dict[str, str]:
    """Settings of the double; a conftest.py may have its own, such as {"frames_max": "2"}."""
    return {}


@pytest.fixture(scope="session")
def likeness_process(likeness_settings: dict[str, str]) -> "Iterator[Double]":
    """The one double of all tests."""
    # Every run of pytest imports this file, also those that start no double.
    from likeness.double.client import Double  # noqa: PLC0415 - see above

    with Double.start(likeness_settings) as double:
        yield double


@pytest.fixture
def likeness_double(likeness_process: "Double") -> "Double":
    """A double without calls or demands from the test before."""
    likeness_process.forget()
    return likeness_process


@pytest.fixture
def likeness_person(likeness_double: "Double") -> "Person":
    """Somebody new, with a token and without a photo."""
    return likeness_double.person()
