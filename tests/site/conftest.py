"""The page of a whole service in this process, for the files that test its parts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.browser import Visitor, visitor
from support.provider import install


@pytest.fixture
def anyio_backend() -> str:
    """Granian runs asyncio, so that is what counts."""
    return "asyncio"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody who is not signed in yet."""
    async with visitor(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def provider_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OpenID Connect provider, installed."""
    return install(tmp_path_factory.mktemp("provider") / "provider")
