"""A double in this process, and what talks to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from likeness.cli.double import DEFAULTS, WORKSPACE, _front
from likeness.server.draining import Draining
from support.doubles import DoubleDoor
from support.studio import studio


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[DoubleDoor]:
    """A double without a socket."""
    async with studio(tmp_path, **DEFAULTS) as work:
        await work.service.people.add_team(WORKSPACE)
        transport = httpx.ASGITransport(_front(work.service, Draining()))
        async with httpx.AsyncClient(transport=transport, base_url="http://double") as client:
            yield DoubleDoor(client)
