"""Fixtures that every kind of test may ask for, and the rule about skips in CI.

Each fixture imports what it needs by itself: all of it together takes two seconds, which a test of
a few lines need not wait for.
"""

import gc
import os
import signal
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from support.shared_corpus import SHARED, SHARED_IS_ABSENT

if TYPE_CHECKING:
    from likeness.enrolling import Enrolling
    from likeness.model import Team
    from support.live import LiveServer, Person
    from support.postgres import PostgresServer
    from support.provider_stage import Stage
    from support.stores import Store
    from support.studio import Studio

NODE_SOURCES = Path(__file__).parent / "conformance" / "node"

# How long an example takes says more about the machine than about us.
settings.register_profile("likeness", deadline=None)
settings.load_profile("likeness")

# What a shell runs in the background ignores Ctrl-C, and so would every process of a test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def anyio_backend() -> str:
    """The server runs asyncio, so that is what counts."""
    return "asyncio"


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator["Studio"]:
    """A fresh service in this process, with two people in the workspace Acme."""
    from support.studio import studio

    async with studio(tmp_path) as fresh:
        yield fresh


@pytest.fixture
def enrolling(work: "Studio") -> "Enrolling":
    """The use case by which directories bring people and photos in, of that service."""
    return work.service.enrolling


@pytest.fixture
async def team(work: "Studio") -> "Team":
    """The workspace of Ada and Bob."""
    return await work.service.people.team()


@pytest.fixture
async def stage_for(work: "Studio", tmp_path: Path) -> AsyncIterator[Callable[..., "Stage"]]:
    """Makes a stage for photos of a provider's people, with the hosts that the settings name."""
    from support.provider_stage import provider_stage

    async with provider_stage(work, tmp_path / "host") as make:
        yield make


@pytest.fixture
def stage(stage_for: Callable[..., "Stage"]) -> "Stage":
    """With one host that may be asked, where Ada has a photo."""
    from support.pictures import jpeg
    from support.provider_stage import PHOTOS

    made = stage_for(PHOTOS)
    made.host.answer("/ada", jpeg(600, 600))
    return made


@pytest.fixture
def public_path() -> Iterator[Path]:
    """As `tmp_path`, but everybody may pass it: for what other users do."""
    from support.users import public_folder

    with public_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def server_of() -> Iterator[Callable[[str], "PostgresServer"]]:
    """Gives the running PostgreSQL of a source, which is started when it is first asked for."""
    from support.postgres import postgres_server

    with ExitStack() as running:

        @cache
        def server(source: str) -> "PostgresServer":
            return running.enter_context(postgres_server(source))

        yield server


@pytest.fixture(scope="session")
def store_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], "Store"]]:
    """Gives the running store of a name; started when it is first asked for."""
    from support.azure import Azurite
    from support.ceph import Ceph
    from support.swift import Swift

    kinds: dict[str, Callable[[Path], Store]] = {"swift": Swift, "ceph": Ceph, "azurite": Azurite}
    with ExitStack() as running:

        @cache
        def store(name: str) -> "Store":
            started = kinds[name](tmp_path_factory.mktemp(name))
            running.callback(started.servers.kill)
            started.start()
            return started

        yield store


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["LiveServer"]:
    """One running service for all tests that leave it as they found it; rate limits off."""
    from support.live import LiveServer

    folder = tmp_path_factory.mktemp("service") / "data"
    with LiveServer(folder, {"RATE_LIMITS": "off"}) as live:
        yield live


@pytest.fixture
def person(server: "LiveServer", request: pytest.FixtureRequest) -> "Person":
    """Somebody new, with a token that may do everything ordinary."""
    from support.live import add_person

    name = "".join(character if character.isalnum() else "-" for character in request.node.name)
    return add_person(server, f"{name}@example.org")


@pytest.fixture(scope="session")
def made_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of valid and hostile pictures that our own code makes, on any machine."""
    from support.corpus import write_corpus

    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def shared_corpus() -> Path:
    """The one of other projects' files, which lies beside some checkouts."""
    if not SHARED.is_dir():
        pytest.skip(SHARED_IS_ABSENT)
    return SHARED


@pytest.fixture(scope="session", params=["made", "shared"])
def corpus(request: pytest.FixtureRequest) -> Path:
    """Either of them in turn: a test that asks for this runs with both."""
    folder: Path = request.getfixturevalue(f"{request.param}_corpus")
    return folder


@pytest.fixture(scope="session")
def corpus_at_hand(request: pytest.FixtureRequest) -> Path:
    """The shared one where it is, else our own: for tests too long to be run with both."""
    name = "shared_corpus" if SHARED.is_dir() else "made_corpus"
    folder: Path = request.getfixturevalue(name)
    return folder


@pytest.fixture(scope="session")
def node_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Slack's Node client in two versions, exactly those of the lock file."""
    from support.node import installed

    return installed(NODE_SOURCES, tmp_path_factory.mktemp("node") / "driver")


@pytest.fixture(scope="session")
def node_modules(node_driver: Path) -> Path:
    """The packages of `node_driver`, for scripts that stand elsewhere."""
    return node_driver / "node_modules"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave what has been imported and collected out of every later search for garbage.

    It is a million objects that stay to the end, and to look through them takes half a second.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where CI has installed everything, a skipped test is a failure with a misleading name.

    But for what needs the shared corpus, which nobody can install: its files belong to others.
    """
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    avoidable = [each for each in skipped if not is_unavoidable(str(each.longrepr[2]))]
    if os.environ.get("CI") == "true" and avoidable:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say at the end what was left out, and how it is run too."""
    stats = terminalreporter.stats
    # With several processes only they know of what they left out.
    slow = None if config.getoption("numprocesses", None) else len(stats.get("deselected", []))
    expression = config.getoption("markexpr")
    for line in left_out(len(stats.get("skipped", [])), slow, expression):
        terminalreporter.write_line(line)


def left_out(skipped: int, slow: int | None, expression: str) -> list[str]:
    """What a run by `-m expression` left out, in words; `slow` is None where nobody knows."""
    lines = []
    if skipped:
        lines.append(f"{skipped} skipped, for the reasons above; .ci/run installs what is missing")
    if expression == "not slow" and slow != 0:
        lines.append(
            f"{'the' if slow is None else slow} slow ones were left out; -m slow runs them"
        )
    return lines


def is_unavoidable(reason: str) -> bool:
    """Whether a skip is only for the shared corpus, and this machine really has none."""
    return reason.endswith(SHARED_IS_ABSENT) and not SHARED.is_dir()
