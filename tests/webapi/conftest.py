"""The Web API of a whole service in this process, for the files that test its methods."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.door import Door, door


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Door]:
    """The door to a service of its own."""
    async with door(tmp_path) as opened:
        yield opened
