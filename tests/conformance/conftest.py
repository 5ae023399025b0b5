"""Servers and people that the conformance tests share, besides those of every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.live import LiveServer, add_person
from support.people import Cast, cast
from support.scenarios import Stage
from support.sitter import Sitter, sit


@pytest.fixture(scope="session")
def people(server: LiveServer) -> Cast:
    """One person in every state, on the shared server."""
    return cast(server)


@pytest.fixture(scope="session")
def cramped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with rate limits, one picture worker, no waiting room and little patience.

    It does what the real service was seen to do, where that is not what is written of it.
    """
    settings = {
        "PICTURE_WORKERS": "1",
        "PICTURE_QUEUE_MAX": "0",
        "REQUEST_TIMEOUT_S": "2",
        "FRAMES_MAX": "2",
        "CONTRACT": "observed",
    }
    folder: Path = tmp_path_factory.mktemp("cramped") / "data"
    with LiveServer(folder, settings) as live:
        yield live


@pytest.fixture(scope="session")
def stage(server: LiveServer, people: Cast, cramped: LiveServer) -> Stage:
    """Everything that scenarios play on."""
    return Stage(server, people, cramped, cast(cramped))


@pytest.fixture(scope="session")
def sitter(server: LiveServer) -> Sitter:
    """Somebody with a photo, on the shared server."""
    return sit(server, add_person(server, "sitter@example.org"))
