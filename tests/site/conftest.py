"""Visitors for tests of the parts of the site, and a real browser for those of the page."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from support.browser import HOME, Visitor, visitor
from support.live import LiveServer
from support.node import installed
from support.provider import install, provider
from support.screen import PROGRAM, Visit, chromium, somebody, visit

AXE_SOURCES = Path(__file__).parent / "axe"

OpenPage = Callable[..., Visit]


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody who is not signed in yet."""
    async with visitor(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def provider_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OpenID Connect provider, installed."""
    return install(tmp_path_factory.mktemp("provider") / "provider")


@pytest.fixture(scope="module")
def issuer(provider_folder: Path) -> Iterator[str]:
    """A running provider, which sends visitors back to the page of `browser`."""
    # Importing it takes 0.2 s, which tests without a provider save.
    from likeness.site.single_sign_on import CALLBACK_PATH  # noqa: PLC0415 - see above

    with provider(provider_folder, HOME + CALLBACK_PATH) as running:
        yield running


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """Chromium. It ends with the file, since its event loop bars others from the thread."""
    if not Path(PROGRAM).exists():
        pytest.skip("chromium is not installed")
    with chromium() as started:
        yield started


@pytest.fixture
def open_page(
    chrome: Browser, server: LiveServer, request: pytest.FixtureRequest
) -> Iterator[OpenPage]:
    """Opens the page as somebody new; twice in a test it is the same person."""
    person = somebody(server, request.node.name)
    seen: list[Visit] = []

    def opened(**options: Any) -> Visit:
        seen.append(visit(chrome, server, person, **options))
        return seen[-1]

    yield opened
    for one in seen:
        one.check()
        one.page.context.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core, exactly that of the lock file."""
    folder = installed(AXE_SOURCES, tmp_path_factory.mktemp("axe") / "axe")
    return (folder / "node_modules/axe-core/axe.min.js").read_text()
