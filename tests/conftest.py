"""Fixtures that every kind of test may ask for, and the rule about skips in CI."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.live import LiveServer, Person, add_person

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One running service for all tests that leave it as they found it; rate limits off."""
    folder = tmp_path_factory.mktemp("service") / "data"
    with LiveServer(folder, {"RATE_LIMITS": "off"}) as live:
        yield live


@pytest.fixture
def person(server: LiveServer, request: pytest.FixtureRequest) -> Person:
    """Somebody new, with a token that may do everything ordinary."""
    name = "".join(character if character.isalnum() else "-" for character in request.node.name)
    return add_person(server, f"{name}@example.org")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of valid and hostile pictures that lies beside a development checkout."""
    if not CORPUS.is_dir():
        pytest.skip("../shared/corpus is not beside this checkout")
    return CORPUS


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where CI has installed everything, a skipped test is a failure with a misleading name."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
