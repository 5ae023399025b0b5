"""A service with a directory that may come in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.scim import Directory, directory


@pytest.fixture
async def scim(tmp_path: Path) -> AsyncIterator[Directory]:
    """Over SQLite, without a socket."""
    async with directory(tmp_path / "data") as opened:
        yield opened
